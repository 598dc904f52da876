"""What two transactions do at the same moment, and what a suspension finds half-way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from paraph.accounts import throttle
from paraph.accounts.confirm import mark_confirmed
from paraph.kit.caller import Client
from tests.helpers.accounts import PASSWORD, fresh_address, make_person, sign_up, submit
from tests.helpers.apps import make_app, suspend
from tests.helpers.requests import accepted, mails_to, post_send

if TYPE_CHECKING:
    from paraph.kit.db import WriteTx
    from tests.harness import Server

HERE = Client("127.0.0.1", "")
UNDER_WAY_SECONDS = 2


def test_a_request_made_ready_while_its_sender_confirms_is_sent(server: Server) -> None:
    """Neither sees the other's half: ready and on hold here, nothing to release there, and so on hold for ever."""
    sender = make_person(server, confirmed=False)
    sent = accepted(post_send(server.api(sender.api_key)))

    def confirm(tx: WriteTx) -> None:
        mark_confirmed(tx, sender.pk, HERE, kit=server.kit)
        if server.kit.db.name == "postgresql":
            tx.execute(text(f"SELECT pg_sleep({UNDER_WAY_SECONDS})"))

    async def both() -> None:
        await asyncio.gather(server.kit.db.write(confirm), server.runner.run_due())

    server.call(both())
    server.run_jobs()
    request = server.api(sender.api_key).get(f"/v3/signature_request/{sent.id}").json()["signature_request"]
    assert [one["status_code"] for one in request["signatures"]] == ["awaiting_signature"]
    assert mails_to(server, "jack@example.com")


def test_what_a_suspended_app_has_not_sent_is_not_sent(server: Server) -> None:
    sender = make_person(server)
    client = server.api(sender.api_key)
    app = make_app(client)
    sent = accepted(post_send(client, client_id=app.client_id))
    suspend(server, app.client_id)
    server.run_jobs()
    assert client.get(f"/v3/signature_request/{sent.id}").status_code == 410
    assert not mails_to(server, "jack@example.com")
    assert any("has been suspended on this server" in mail.text for mail in mails_to(server, sender.email))


def test_two_people_who_want_one_address_at_once(server: Server) -> None:
    """The address was free when the link was mailed; somebody signed up with it before the link was used."""
    wanted, one = fresh_address("wanted"), make_person(server)
    browser = server.client()
    submit(browser, "/login", email=one.email, password=PASSWORD)
    assert submit(browser, "/settings/email", email=wanted, password=PASSWORD).status_code == 303
    link = next(word for word in mails_to(server, wanted)[-1].text.split() if "/confirm/" in word)
    sign_up(server, email=wanted)
    path = link.removeprefix(server.kit.settings.public_url)
    assert submit(browser, path).status_code == 409
    assert server.api(one.api_key).get("/v3/account").json()["account"]["email_address"] == one.email


def test_sign_up_tells_of_no_more_addresses_than_it_makes_accounts(
    lite: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "SIGN_UPS_PER_HOUR", 3)
    known = make_person(lite)
    tries = [submit(lite.client(), "/signup", name="Eve", email=known.email, password=PASSWORD) for _ in range(5)]
    assert [answer.status_code for answer in tries] == [400, 400, 400, 429, 429]


def test_account_create_tells_of_no_more_addresses_than_it_makes_accounts(lite: Server) -> None:
    known, caller = make_person(lite), make_person(lite)
    client = lite.api(caller.api_key)
    answers = [client.post("/v3/account/create", json={"email_address": known.email}) for _ in range(62)]
    assert {answer.status_code for answer in answers[:60]} == {400}
    assert [answer.status_code for answer in answers[60:]] == [429, 429]
