"""The mail server is away or refuses for now: sending works, the mail waits, and goes out once it is back."""

from __future__ import annotations

from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import select

from paraph.kit.queue import jobs
from tests.harness import Server, free_port, running_server
from tests.helpers.accounts import make_person
from tests.helpers.requests import accepted, get, post_send

TO = "signer@example.com"


class Postbox:
    """Takes mail; before that it refuses as often as it is told to."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.taken: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        self.taken.append(str(message_from_bytes(envelope.content)["To"]))
        return "250 taken"


def test_a_mail_server_that_is_away_and_then_refuses_loses_no_mail(tmp_path: Path) -> None:
    port, box = free_port(), Postbox(refusals=2)
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    with running_server(tmp_path / "data", **smtp) as server:
        api = server.api(make_person(server).api_key)
        sent = accepted(post_send(api, signers=[{"name": "Jo", "email_address": TO}]))
        for _ in range(50):  # far more often than any mail is tried that a server refuses
            server.run_jobs()
            server.move(600)
        assert get(api, sent)["signatures"][0]["status_code"] == "awaiting_signature"
        assert waiting(server) == [("mail_server", None)]
        door = Controller(box, hostname="127.0.0.1", port=port)
        door.start()
        try:
            for _ in range(6):
                server.move(3600)
                server.run_jobs()
        finally:
            door.stop()
        assert box.taken == [TO]
        assert waiting(server) == []


def waiting(server: Server) -> list[tuple[str | None, int | None]]:
    """What the mails that are not sent wait for, and when they were given up."""
    columns = select(jobs.c.waits_for, jobs.c.failed_at).where(jobs.c.name == "mail.deliver")
    return [(row.waits_for, row.failed_at) for row in server.read(lambda tx: tx.all(columns))]
