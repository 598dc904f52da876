"""Text messages through a gateway, over real HTTP; and what a template makes of what people write."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from paraph.doctor import examine
from paraph.kit.settings import Settings, SettingsError
from paraph.kit.sms import BadTemplate, TextMessage, provider_of, read_template, send_text_message, text_messages
from paraph.kit.sms.jobs import sweep_text_messages
from tests.harness import Server, running_server
from tests.helpers.receiver import Receiver, receiving, replies

TO = "+4930123456"
NASTY = 'a "quote", {to} & {text} \\ = %41 + ü\n</script>'


def test_a_template_keeps_what_people_write_in_its_place() -> None:
    made = read_template('{"messages": [{"to": "{to}", "body": "Paraph: {text}"}], "n": 1}')
    assert made.media_type == "application/json"
    assert json.loads(made.fill(TO, NASTY)) == {"messages": [{"to": TO, "body": f"Paraph: {NASTY}"}], "n": 1}
    form = read_template("To={to}&From=%2B49301&Body={text}")
    assert form.media_type == "application/x-www-form-urlencoded"
    assert parse_qs(form.fill(TO, NASTY).decode()) == {"To": [TO], "From": ["+49301"], "Body": [NASTY]}


@pytest.mark.parametrize("source", ["", "to={to}", "text={text}", '{"to": "{to}", "text": "{text}"'])
def test_a_template_without_both_blanks_is_refused(source: str) -> None:
    with pytest.raises(BadTemplate):
        read_template(source)


@pytest.mark.parametrize(
    "settings",
    [
        {"sms_url": "http://sms.example.com/"},
        {"sms_url": "https://user:secret@sms.example.com/"},
        {"sms_url": "sms.example.com"},
        {"sms_url": "https://sms.example.com/", "sms_body": "no blanks"},
        {"sms_url": "https://sms.example.com/", "sms_header": "no colon"},
        {"sms_url": "https://sms.example.com/", "sms_header": "A: b\r\nC: d"},
        {"sms_header": "Authorization: x"},
    ],
)
def test_bad_settings_stop_the_start(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="PARAPH_SMS_"):
        Settings(public_url="https://sign.example.com", **settings)  # type: ignore[arg-type]


def test_who_can_send_texts() -> None:
    assert provider_of(Settings()) is not None
    assert provider_of(Settings(smtp_host="mail.example.com")) is None
    assert provider_of(Settings(public_url="https://sign.example.com")) is None
    gateway = Settings(public_url="https://sign.example.com", sms_url="https://sms.example.com/")
    assert provider_of(gateway) is not None


@pytest.mark.parametrize(
    ("chosen", "verdict", "words"),
    [
        (
            {"sms_url": "https://sms.example.com/send?key=hidden", "sms_header": "Authorization: Bearer hidden"},
            "ok",
            "sent through sms.example.com; senders may ask for a code by text message before signing",
        ),
        ({}, "note", "none; a request with a signer's sms_phone_number is refused"),
        ({"public_url": ""}, "note", "kept on http://localhost:8000/mailbox; senders may ask for a code"),
        ({"public_url": "", "smtp_host": "mail.example.com"}, "note", "none; a request with"),
    ],
)
def test_the_doctor_says_what_senders_may_ask_for(
    chosen: dict[str, str], verdict: str, words: str, tmp_path: Path
) -> None:
    settings = Settings(
        **({"data_dir": tmp_path, "public_url": "https://sign.example.com", "office": "off"} | chosen)
    )  # type: ignore[arg-type]
    (found,) = [one for one in asyncio.run(examine(settings)) if one.subject == "text messages"]
    assert (found.verdict, found.says[: len(words)]) == (verdict, words)
    assert ("PARAPH_SMS_URL" in found.fix) == (verdict == "note")
    assert "hidden" not in found.as_line()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The gateway."""
    with receiving() as gateway:
        yield gateway


@pytest.fixture
def site(tmp_path: Path, receiver: Receiver) -> Iterator[Server]:
    """A server that sends through the gateway."""
    with running_server(tmp_path / "data", sms_url=receiver.url, sms_header="Authorization: Bearer gate-key") as made:
        yield made


def queue(server: Server, text: str, **more: Any) -> Any:
    """Send a message; returns its row after the due jobs ran."""
    server.write(lambda tx: send_text_message(tx, TextMessage(TO, text, **more), kit=server.kit))
    server.run_jobs()
    return newest(server)


def newest(server: Server) -> Any:
    return server.read(lambda tx: tx.all(select(text_messages).order_by(text_messages.c.id)))[-1]


def test_a_message_is_posted_with_the_header_and_wiped(site: Server, receiver: Receiver) -> None:
    row = queue(site, NASTY)
    (posted,) = receiver.received
    assert posted.headers["authorization"] == "Bearer gate-key"
    assert posted.headers["content-type"] == "application/json"
    assert json.loads(posted.body) == {"to": TO, "text": NASTY}
    assert (row.sent_at, row.body, row.refused_at) == (site.clock.now(), None, None)
    assert site.mails() == [], "with a gateway nothing is shown on the mailbox"


def test_trouble_is_tried_again_and_a_late_code_is_not_sent(site: Server, receiver: Receiver) -> None:
    receiver.answers = [replies(503), replies(401), replies(429)]
    row = queue(site, "a link")
    for _ in range(3):
        assert (row.sent_at, row.refused_at) == (None, None)
        assert b"a link" not in row.body
        site.move(60)
        site.run_jobs()
        row = newest(site)
    assert row.sent_at == site.clock.now()
    receiver.answers = [replies(500)]
    queue(site, "a code", expires_at=site.clock.now() + 600)
    site.move(600)
    site.run_jobs()
    assert (newest(site).refusal, newest(site).body) == ("it was not sent in time", None)
    assert len(receiver.received) == 5


def test_a_number_that_is_refused_for_good_is_not_tried_again(site: Server, receiver: Receiver) -> None:
    receiver.always = replies(400, b"bad number and the text you sent: Your code")
    row = queue(site, "Your code")
    site.move(3600)
    site.run_jobs()
    assert len(receiver.received) == 1
    assert (row.refusal, row.body) == ("the gateway answered 400", None)
    site.write(lambda tx: sweep_text_messages(tx, site.clock.now() + 91 * 86_400))
    assert site.read(lambda tx: tx.all(select(text_messages))) == []
