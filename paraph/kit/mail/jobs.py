"""Hand mails to the mail server."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import aiosmtplib
from sqlalchemy import Row, select, update

from paraph.kit import trace
from paraph.kit.db import delete_some
from paraph.kit.faults import fault_point
from paraph.kit.queue import WaitsFor, job

from .models import mails
from .send import open_body

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

TIMEOUT_SECONDS = 30
ATTEMPTS = 36
"""Over a day: greylists open. While the mail server itself is gone, mails wait for as long as it takes."""
PERMANENT = range(500, 600)
OF_THE_SERVER = frozenset({421, 452})
"""Answers that are about no mail: the server closes, or its disk is full."""
_PLAIN = re.compile(r"([^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]+)@([^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]+)")
KEPT_SECONDS = 90 * 86_400


def _given_up(tx: WriteTx, payload: dict[str, Any], reason: str, kit: Kit) -> None:
    row = tx.one_or_none(select(mails).where(mails.c.id == payload["mail_id"]))
    if row is not None:
        _refused(tx, row, reason, kit)


@job("mail.deliver", attempts=ATTEMPTS, given_up=_given_up)
async def deliver(payload: dict[str, Any], kit: Kit) -> None:
    """Send one mail; a refusal for good (5xx) is recorded and reported, anything else is tried again."""
    mail_id = payload["mail_id"]
    row = await kit.db.read(lambda tx: tx.one_or_none(select(mails).where(mails.c.id == mail_id)))
    if row is None or row.sent_at is not None or row.refused_at is not None:
        return
    reason = await _send(row, kit)
    fault_point("mail.taken")
    if reason is not None:
        await kit.db.write(lambda tx: _refused(tx, row, reason, kit))
        return
    await kit.db.write(lambda tx: _accepted(tx, row, kit))


def sweep_mails(tx: WriteTx, now: int) -> int:
    """Drop a batch of mails older than 90 days; return how many."""
    return delete_some(tx, mails, mails.c.created_at < now - KEPT_SECONDS)


async def _send(row: Row[Any], kit: Kit) -> str | None:
    """Return None when the mail server took it, the reason when it never will; raises to be tried again.

    Only an answer to the recipient or to the content is about this mail: a server that refuses our log-in, our
    sender or our very address says so in 5xx too, and an operator can mend that.
    """
    try:
        message = _message(row, kit)
    except (ValueError, MessageError):  # header injection ends here
        return "the address cannot be written in a mail"
    try:
        await _submit(message, kit)
    except aiosmtplib.SMTPDataError as error:
        answers = [(error.code, error.message)]
    except aiosmtplib.SMTPRecipientsRefused as error:
        answers = [(refused.code, refused.message) for refused in error.recipients]
    except aiosmtplib.SMTPNotSupported as error:
        if "utf8" not in str(error).lower():
            raise WaitsFor("mail_server", _why(error)) from error
        return "the mail server cannot send to addresses in this script"
    except (aiosmtplib.SMTPException, OSError) as error:
        raise WaitsFor("mail_server", _why(error)) from error
    else:
        return None
    code, words = answers[0]
    if code in OF_THE_SERVER:
        raise WaitsFor("mail_server", f"{code} {words}")
    if code not in PERMANENT:
        raise OSError(f"{code} {words}")
    return f"{code} {words}"


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


async def _submit(message: EmailMessage, kit: Kit) -> None:
    settings = kit.settings
    with trace.span("send mail", "client", server__address=settings.smtp_host, server__port=settings.smtp_port):
        await aiosmtplib.send(
            message,
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username or None,
            password=settings.smtp_password or None,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            timeout=TIMEOUT_SECONDS,
        )


def _message(row: Row[Any], kit: Kit) -> EmailMessage:
    text, html = open_body(kit.keyring, row.body)
    message = EmailMessage()
    message["From"] = Address("Paraph", addr_spec=kit.settings.sender_address)
    message["To"] = _recipient(row.recipient)
    message["Subject"] = row.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(row.created_at, UTC))
    message["Message-ID"] = _message_id(row, kit)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _recipient(address: str) -> Address:
    """Exactly one address, as plain as forms accept them: a list would reach strangers. Raises ValueError."""
    found = _PLAIN.fullmatch(address)
    if found is None:
        raise ValueError("not a plain address")
    local, domain = found.groups()
    return Address(username=local, domain=domain if domain.isascii() else domain.encode("idna").decode())


def _accepted(tx: WriteTx, row: Row[Any], kit: Kit) -> None:
    fresh = (mails.c.id == row.id) & mails.c.sent_at.is_(None)
    if tx.changed(update(mails).where(fresh).values(sent_at=kit.clock.now(), body=None)) and row.accepted_job:
        wanted = row.accepted_job
        kit.queue.enqueue(tx, wanted["name"], **wanted["payload"], message_id=_message_id(row, kit))
    fault_point("mail.recorded")


def _message_id(row: Row[Any], kit: Kit) -> str:
    """Derived from the row, so that a mail sent twice after a crash can be recognised as one."""
    return f"<{row.id}.{row.created_at}@{kit.settings.sender_address.partition('@')[2]}>"


def _refused(tx: WriteTx, row: Row[Any], reason: str, kit: Kit) -> None:
    now = kit.clock.now()
    fresh = (mails.c.id == row.id) & mails.c.refused_at.is_(None)
    if tx.changed(update(mails).where(fresh).values(refused_at=now, refusal=reason, body=None)) and row.refused_job:
        kit.queue.enqueue(tx, row.refused_job["name"], **row.refused_job["payload"], reason=reason)
