"""Put a mail into the transaction; read the kept ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from .models import mails

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.crypto import Keyring
    from paraph.kit.db import ReadTx, WriteTx

SEAL_PURPOSE = "mail"
MAILBOX_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one person; ``text`` and ``html`` say the same.

    ``refused_job`` names the job (and its payload) to enqueue when the mail server refuses the recipient for good;
    it is given ``reason`` besides. ``accepted_job`` names the one to enqueue when the mail server took the mail; it
    is given ``message_id`` besides. A mail that is only kept for /mailbox was never handed over: nothing follows it.
    """

    to: str
    subject: str
    text: str
    html: str
    refused_job: str | None = None
    refused_payload: dict[str, Any] = field(default_factory=dict)
    accepted_job: str | None = None
    accepted_payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail as /mailbox shows it; ``number`` names it there, ``sent_at`` in seconds, UTC."""

    number: int
    to: str
    sender: str
    subject: str
    text: str
    html: str
    sent_at: int


class _Body(msgspec.Struct):
    text: str
    html: str


def send_mail(tx: WriteTx, mail: Mail, *, kit: Kit) -> None:
    """Keep or queue ``mail``, according to the settings."""
    now = kit.clock.now()
    body = msgspec.msgpack.encode(_Body(mail.text, mail.html))
    values = {
        "recipient": mail.to,
        "subject": " ".join(mail.subject.split()),
        "body": kit.keyring.seal(SEAL_PURPOSE, body),
        "refused_job": {"name": mail.refused_job, "payload": mail.refused_payload} if mail.refused_job else None,
        "accepted_job": {"name": mail.accepted_job, "payload": mail.accepted_payload} if mail.accepted_job else None,
        "created_at": now,
        "sent_at": now if kit.settings.keeps_mail else None,
    }
    mail_id = tx.insert(mails, values)
    if not kit.settings.keeps_mail:
        kit.queue.enqueue(tx, "mail.deliver", lane="mail", mail_id=mail_id)


def open_body(keyring: Keyring, sealed: bytes) -> tuple[str, str]:
    """Return (text, html)."""
    body = msgspec.msgpack.decode(keyring.unseal(SEAL_PURPOSE, sealed), type=_Body)
    return body.text, body.html


def kept_mails(tx: ReadTx, *, kit: Kit) -> list[KeptMail]:
    """Return the last mails of the embedded mailbox, newest last."""
    newest = select(mails).where(mails.c.body.is_not(None), mails.c.sent_at.is_not(None))
    rows = tx.all(newest.order_by(mails.c.id.desc()).limit(MAILBOX_LENGTH))
    sender = kit.settings.sender_address
    return [
        KeptMail(row.id, row.recipient, sender, row.subject, *open_body(kit.keyring, row.body), row.sent_at)
        for row in reversed(rows)
    ]
