"""Hand mails to the mail server."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import aiosmtplib
from sqlalchemy import Row, select, update

from paraph.kit.queue import job

from .models import mails
from .send import open_body

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

TIMEOUT_SECONDS = 30
PERMANENT = range(500, 600)


@job("mail.deliver", attempts=15)
async def deliver(payload: dict[str, Any], kit: Kit) -> None:
    """Send one mail; a refusal for good (5xx) is recorded and reported, anything else is tried again."""
    mail_id = payload["mail_id"]
    row = await kit.db.read(lambda tx: tx.one_or_none(select(mails).where(mails.c.id == mail_id)))
    if row is None or row.sent_at is not None or row.refused_at is not None:
        return
    try:
        await _submit(_message(row, kit), kit)
    except aiosmtplib.SMTPResponseException as error:
        if error.code not in PERMANENT:
            raise
        reason = f"{error.code} {error.message}"
        await kit.db.write(lambda tx: _refused(tx, row, reason, kit))
    except aiosmtplib.SMTPRecipientsRefused as error:
        first = error.recipients[0]
        if first.code not in PERMANENT:
            raise
        reason = f"{first.code} {first.message}"
        await kit.db.write(lambda tx: _refused(tx, row, reason, kit))
    else:
        done = update(mails).where(mails.c.id == mail_id).values(sent_at=kit.clock.now(), body=None)
        await kit.db.write(lambda tx: tx.changed(done))


async def _submit(message: EmailMessage, kit: Kit) -> None:
    settings = kit.settings
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
    message["To"] = row.recipient
    message["Subject"] = row.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(row.created_at, UTC))
    # derived from the row, so that a mail sent twice after a crash can be recognised as one
    message["Message-ID"] = f"<{row.id}.{row.created_at}@{kit.settings.sender_address.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def _refused(tx: WriteTx, row: Row[Any], reason: str, kit: Kit) -> None:
    now = kit.clock.now()
    fresh = (mails.c.id == row.id) & mails.c.refused_at.is_(None)
    if tx.changed(update(mails).where(fresh).values(refused_at=now, refusal=reason, body=None)) and row.refused_job:
        kit.queue.enqueue(tx, row.refused_job["name"], **row.refused_job["payload"], reason=reason)
