"""Draw on a phone what is signed on this computer: a short-lived link, good for one drawing and nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from sqlalchemy import delete, select, update

from paraph.kit.crypto import token_hash
from paraph.kit.db import upsert
from paraph.kit.errors import NotFound, TooManyRequests
from paraph.kit.i18n import gettext as _
from paraph.kit.limits import count
from paraph.signature_requests import load_signer, lock_for_signer, lock_signer

from .adopt import check_may_adopt
from .drafts import first_place
from .keep import keep_draft
from .models import phone_pads
from .queries import kept_draft

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.signature_requests import SignerView

    from .drafts import InkKind
    from .drawing import Drawing

PAD_SECONDS: Final = 600
PADS_AN_HOUR: Final = 30
HOUR_SECONDS: Final = 3600
LINK_PURPOSE: Final = "phone-pad"

PadState = Literal["none", "waiting", "drawn", "over"]


@dataclass(frozen=True, slots=True)
class Pad:
    """How the signer's newest pad stands; ``link`` is for the QR code while it waits, ``until`` when it is over."""

    state: PadState
    link: str = ""
    until: int = 0


def make_pad(tx: WriteTx, token: str, kind: InkKind, place: str, *, kit: Kit) -> None:
    """Make a pad in place of an earlier one, whose link is dead then.

    Raises Conflict or Deleted when nothing can be signed now, NotYet when the sender does not offer it,
    TooManyRequests.
    """
    view, now = lock_for_signer(tx, token, kit), kit.clock.now()
    check_may_adopt(view, "phone")
    if count(tx, f"pad:{view.signature.signature_id}", now, HOUR_SECONDS) > PADS_AN_HOUR:
        raise TooManyRequests(_("Many codes were made already. Wait an hour, or sign in another way."))
    nonce = secrets.token_hex(16)
    values = {
        "account_pk": view.request.account_pk,
        "nonce": nonce,
        "token_hash": token_hash(_token(kit, nonce)),
        "kind": kind,
        "place": place if any(one.api_id == place and one.kind == kind for one in view.form.fields) else "",
        "made_at": now,
        "drawn_at": None,
    }
    upsert(tx, phone_pads, {"signature_pk": view.signature.id, **values}, unique=("signature_pk",), changes=values)


def pad_of(tx: ReadTx, view: SignerView, kit: Kit) -> Pad:
    """How this signer's pad stands."""
    row = tx.one_or_none(select(phone_pads).where(phone_pads.c.signature_pk == view.signature.id))
    if row is None:
        return Pad("none")
    until = row.made_at + PAD_SECONDS
    if row.drawn_at is not None:
        return Pad("drawn", until=until)
    if until <= kit.clock.now():
        return Pad("over", until=until)
    return Pad("waiting", f"{kit.settings.public_url}/draw/{_token(kit, row.nonce)}", until)


def load_for_pad(tx: ReadTx, pad_token: str, kit: Kit) -> SignerView:
    """The signing that this link draws for; NotFound for one that is used, over, replaced or not ours."""
    view = load_signer(tx, _living(tx, pad_token, kit).signature_pk, kit)
    check_may_adopt(view, "phone")
    return view


def draw_on_pad(tx: WriteTx, pad_token: str, drawing: Drawing, *, kit: Kit) -> None:
    """Hand the drawing to the signing, once; raises as ``load_for_pad`` and ``check_may_adopt``."""
    row = _living(tx, pad_token, kit)
    view = lock_signer(tx, row.signature_pk, kit)
    check_may_adopt(view, "phone")
    unused = (phone_pads.c.token_hash == row.token_hash) & phone_pads.c.drawn_at.is_(None)
    if tx.changed(update(phone_pads).where(unused).values(drawn_at=kit.clock.now())) != 1:
        raise _dead()
    draft = kept_draft(tx, view, kit=kit)
    where = row.place or first_place(view.form, draft, row.kind)
    made = msgspec.structs.replace(drawing, by_phone=True)
    keep_draft(tx, view, draft.with_ink(row.kind, made, where), kit=kit)


def forget_pad(tx: WriteTx, signature_pk: int) -> None:
    """Kill the link: there is nothing to draw for any more, or not by this person."""
    tx.execute(delete(phone_pads).where(phone_pads.c.signature_pk == signature_pk))


def _living(tx: ReadTx, pad_token: str, kit: Kit) -> Row[tuple[object, ...]]:
    columns = phone_pads.c
    row = tx.one_or_none(select(phone_pads).where(columns.token_hash == token_hash(pad_token)))
    if row is None or row.drawn_at is not None or row.made_at + PAD_SECONDS <= kit.clock.now():
        raise _dead()
    return row


def _dead() -> NotFound:
    return NotFound(_("This link is over or was used. Go back to your computer and ask for a new code."))


def _token(kit: Kit, nonce: str) -> str:
    """256 bits that only this server can compute; what the database holds opens nothing (T13)."""
    return kit.keyring.derived_token(LINK_PURPOSE, nonce)
