"""A signer declined: nobody can sign any more, and the sender is told why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import BadRequest

from . import audit
from .announce import announce
from .attach import forget_attached
from .letters import mail_declined
from .lifecycle import IllegalMove
from .moves import store_move
from .signer_view import refusal_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .shapes import WholeRequest
    from .signer_view import SignerView

LONGEST_REASON_CHARACTERS = 1000


def record_declined(tx: WriteTx, view: SignerView, reason: str, client: Client, kit: Kit) -> WholeRequest:
    """Record the refusal and end the request.

    ``view`` comes from ``lock_for_signer`` in this very transaction. Raises BadRequest without a reason or when the
    sender does not allow declining, Conflict when it is not this signer's turn, Deleted when it was cancelled.
    """
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    reason = reason.strip()
    if not view.request.allow_decline:
        raise BadRequest("The sender does not offer to decline here. Write to them instead.")
    if not 0 < len(reason) <= LONGEST_REASON_CHARACTERS:
        raise BadRequest(f"Say why you decline, in at most {LONGEST_REASON_CHARACTERS} characters.", path="reason")
    try:
        after = view.whole.lifecycle.declined(view.signature.position)
    except IllegalMove as refused:
        raise refusal_of(refused.reason) from refused
    now, own = kit.clock.now(), view.signature
    values = {"declined_at": now, "decline_reason": reason}
    whole = store_move(tx, view.whole, after, request={"closed_at": now}, signature=(own.position, values))
    forget_attached(tx, own.id)  # handed in together with a signature
    facts = {"signature": own.signature_id, "reason": reason}
    audit.record(tx, whole.request.id, "declined", facts, kit=kit, client=client)
    declined = whole.signatures[own.position]
    announce(tx, whole, "signature_request_declined", message=reason, related=declined, kit=kit)
    mail_declined(tx, whole, declined, kit=kit)
    return whole
