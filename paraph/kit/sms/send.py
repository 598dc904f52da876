"""Put a text message into the transaction; which way it goes is a matter of the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from paraph.kit.mail import Letter, send_letter

from .models import text_messages

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.settings import Settings

SEAL_PURPOSE = "text-message"
DELIVER_JOB = "sms.deliver"


@dataclass(frozen=True, slots=True)
class TextMessage:
    """Words to one phone (E.164).

    After ``expires_at`` it is no longer worth sending. ``refused_job`` names the job (and its payload) to enqueue
    when the gateway refuses the number for good; it is given ``reason`` besides.
    """

    to: str
    text: str = field(repr=False)
    expires_at: int | None = None
    refused_job: str | None = None
    refused_payload: dict[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    """A way for text messages to leave."""

    def hand_over(self, tx: WriteTx, message: TextMessage, kit: Kit) -> None:
        """Record the message, so that it leaves once the transaction is committed."""
        ...


class Gateway:
    """Sent by the worker through the operator's HTTP gateway; sealed until then."""

    def hand_over(self, tx: WriteTx, message: TextMessage, kit: Kit) -> None:
        job = {"name": message.refused_job, "payload": message.refused_payload} if message.refused_job else None
        values = {
            "recipient": message.to,
            "body": kit.keyring.seal(SEAL_PURPOSE, message.text.encode()),
            "refused_job": job,
            "created_at": kit.clock.now(),
            "expires_at": message.expires_at,
        }
        message_id = tx.insert(text_messages, values)
        kit.queue.enqueue(tx, DELIVER_JOB, lane="network", message_id=message_id)


class Mailbox:
    """Shown on /mailbox, for development and tests: nothing leaves this machine."""

    def hand_over(self, tx: WriteTx, message: TextMessage, kit: Kit) -> None:
        send_letter(tx, Letter(to=message.to, subject="Text message", paragraphs=(message.text,)), kit=kit)


def provider_of(settings: Settings) -> Provider | None:
    """Return the way that text messages leave; None where there is none."""
    if settings.sms_url:
        return Gateway()
    # a code on a page that only this machine reads protects nothing, so it is for this machine alone
    return Mailbox() if settings.keeps_mail and settings.is_development else None


def send_text_message(tx: WriteTx, message: TextMessage, *, kit: Kit) -> None:
    """Send it; raises LookupError where no provider is configured (``provider_of`` asks first)."""
    provider = provider_of(kit.settings)
    if provider is None:
        raise LookupError("no way to send text messages is configured")
    provider.hand_over(tx, message, kit)
