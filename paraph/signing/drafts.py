"""What a signer has begun: values, signature, initials, and where these go. Nothing of it is signed yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import msgspec

from paraph.fields import INK_KINDS, Value, preset_values

from .values import Adopted, encode

if TYPE_CHECKING:
    from paraph.fields import Form
    from paraph.signature_requests import SignerView

InkKind = Literal["signature", "initials"]


class Answers(msgspec.Struct, frozen=True):
    """The part of a draft that is typed and tapped: values, and the places that bear signature or initials."""

    values: dict[str, str | bool] = {}
    placed: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """The bytes that are kept."""
        return msgspec.msgpack.encode(self)


def unpacked(data: bytes) -> Answers:
    """What ``Answers.packed`` gave."""
    return msgspec.msgpack.decode(data, type=Answers)


@dataclass(frozen=True, slots=True)
class Draft:
    """Values by api_id (presets where nothing was typed) and ``placed``, the api_ids signed or initialled."""

    values: Mapping[str, Value] = field(default_factory=dict)
    placed: frozenset[str] = frozenset()
    signature: Adopted | None = None
    initials: Adopted | None = None

    def ink(self, kind: str) -> Adopted | None:
        """What was adopted for fields of this kind."""
        return self.initials if kind == "initials" else self.signature

    def with_ink(self, kind: InkKind, adopted: Adopted, place: str) -> Draft:
        """The draft with this signature or these initials, which go to ``place`` and wherever the old ones went."""
        placed = self.placed | {place} if place else self.placed
        if kind == "initials":
            return replace(self, placed=placed, initials=adopted)
        return replace(self, placed=placed, signature=adopted)

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) that binds the button to what was shown above it."""
        inks = [encode(ink) if ink else b"" for ink in (self.signature, self.initials)]
        return hashlib.sha256(
            msgspec.msgpack.encode((sorted(self.values.items()), sorted(self.placed), *inks))
        ).hexdigest()


def fresh_draft(view: SignerView) -> Draft:
    """What the fields hold before the signer touches them."""
    own = view.signature
    return Draft(preset_values(view.form, name=own.name, email_address=own.email_address))


def left_empty(form: Form, draft: Draft) -> frozenset[str]:
    """The places for signature or initials that bear none."""
    return frozenset(one.api_id for one in form.fields if one.kind in INK_KINDS) - draft.placed


def first_place(form: Form, draft: Draft, kind: InkKind) -> str:
    """Where a signature goes that was made without tapping a place: the first that needs it, else the first."""
    places = [one for one in form.fields if one.kind == kind and one.api_id not in draft.placed]
    needed = [one for one in places if one.required]
    return next((one.api_id for one in (*needed, *places)), "")
