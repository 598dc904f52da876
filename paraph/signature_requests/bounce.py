"""The mail server refused a signer's address for good."""

from __future__ import annotations

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
