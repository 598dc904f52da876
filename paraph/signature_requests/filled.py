"""What a signer hands in, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from paraph.documents import Strokes, TypedText

if TYPE_CHECKING:
    from paraph.fields import Value

    from .shapes import SignatureKind


@dataclass(frozen=True, slots=True)
class AdoptedPicture:
    """A signature picture that was re-encoded (``DocumentWorkers.take_picture``) and stored."""

    key: str
    sha256: str


Ink: TypeAlias = TypedText | Strokes | AdoptedPicture
"""A signature or initials, however they were made."""


def kind_of(made: Ink) -> SignatureKind:
    """How a signature was made."""
    if isinstance(made, TypedText):
        return "type"
    return "draw" if isinstance(made, Strokes) else "upload"


@dataclass(frozen=True, slots=True)
class FilledSignature:
    """What a signer hands in: their signature and initials (None without such fields), the values of the other fields
    by api_id, and the words of the button that was pressed.

    ``time_zone`` is the browser's IANA zone, empty when unknown. ``by_phone`` names what of ``signature`` and
    ``initials`` was drawn on a phone, after a QR code, ``left_empty`` the places left without either.
    """

    content: Ink | None
    button_text: str
    locale: str
    time_zone: str = ""
    by_phone: frozenset[str] = frozenset()
    initials: Ink | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    left_empty: frozenset[str] = frozenset()

    @property
    def kind(self) -> SignatureKind | None:
        """How the signature was made, or else the initials."""
        return next(iter(self.kinds), None)

    @property
    def kinds(self) -> tuple[SignatureKind, ...]:
        """How the signature and the initials were made."""
        made = {"signature": self.content, "initials": self.initials}
        return tuple("phone" if name in self.by_phone else kind_of(one) for name, one in made.items() if one)
