"""Save what a signer has typed and tapped so far, so that they can go on later and on another device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from paraph.signature_requests import lock_for_signer

from .adopt import check_may_fill
from .keep import keep_draft
from .queries import kept_draft

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.signature_requests import SignerView

    from .controls import Entered
    from .drafts import Draft


def save(tx: WriteTx, token: str, entered: Entered, *, kit: Kit) -> tuple[SignerView, Draft]:
    """Keep what was entered, and return the whole draft.

    Raises Conflict or Deleted when it is not this signer's turn or consent is missing.
    """
    view = lock_for_signer(tx, token, kit)
    check_may_fill(view)
    draft = kept_draft(tx, view, kit=kit)
    lifted = frozenset(place for place, is_placed in entered.placed.items() if not is_placed)
    added = frozenset(place for place, is_placed in entered.placed.items() if is_placed)
    keep_draft(
        tx,
        view,
        replace(draft, values={**draft.values, **entered.values}, placed=(draft.placed - lifted) | added),
        kit=kit,
    )
    return view, kept_draft(tx, view, kit=kit)
