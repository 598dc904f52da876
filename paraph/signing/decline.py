"""Decline to sign, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category

from paraph.kit.errors import NotFound
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import lock_for_signer, record_declined, refusal_of

from .keep import forget_draft
from .phone_pad import forget_pad
from .refusals import NotYet

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

MAX_REASON = 1000
UNPRINTABLE = frozenset({"Cc", "Cs"})


def decline(tx: WriteTx, token: str, reason: str, client: Client, *, kit: Kit) -> None:
    """End the request for everyone; raises NotYet without a reason, NotFound when declining is not offered."""
    view = lock_for_signer(tx, token, kit)
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    if not view.request.allow_decline:
        raise NotFound(_("There is no page at this address."))
    record_declined(tx, view, checked_reason(reason), client, kit)
    forget_draft(tx, view.signature.id)
    forget_pad(tx, view.signature.id)


def checked_reason(text: str) -> str:
    """Return the reason, trimmed; raises NotYet when it is missing or too long."""
    printable = (character for character in text if character == "\n" or category(character) not in UNPRINTABLE)
    reason = "".join(printable).strip()
    if not reason:
        raise NotYet("reason", _("Give the reason, in a few words."))
    if len(reason) > MAX_REASON:
        raise NotYet("reason", _("Give the reason, in at most %(limit)s characters.", limit=MAX_REASON))
    return reason
