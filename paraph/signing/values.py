"""What a signer hands in: a drawing, a typed name or a picture, never PDF bytes (T16). Pure."""

from __future__ import annotations

import unicodedata
from typing import Final, get_args

import msgspec

from paraph.documents import Face, Strokes, TypedText
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import AdoptedPicture

from .drawing import Drawing, trimmed
from .refusals import NotYet

FACES: Final[dict[Face, str]] = {
    "dancing-script": "Dancing Script",
    "caveat": "Caveat",
    "great-vibes": "Great Vibes",
    "allura": "Allura",
    "marck-script": "Marck Script",
    "homemade-apple": "Homemade Apple",
}
MAX_TEXT: Final = 100
"""Characters of a typed signature; the request's room accepts no more."""
MAX_PICTURE_BYTES: Final = 5 * 1024 * 1024

if set(FACES) != set(get_args(Face)):
    raise RuntimeError("the page and the PDF must offer the same handwriting")


class Typed(msgspec.Struct, frozen=True, tag="typed"):
    """A typed name and the handwriting it is shown in."""

    text: str
    face: Face


class Uploaded(msgspec.Struct, frozen=True, tag="uploaded"):
    """A picture that was re-encoded as PNG and stored; size in pixels."""

    key: str
    sha256: str
    width: int
    height: int


Adopted = Drawing | Typed | Uploaded


def read_typed(text: str, face: str, prefix: str = "") -> Typed:
    """Return the typed signature; raises NotYet. ``prefix`` begins the name of the control to mend."""
    field = f"{prefix}typed"
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise NotYet(field, _("Type your name first."))
    if len(name) > MAX_TEXT:
        raise NotYet(field, _("Type a name of at most %(limit)s characters.", limit=MAX_TEXT))
    if any(unicodedata.category(character) in ("Cc", "Cs", "Co") for character in name):
        raise NotYet(field, _("The name holds a character that cannot be printed. Type it again."))
    known: Face | None = next((offered for offered in FACES if offered == face), None)
    if known is None:
        raise NotYet(field, _("Choose one of the handwritings."))
    return Typed(name, known)


def method_of(adopted: Adopted) -> str:
    """Return the name of the way it was made, as signing options call it."""
    if isinstance(adopted, Typed):
        return "type"
    if isinstance(adopted, Drawing):
        return "phone" if adopted.by_phone else "draw"
    return "upload"


def is_by_phone(adopted: Adopted | None) -> bool:
    """True for what was drawn on a phone, for a signer who finishes elsewhere."""
    return isinstance(adopted, Drawing) and adopted.by_phone


def content_of(adopted: Adopted) -> TypedText | Strokes | AdoptedPicture:
    """Return it as the document will show it."""
    if isinstance(adopted, Typed):
        return TypedText(adopted.text, adopted.face)
    if isinstance(adopted, Drawing):
        tight = trimmed(adopted)
        return Strokes(tight.lines, tight.aspect)
    return AdoptedPicture(adopted.key, adopted.sha256)


def encode(adopted: Adopted) -> bytes:
    """Return the bytes that are kept until the signer finishes."""
    return msgspec.msgpack.encode(adopted)


def decode(data: bytes) -> Adopted:
    """Return what ``encode`` was given."""
    kept: Adopted = msgspec.msgpack.decode(data, type=Drawing | Typed | Uploaded)
    return kept
