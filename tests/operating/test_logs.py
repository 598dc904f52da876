"""What is logged: one line a request and a job, tied together by an id; never what people wrote or keep secret."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from paraph.kit import log as kit_log
from paraph.kit import origin
from paraph.kit.log import blotted, log, log_failure
from paraph.kit.mail import Mail, send_mail
from tests.harness import Server, free_port, running_server
from tests.helpers import requests
from tests.helpers.accounts import PASSWORD, log_in, make_person
from tests.helpers.oauth import make_world
from tests.kit.test_mail import postbox


@contextmanager
def heard(shape: str = "json", level: str = "debug") -> Iterator[io.StringIO]:
    """Everything that is logged within the block, as it would stand in the log."""
    root, ours = logging.getLogger(), logging.getLogger("paraph")
    before = (root.handlers[:], root.level, ours.handlers[:], ours.level, ours.propagate, kit_log._own)
    stream = io.StringIO()
    with redirect_stderr(stream):
        kit_log.set_up_logging(shape, level)  # type: ignore[arg-type]
    try:
        yield stream
    finally:
        root.handlers[:], ours.handlers[:], ours.propagate, kit_log._own = before[0], before[2], before[4], before[5]
        root.setLevel(before[1])
        ours.setLevel(before[3])


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """The log of a whole life, troubles included, at its most talkative; and all that must not stand in it."""
    secrets = [PASSWORD, "Contract with Wayne Enterprises", "Jack Unusual", "jack.unusual@example.com"]
    signer = {"name": "Jack Unusual", "email_address": "jack.unusual@example.com", "pin": "48151623"}
    with heard() as stream, running_server(tmp_path_factory.mktemp("life")) as server:
        world = make_world(server)
        tokens = world.connect()
        browser = log_in(server, world.owner)
        secrets += [world.owner.api_key, world.owner.email, world.user.email, world.app.secret, "48151623"]
        secrets += [tokens.access_token, tokens.refresh_token, browser.cookies["paraph_session"]]
        world.refresh(tokens.refresh_token)
        world.call("at_wrong_token_0123456789abcdef0123456789")
        api = server.api(world.owner.api_key)
        title = "Contract with Wayne Enterprises"
        sent = requests.send(server, api, title=title, signers=[signer], message="Hush hush")
        plain = requests.send(server, api, title=title)
        token = requests.signing_token(server, requests.JACK["email_address"])
        secrets += [token, requests.JACK["email_address"], "Hush hush"]
        server.client().get(f"/sign/{token}")
        requests.sign(server, token)
        server.run_jobs()
        api.get(f"/v3/signature_request/files/{plain.id}")
        api.get("/v3/signature_request/list", params={"query": f"title:{title}"})
        server.client().get(f"/login?next=/sign/{token}&email={world.owner.email}")
        server.client().post("/login", data={"email": world.owner.email, "password": PASSWORD})
        api.post("/v3/signature_request/cancel/" + sent.id)
        server.run_jobs()
    return stream.getvalue() + _of_a_failing_mail(tmp_path_factory.mktemp("mail")), secrets


def _of_a_failing_mail(folder: Path) -> str:
    """A mail server's answers quote addresses; they reach the log as the reason of a failure."""
    with heard() as stream, postbox() as (box, settings), running_server(folder, **settings) as server:
        box.at_recipient = ["450 4.2.0 <jack.unusual@example.com> No Such Box, call +14155550123"]
        mail = Mail("jack.unusual@example.com", "Contract with Wayne Enterprises", "Hush hush", "Hush hush")
        server.write(lambda tx: send_mail(tx, mail, kit=server.kit))
        server.run_jobs()
    found = stream.getvalue()
    assert '"job_failed"' in found
    return found


def test_a_whole_life_leaves_no_personal_data_and_no_secret(flow: tuple[str, list[str]]) -> None:
    text, secrets = flow
    assert len(text.splitlines()) > 50
    assert [one for one in secrets if one in text] == []
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+", text) == []
    assert re.findall(r"/sign/(?!\{token\})\S+", text) == []
    assert re.findall(r"\+\d{7,}", text) == []


def test_every_line_says_what_it_is_about(flow: tuple[str, list[str]]) -> None:
    rows = [json.loads(line) for line in flow[0].splitlines()]
    assert all({"time", "level", "event"} <= row.keys() for row in rows)
    calls = [row for row in rows if row["event"] == "call"]
    assert calls
    assert all({"request", "operation", "status", "ms", "caller", "account", "app"} <= row.keys() for row in calls)
    visits = [row for row in rows if row["event"] == "visit"]
    assert "/sign/{token}" in {row["route"] for row in visits}
    assert all({"request", "route", "method", "status", "ms"} <= row.keys() for row in visits)
    jobs = [row for row in rows if row["event"] == "job"]
    assert {row["outcome"] for row in jobs} == {"done", "failed"}
    assert all({"job", "id", "attempt", "ms"} <= row.keys() for row in jobs)


def test_a_job_names_the_request_that_asked_for_it(lite: Server) -> None:
    with heard() as stream:
        api = lite.api(make_person(lite, "Alice").api_key)
        answer = api.post("/v3/signature_request/send", headers={"X-Request-Id": "from-my-app-7"}, **_one_file())
        assert answer.headers["x-request-id"] == "from-my-app-7"
        lite.run_jobs()
    mine = [row for row in lines(stream) if row.get("request") == "from-my-app-7"]
    assert [row["event"] for row in mine if row["event"] == "call"] == ["call"]
    assert "signature_requests.prepare" in [row["job"] for row in mine if row["event"] == "job"]


def _one_file() -> dict[str, Any]:
    signers = json.dumps([requests.JACK])
    return {"data": {"signers": signers, "test_mode": "1"}, "files": [("files[0]", ("nda.pdf", requests.nda()))]}


def test_levels_and_shapes() -> None:
    with heard("text", "warning") as stream:
        log("quiet")
        log("loud", level="warning", number=7)
    assert re.fullmatch(r"\d\d:\d\d:\d\d warning loud number=7\n", stream.getvalue())
    with heard("json", "info") as stream:
        before = origin.enter(origin.Origin("r-1", "some.job", 3))
        log("told", level="debug")
        log("said", fact=True)
        try:
            raise ValueError("bob@example.com sent key 0123456789abcdef0123456789abcdef0123")
        except ValueError:
            log_failure("broken")
        origin.leave(before)
        logging.getLogger("uvicorn.error").warning("Invalid request from bob@example.com")
    said, broken, foreign = lines(stream)
    assert (said["event"], said["request"], said["job"], said["id"], said["fact"]) == (
        "said",
        "r-1",
        "some.job",
        3,
        True,
    )
    assert "[address] sent key [secret]" in broken["traceback"]
    assert foreign["event"] == "uvicorn.error: Invalid request from [address]"


def test_blotting_leaves_words_alone() -> None:
    assert blotted("a_very_long_name_of_a_function_that_means_no_harm at 12:30") == (
        "a_very_long_name_of_a_function_that_means_no_harm at 12:30"
    )
    assert blotted('File "/srv/paraph/kit/log.py", line 12') == 'File "/srv/paraph/kit/log.py", line 12'


def test_the_mail_server_that_is_gone_is_a_line_without_a_traceback(tmp_path: Path) -> None:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_security": "none"}
    with heard() as stream, running_server(tmp_path, **settings) as server:
        server.write(lambda tx: send_mail(tx, Mail("b@example.com", "S", "t", "h"), kit=server.kit))
        server.run_jobs()
    waits = [row for row in lines(stream) if row["event"] == "job_waits"]
    assert [(row["waits_for"], row["level"]) for row in waits] == [("mail_server", "warning")]
    assert not [row for row in lines(stream) if "traceback" in row]
