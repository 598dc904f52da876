"""Take back the consent to sign electronically: an event of its own, possible until the signature is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.signature_requests import lock_for_signer, record_consent_withdrawn, refusal_of

from .keep import forget_draft
from .phone_pad import forget_pad

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


def withdraw(tx: WriteTx, token: str, client: Client, *, kit: Kit) -> None:
    """Record the withdrawal and forget what was begun; harmless when there is no consent."""
    view = lock_for_signer(tx, token, kit)
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    record_consent_withdrawn(tx, view, client, kit)
    forget_draft(tx, view.signature.id)
    forget_pad(tx, view.signature.id)
