"""Mail the people whose turn it is; nobody before (T7), nobody twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from . import audit
from .letters import mail_invitation
from .models import signatures

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .shapes import WholeRequest


def invite_current_turn(tx: WriteTx, whole: WholeRequest, kit: Kit) -> None:
    """Ask everybody who may sign now and was not asked yet."""
    lifecycle = whole.lifecycle
    for signature in whole.signatures:
        if not lifecycle.is_turn_of(signature.position):
            continue
        fresh = (signatures.c.id == signature.id) & signatures.c.invited_at.is_(None)
        if tx.changed(update(signatures).where(fresh).values(invited_at=kit.clock.now())) != 1:
            continue
        mail_invitation(tx, whole, signature, kit=kit)
        facts = {"signature": signature.signature_id, "sent_to": signature.email_address}
        audit.record(tx, whole.request.id, "invited", facts, kit=kit)
