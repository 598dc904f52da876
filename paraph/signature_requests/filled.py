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

    ``time_zone`` is the browser's IANA zone, empty when unknown; ``by_phone``: drawn there, finished here.
    ``left_empty`` names the places that the signer left without signature or initials.
    """

    content: Ink | None
    button_text: str
    locale: str
    time_zone: str = ""
    by_phone: bool = False
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
        made = [one for one in (self.content, self.initials) if one is not None]
        if self.by_phone and made:
            return ("phone",)
        return tuple(kind_of(one) for one in made)
