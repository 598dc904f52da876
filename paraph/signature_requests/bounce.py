"""What became of a mail to a signer: the mail server took it, or refused the address for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from . import audit
from .announce import announce
from .lettering import visible
from .letters import mail_bounced
from .models import signatures
from .queries import load_whole, lock_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

LONGEST_REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail that the mail server took; ``what``: invitation, reminder or expiry_reminder."""

    signature_id: str
    sent_to: str
    what: str
    message_id: str


def record_mailed(tx: WriteTx, request_pk: int, mailed: Mailed, kit: Kit) -> None:
    """Record, once, that the mail server accepted a mail to a signer."""
    lock_whole(tx, request_pk)
    facts = {
        "signature": mailed.signature_id,
        "sent_to": mailed.sent_to,
        "what": mailed.what,
        "message_id": mailed.message_id,
    }
    known = (event.facts for event in audit.chain_of(tx, request_pk) if event.kind == "mailed")
    if all(one["message_id"] != mailed.message_id for one in known):
        audit.record(tx, request_pk, "mailed", facts, kit=kit)


def record_bounce(tx: WriteTx, request_pk: int, signature_id: str, reason: str, kit: Kit) -> None:
    """Record that no mail reaches this signer, once, and tell the sender."""
    whole = lock_whole(tx, request_pk)
    signature = next((one for one in whole.signatures if one.signature_id == signature_id), None)
    if signature is None or signature.bounced_at is not None:
        return
    reason = visible(reason)[:LONGEST_REASON_CHARACTERS]
    error = f"The mail to {signature.email_address} was refused: {reason}"
    values = {"bounced_at": kit.clock.now(), "error": error}
    tx.execute(update(signatures).where(signatures.c.id == signature.id).values(values))
    facts = {"signature": signature_id, "sent_to": signature.email_address, "reason": reason}
    audit.record(tx, request_pk, "bounced", facts, kit=kit)
    whole = load_whole(tx, request_pk)
    bounced = whole.signatures[signature.position]
    announce(tx, whole, "signature_request_email_bounce", message=error, related=bounced, kit=kit)
    mail_bounced(tx, whole, bounced, kit=kit)
