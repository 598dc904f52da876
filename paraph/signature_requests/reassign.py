"""A signer passes their signature on to somebody else: a new link, the old one dead, the sender told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from paraph.kit import ids
from paraph.kit.errors import Conflict, NotFound
from paraph.kit.i18n import gettext as _
from paraph.kit.limits import count

from . import audit
from .access_models import reassignments, signer_checks
from .announce import announce
from .asking_limit import may_ask
from .attach import forget_attached
from .blocks import words_changed
from .invite import invite_current_turn, is_stopped
from .letters import mail_reassigned
from .lifecycle import IllegalMove
from .links import read_signing_token
from .models import request_words
from .moves import store_move
from .queries import load_whole
from .search import searchable
from .signer_view import refusal_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import ReadTx, WriteTx

    from .lifecycle import Lifecycle
    from .shapes import WholeRequest
    from .signer_view import SignerView

MOST_REASSIGNMENTS = 10
"""Of one signature: whoever holds a link could else write to the whole world in the sender's name (T15)."""
DAY_SECONDS = 86_400
REASSIGNED_A_DAY = 50
"""Of one sender's requests."""

FRESH: dict[str, Any] = {
    "link_epoch": 0,
    "invited_at": None,
    "first_viewed_at": None,
    "last_viewed_at": None,
    "last_reminded_at": None,
    "next_reminder_at": None,
    "consented_at": None,
    "consent": None,
    "bounced_at": None,
    "error": None,
    # the sender gave the number of somebody else
    "sms_phone_number": None,
    "sms_phone_number_type": None,
}


@dataclass(frozen=True, slots=True)
class Successor:
    """Who is to sign instead, and why; checked texts."""

    name: str
    email_address: str
    reason: str


def may_reassign(view: SignerView) -> bool:
    """True when the sender allows it, and did not bind the signature to a phone (decisions/0031)."""
    return view.request.allow_reassign and view.signature.sms_phone_number_type != "authentication"


def record_reassigned(tx: WriteTx, view: SignerView, successor: Successor, client: Client, kit: Kit) -> WholeRequest:
    """Hand the signature over. The access code stays; what the signer began, agreed to and handed in is dropped.

    ``view`` comes from ``lock_for_signer`` in this very transaction. Raises Conflict when it is not this signer's
    turn, for somebody who signs this request already, or after too many hand-overs; Deleted when it was cancelled;
    NotFound when the sender does not allow it.
    """
    _check(tx, view, successor, kit)
    own, now = view.signature, kit.clock.now()
    values = {
        **FRESH,
        "signature_id": ids.short_id(),
        "name": successor.name,
        "email_address": successor.email_address,
        "email_folded": successor.email_address.casefold(),
        "reassigned_by": own.email_address,
        "reassigned_from": own.signature_id,
        "reassignment_reason": successor.reason,
    }
    whole = store_move(tx, view.whole, _moved(view), signature=(own.position, values))
    former = {"signature_id": own.signature_id, "name": own.name, "email_address": own.email_address}
    owners = {"account_pk": own.account_pk, "request_pk": own.request_pk, "signature_pk": own.id}
    tx.insert(reassignments, {**owners, **former, "reassigned_at": now})
    tx.execute(delete(signer_checks).where(signer_checks.c.signature_pk == own.id))
    forget_attached(tx, own.id)
    _find_by(tx, whole)
    return _tell(tx, view, load_whole(tx, whole.request.id), client, kit)


def is_passed_on(tx: ReadTx, token: str, kit: Kit) -> bool:
    """True for the link of somebody who passed their signature on."""
    named = read_signing_token(kit, token)
    if named is None:
        return False
    return tx.scalar(select(reassignments.c.id).where(reassignments.c.signature_id == named[0])) is not None


def _check(tx: WriteTx, view: SignerView, successor: Successor, kit: Kit) -> None:
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    if not may_reassign(view):
        raise NotFound(_("There is no page at this address."))
    if is_stopped(tx, view.request):
        raise Conflict(_("This document cannot be passed on now. Ask the sender."))
    folded = successor.email_address.casefold()
    if any(one.email_address.casefold() == folded for one in view.whole.signatures):
        raise Conflict(_("This person is asked to sign this document already."))
    mine = reassignments.c.signature_pk == view.signature.id
    if int(tx.scalar(select(func.count()).where(mine)) or 0) >= MOST_REASSIGNMENTS:
        raise Conflict(_("This document was passed on many times already. Ask the sender."))
    key = f"reassigned:{view.request.account_pk}"
    is_often = count(tx, key, kit.clock.now(), DAY_SECONDS) > REASSIGNED_A_DAY
    if is_often or may_ask(tx, view.request.account_pk, [successor.email_address], kit) is not None:
        raise Conflict(_("This document cannot be passed on today. Try again tomorrow, or ask the sender."))


def _moved(view: SignerView) -> Lifecycle:
    try:
        return view.whole.lifecycle.reassigned(view.signature.position)
    except IllegalMove as refused:
        raise refusal_of(refused.reason) from refused


def _find_by(tx: WriteTx, whole: WholeRequest) -> None:
    """The search knows who signs now."""
    people = "\n".join(f"{one.name} {one.email_address}" for one in whole.signatures)
    mine = request_words.c.request_pk == whole.request.id
    tx.execute(update(request_words).where(mine).values({"to": searchable(people), "indexed_at": None}))
    words_changed(tx, whole.request)


def _tell(tx: WriteTx, view: SignerView, whole: WholeRequest, client: Client, kit: Kit) -> WholeRequest:
    before, after = view.signature, whole.signatures[view.signature.position]
    facts = {
        "signature": after.signature_id,
        "from": {"signature": before.signature_id, "name": before.name, "email_address": before.email_address},
        "to": {"name": after.name, "email_address": after.email_address},
        "reason": after.reassignment_reason,
    }
    audit.record(tx, whole.request.id, "reassigned", facts, kit=kit, client=client)
    invite_current_turn(tx, whole, kit)
    whole = load_whole(tx, whole.request.id)
    related = whole.signatures[before.position]
    announce(tx, whole, "signature_request_reassigned", related=related, message=after.reassignment_reason, kit=kit)
    mail_reassigned(tx, whole, related, before, kit=kit)
    return whole
