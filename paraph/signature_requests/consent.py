"""A signer agreed to sign electronically (15 USC 7001(c)): an event of its own."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import update

from . import audit
from .attach import forget_attached
from .models import signatures
from .signer_view import refusal_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .shapes import Consent
    from .signer_view import SignerView


def record_consent(tx: WriteTx, view: SignerView, consent: Consent, client: Client, kit: Kit) -> None:
    """Record the agreement to these words; raises when it is not this signer's turn.

    Agreeing to the same words again changes nothing; agreeing to newer ones is a new event.
    """
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    own, agreed = view.signature, asdict(consent)
    if own.consent == agreed:
        return
    values = {"consented_at": kit.clock.now(), "consent": agreed}
    tx.execute(update(signatures).where(signatures.c.id == own.id).values(values))
    audit.record(tx, view.request.id, "consented", {"signature": own.signature_id, **agreed}, kit=kit, client=client)


def record_consent_withdrawn(tx: WriteTx, view: SignerView, client: Client, kit: Kit) -> None:
    """Record that the signer took the agreement back; raises when it is not their turn, harmless without consent."""
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    own = view.signature
    if own.consented_at is None:
        return
    nothing = {"consented_at": None, "consent": None}
    tx.execute(update(signatures).where(signatures.c.id == own.id).values(nothing))
    facts = {"signature": own.signature_id, **(own.consent or {})}
    forget_attached(tx, view.signature.id)  # handed in together with a signature
    audit.record(tx, view.request.id, "consent_withdrawn", facts, kit=kit, client=client)
