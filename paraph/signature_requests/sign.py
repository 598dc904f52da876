"""A signer signed: one success however often it is sent (T9), in order (T7), never without consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.documents import TypedText
from paraph.kit.errors import BadRequest, Conflict

from . import audit
from .announce import announce
from .attach import attached_facts, attachments_missing
from .fill import fill_fields
from .invite import invite_current_turn
from .lifecycle import IllegalMove, Lifecycle, RequestState
from .moves import store_move
from .signer_view import refusal_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

    from .filled import FilledSignature
    from .shapes import WholeRequest
    from .signer_view import SignerView

LONGEST_TYPED_CHARACTERS = 100
LONGEST_LABEL_CHARACTERS = 200


def record_signed(tx: WriteTx, view: SignerView, filled: FilledSignature, client: Client, kit: Kit) -> WholeRequest:
    """Store the signature, the evidence and the events, invite whose turn is next, or let the file be sealed.

    ``view`` comes from ``lock_for_signer`` in this very transaction. Raises Conflict when it is not this signer's
    turn (not yet, no longer, already signed) or consent is missing, Deleted when the request was cancelled, and
    BadRequest for a kind of signature that the sender did not allow, and AnswersRefused for fields to be mended.
    """
    after = _moved(view)
    _check(view, filled)
    now, own = kit.clock.now(), view.signature
    held = fill_fields(tx, view, filled, now, kit)
    evidence = _evidence(filled, client)
    values = {"signed_at": now, "signing": evidence}
    done = after.state is RequestState.COMPLETE
    columns = {"completed_at": now, "closed_at": now} if done else {}
    whole = store_move(tx, view.whole, after, request=columns, signature=(own.position, values))
    facts = {
        "signature": own.signature_id,
        "signer": {"name": own.name, "email_address": own.email_address},
        **held,
        "files": [document.pdf_sha256 for document in view.documents],
        **({"attachments": attached} if (attached := attached_facts(view)) else {}),
        "disclosure": dict(own.consent or {}),
        **{key: value for key, value in evidence.items() if key not in ("address", "user_agent")},
    }
    audit.record(tx, view.request.id, "signed", facts, kit=kit, client=client)
    announce(tx, whole, "signature_request_signed", related=whole.signatures[own.position], kit=kit)
    _go_on(tx, whole, kit)
    return whole


def _moved(view: SignerView) -> Lifecycle:
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    try:
        return view.whole.lifecycle.signed(view.signature.position)
    except IllegalMove as refused:
        raise refusal_of(refused.reason) from refused


def _check(view: SignerView, filled: FilledSignature) -> None:
    if view.signature.consented_at is None:
        raise Conflict("Agree to sign electronically first.")
    if attachments_missing(view):
        raise Conflict("Hand in the files that the sender needs first.")
    if not set(filled.kinds) <= set(view.signing_options.allowed):
        raise BadRequest("The sender did not allow this kind of signature. Choose another one.", path="signature")
    for made in (filled.content, filled.initials):
        if isinstance(made, TypedText) and not 0 < len(made.text.strip()) <= LONGEST_TYPED_CHARACTERS:
            raise BadRequest(f"Type a name of at most {LONGEST_TYPED_CHARACTERS} characters.", path="signature")


def _evidence(filled: FilledSignature, client: Client) -> dict[str, Any]:
    return {
        "kind": filled.kind,
        "button": filled.button_text[:LONGEST_LABEL_CHARACTERS],
        "locale": filled.locale[:LONGEST_LABEL_CHARACTERS],
        "time_zone": filled.time_zone[:LONGEST_LABEL_CHARACTERS],
        "address": client.address,
        "user_agent": client.user_agent,
    }


def _go_on(tx: WriteTx, whole: WholeRequest, kit: Kit) -> None:
    if whole.request.state is RequestState.COMPLETE:
        audit.record(tx, whole.request.id, "all_signed", kit=kit)
        announce(tx, whole, "signature_request_all_signed", kit=kit)
        kit.queue.enqueue(tx, "signature_requests.complete", request_pk=whole.request.id)
        return
    invite_current_turn(tx, whole, kit)
    kit.queue.enqueue(tx, "signature_requests.refresh", request_pk=whole.request.id)
