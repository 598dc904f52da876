"""Adopt a signature or initials: keep what was drawn, typed or uploaded until the signer finishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import lock_for_signer, refusal_of

from .drafts import first_place
from .keep import keep_draft
from .queries import kept_draft
from .refusals import NotYet
from .values import method_of

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import SignerView

    from .drafts import Draft, InkKind
    from .values import Adopted


def adopt(
    tx: WriteTx, token: str, adopted: Adopted, *, kit: Kit, kind: InkKind = "signature", place: str = ""
) -> tuple[SignerView, Draft]:
    """Keep the ink in place of an earlier one, and return the whole draft; nothing is signed yet.

    It goes to ``place``, the api_id of the field that was tapped (without one: to the first that needs it), and to
    wherever the earlier one went; never to a place that the signer did not tap. Raises Conflict or Deleted when it
    is not this signer's turn or consent is missing, NotYet for a kind of signature that the sender did not allow.
    """
    view = lock_for_signer(tx, token, kit)
    check_may_adopt(view, method_of(adopted))
    draft = kept_draft(tx, view, kit=kit)
    is_place = any(one.api_id == place and one.kind == kind for one in view.form.fields)
    where = place if is_place else first_place(view.form, draft, kind)
    keep_draft(tx, view, draft.with_ink(kind, adopted, where), kit=kit)
    return view, kept_draft(tx, view, kit=kit)


def check_may_fill(view: SignerView) -> None:
    """Raise as ``adopt`` does when nothing can be filled in now."""
    if view.standing != "your_turn":
        raise refusal_of(view.standing)
    if view.signature.consented_at is None:
        raise Conflict(_("Agree to sign electronically first."))


def check_may_adopt(view: SignerView, method: str) -> None:
    """Raise as ``adopt`` does."""
    check_may_fill(view)
    if method not in view.signing_options.allowed:
        raise NotYet("fill", _("The sender does not offer this way of signing. Choose another one."))
