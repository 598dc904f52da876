"""Mail against a real SMTP server: sent once, tried again, refused with the reason, never forged."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from paraph.kit import Kit
from paraph.kit.mail import Mail, deliver, kept_mails, mails, send_mail, sweep_mails
from paraph.kit.mail.jobs import ATTEMPTS, KEPT_SECONDS
from paraph.kit.queue import Runner, failed_jobs, job, jobs
from tests.harness import free_port
from tests.kit.ground import Ground

MAIL = Mail(to="bob@example.com", subject="Please sign", text="Sign: https://x/1\n", html="<p>Sign</p>")


class Postbox:
    """The far side: takes mail, or answers as ``answers`` say, in turn."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []
        self.at_recipient: list[str] = []
        self.at_data: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.at_recipient:
            return self.at_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.at_data:
            return self.at_data.pop(0)
        self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return "250 taken"

    @property
    def messages(self) -> list[Any]:
        return [message_from_bytes(content, policy=SMTP_POLICY) for _, content in self.taken]


@contextmanager
def postbox(port: int | None = None, **options: Any) -> Iterator[tuple[Postbox, dict[str, Any]]]:
    """A mail server on this machine, and the settings that lead to it."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    settings = {"smtp_host": "127.0.0.1", "smtp_port": controller.port, "smtp_security": "none"}
    try:
        yield box, settings
    finally:
        controller.stop()


def runner(kit: Kit, *more: Any) -> Runner:
    return Runner(kit, {kind.name: kind for kind in (deliver, *more)})


async def row(kit: Kit) -> Any:
    return await kit.db.read(lambda tx: tx.execute(select(mails)).one())


def test_without_a_server_mail_is_kept_sealed_and_shown(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        for number in range(3):
            mail = Mail(to="b@example.com", subject=f"No {number}", text="secret link", html="<b>")
            await kit.db.write(lambda tx, mail=mail: send_mail(tx, mail, kit=kit))  # type: ignore[misc]
        kept = await kit.db.read(lambda tx: kept_mails(tx, kit=kit))
        assert [mail.subject for mail in kept] == ["No 0", "No 1", "No 2"]
        assert (kept[0].to, kept[0].sender, kept[0].text) == ("b@example.com", "paraph@localhost", "secret link")
        assert await runner(kit).run_due() == 0
        everything = await kit.db.read(lambda tx: repr(tx.all(select(mails))))
        assert "secret link" not in everything

    ground.run(scenario)


def test_a_mail_goes_out_once_and_its_text_is_forgotten(ground: Ground) -> None:
    async def scenario(kit: Kit, box: Postbox) -> None:
        await kit.db.write(lambda tx: send_mail(tx, MAIL, kit=kit))
        assert box.taken == []
        assert await runner(kit).run_due() == 1
        assert await runner(kit).run_due() == 0
        (message,) = box.messages
        assert box.taken[0][0] == ["bob@example.com"]
        assert message["To"] == "bob@example.com"
        assert message["From"] == "Paraph <sign@example.com>"
        assert message["Subject"] == "Please sign"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"].endswith("@example.com>")
        assert message.get_body(("plain",)).get_content().splitlines() == ["Sign: https://x/1"]
        assert message.get_body(("html",)).get_content().strip() == "<p>Sign</p>"
        sent = await row(kit)
        assert (sent.sent_at, sent.body, sent.refused_at) == (kit.clock.now(), None, None)
        assert await kit.db.read(lambda tx: kept_mails(tx, kit=kit)) == []

    with postbox() as (box, settings):
        ground.run(lambda kit: scenario(kit, box), **settings, mail_from="sign@example.com")


def test_a_mail_of_a_rolled_back_fact_never_goes_out(lite_ground: Ground) -> None:
    async def scenario(kit: Kit, box: Postbox) -> None:
        def verb(tx: Any) -> None:
            send_mail(tx, MAIL, kit=kit)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await kit.db.write(verb)
        assert await runner(kit).run_due() == 0
        assert box.taken == []

    with postbox() as (box, settings):
        lite_ground.run(lambda kit: scenario(kit, box), **settings)


@pytest.mark.parametrize("stage", ["at_recipient", "at_data"])
def test_a_passing_refusal_is_tried_again(ground: Ground, stage: str) -> None:
    async def scenario(kit: Kit, box: Postbox) -> None:
        setattr(box, stage, ["451 greylisted, come back", "421 busy"])
        await kit.db.write(lambda tx: send_mail(tx, MAIL, kit=kit))
        for pause in (5, 10):
            await runner(kit).run_due()
            assert box.taken == []
            ground.clock.move(pause)
        await runner(kit).run_due()
        assert len(box.taken) == 1
        assert (await row(kit)).sent_at is not None

    with postbox() as (box, settings):
        ground.run(lambda kit: scenario(kit, box), **settings)


@pytest.mark.parametrize("stage", ["at_recipient", "at_data"])
def test_a_refusal_for_good_is_reported_with_its_reason(ground: Ground, stage: str) -> None:
    reported: list[dict[str, Any]] = []

    @job("test.bounced")
    async def bounced(payload: dict[str, Any], kit: Kit) -> None:
        reported.append(payload)

    async def scenario(kit: Kit, box: Postbox) -> None:
        setattr(box, stage, ["550 5.1.1 no such user"])
        mail = Mail("b@example.com", "S", "t", "h", "test.bounced", {"signature_id": 7})
        await kit.db.write(lambda tx: send_mail(tx, mail, kit=kit))
        assert await runner(kit, bounced).run_due() == 2
        assert reported == [{"signature_id": 7, "reason": "550 5.1.1 no such user"}]
        refused = await row(kit)
        assert (refused.refused_at, refused.refusal) == (kit.clock.now(), "550 5.1.1 no such user")
        assert (refused.sent_at, refused.body) == (None, None)
        assert box.taken == []
        assert await kit.db.read(failed_jobs) == []

    with postbox() as (box, settings):
        ground.run(lambda kit: scenario(kit, box), **settings)


def test_a_server_that_is_gone_for_days_loses_no_mail(lite_ground: Ground) -> None:
    reported: list[str] = []

    @job("test.bounced")
    async def bounced(payload: dict[str, Any], kit: Kit) -> None:
        reported.append(payload["reason"])

    async def down(kit: Kit) -> None:
        for number in range(3):
            mail = Mail(f"b{number}@example.com", "S", "t", "h", "test.bounced", {})
            await kit.db.write(lambda tx, mail=mail: send_mail(tx, mail, kit=kit))  # type: ignore[misc]
        for _ in range(3 * 24):
            await runner(kit, bounced).run_due()
            lite_ground.clock.move(3600)
        waiting = await kit.db.read(lambda tx: tx.all(select(jobs.c.waits_for, jobs.c.failed_at)))
        assert [tuple(row) for row in waiting if row.waits_for] == [("mail_server", None)] * 3

    async def back(kit: Kit) -> None:
        await runner(kit, bounced).run_due()

    nobody = {"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_security": "none"}
    lite_ground.run(down, **nobody)
    with postbox() as (box, settings):
        lite_ground.run(back, **settings)
        assert [recipients for recipients, _ in box.taken] == [[f"b{number}@example.com"] for number in range(3)]
    assert reported == []


def test_a_recipient_who_is_put_off_for_over_a_day_is_a_refusal(lite_ground: Ground) -> None:
    reported: list[str] = []

    @job("test.bounced")
    async def bounced(payload: dict[str, Any], kit: Kit) -> None:
        reported.append(payload["reason"])

    async def scenario(kit: Kit, box: Postbox) -> None:
        box.at_recipient = ["450 4.2.0 come again"] * (ATTEMPTS + 1)
        start = kit.clock.now()
        mail = Mail("b@example.com", "S", "t", "h", "test.bounced", {})
        await kit.db.write(lambda tx: send_mail(tx, mail, kit=kit))
        for _ in range(ATTEMPTS):
            await runner(kit, bounced).run_due()
            assert reported == [] or kit.clock.now() - start > 86_400
            lite_ground.clock.move(3600)
        assert reported == ["450 4.2.0 come again"]
        assert (await row(kit)).body is None

    with postbox() as (box, settings):
        lite_ground.run(lambda kit: scenario(kit, box), **settings)


def test_a_wrong_password_of_ours_is_not_the_recipients_refusal(
    lite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("paraph.kit.mail.jobs.TIMEOUT_SECONDS", 2)

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == b"right")

    async def scenario(kit: Kit) -> None:
        await kit.db.write(lambda tx: send_mail(tx, MAIL, kit=kit))
        await runner(kit).run_due()

    options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with postbox(**options) as (box, settings):
        lite_ground.run(scenario, **settings, smtp_username="u", smtp_password="wrong")
        waiting = lite_ground.run(row)
        assert (waiting.sent_at, waiting.refused_at) == (None, None)
        lite_ground.clock.move(3600)
        lite_ground.run(lambda kit: runner(kit).run_due(), **settings, smtp_username="u", smtp_password="right")
        assert len(box.taken) == 1


def test_headers_cannot_be_injected(lite_ground: Ground) -> None:
    async def scenario(kit: Kit, box: Postbox) -> None:
        for recipient, subject in (
            ("b@example.com", "Hello\r\nBcc: eve@example.com\r\n\r\nbody"),
            ("b@example.com", "Contract\u2028Bcc: eve@example.com"),
            ("b@example.com\r\nBcc: eve@example.com", "Injected recipient"),
            ("b@example.com, eve@example.com", "Two recipients"),
            ("b@example.com> <eve@example.com", "Two recipients"),
            ("not an address", "None at all"),
        ):
            mail = Mail(recipient, subject, "t", "h")
            await kit.db.write(lambda tx, mail=mail: send_mail(tx, mail, kit=kit))  # type: ignore[misc]
        await runner(kit).run_due()
        assert [recipients for recipients, _ in box.taken] == [["b@example.com"]] * 2
        for message in box.messages:
            assert message["Bcc"] is None
            assert "\n" not in message["Subject"]
        refused = await kit.db.read(lambda tx: tx.all(select(mails.c.refusal).where(mails.c.refused_at.is_not(None))))
        assert [one.refusal for one in refused] == ["the address cannot be written in a mail"] * 4

    with postbox() as (box, settings):
        lite_ground.run(lambda kit: scenario(kit, box), **settings)


def test_names_and_addresses_of_all_scripts(lite_ground: Ground) -> None:
    async def scenario(kit: Kit, box: Postbox) -> None:
        for recipient in ("b@bücher.example", "björn@example.com"):
            mail = Mail(recipient, "Vertrag – 契約 🖋", "Grüße ✓\n", "<p>Grüße ✓</p>")
            await kit.db.write(lambda tx, mail=mail: send_mail(tx, mail, kit=kit))  # type: ignore[misc]
        await runner(kit).run_due()
        assert [recipients for recipients, _ in box.taken] == [["b@xn--bcher-kva.example"], ["björn@example.com"]]
        for message in box.messages:
            assert message["Subject"] == "Vertrag – 契約 🖋"
            assert message.get_body(("plain",)).get_content().splitlines() == ["Grüße ✓"]

    with postbox(enable_SMTPUTF8=True) as (box, settings):
        lite_ground.run(lambda kit: scenario(kit, box), **settings)


def test_a_server_that_knows_no_other_scripts_is_a_refusal(lite_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        mail = Mail("björn@example.com", "S", "t", "h")
        await kit.db.write(lambda tx: send_mail(tx, mail, kit=kit))
        await runner(kit).run_due()
        assert (await row(kit)).refusal == "the mail server cannot send to addresses in this script"

    with postbox(enable_SMTPUTF8=False) as (_, settings):
        lite_ground.run(scenario, **settings)


def test_tls_from_the_start_or_by_starttls_and_never_without(
    lite_ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, context = _certificate(tmp_path)

    async def send(kit: Kit) -> None:
        await kit.db.write(lambda tx: send_mail(tx, MAIL, kit=kit))
        await runner(kit).run_due()

    def servers() -> Iterator[tuple[str, dict[str, Any]]]:
        yield "tls", {"ssl_context": context, "server_hostname": "127.0.0.1"}
        yield "starttls", {"tls_context": context}

    for security, options in servers():
        with postbox(**options) as (box, settings):
            lite_ground.run(send, **settings | {"smtp_security": security})
            assert box.taken == [], "an unknown certificate is not believed"
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            lite_ground.clock.move(3600)
            lite_ground.run(lambda kit: runner(kit).run_due(), **settings | {"smtp_security": security})
            assert len(box.taken) == 1
            monkeypatch.delenv("SSL_CERT_FILE")
    with postbox() as (box, settings):
        lite_ground.run(send, **settings | {"smtp_security": "starttls"})
        assert box.taken == [], "a server without STARTTLS gets nothing in the clear"


def test_old_mails_are_swept(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(lambda tx: send_mail(tx, MAIL, kit=kit))
        now = kit.clock.now()
        for later, left in ((KEPT_SECONDS, 1), (KEPT_SECONDS + 1, 0)):
            await kit.db.write(lambda tx, at=now + later: sweep_mails(tx, at))  # type: ignore[misc]
            assert len(await kit.db.read(lambda tx: kept_mails(tx, kit=kit))) == left

    ground.run(scenario)


def _certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, private)
    return certificate, context
