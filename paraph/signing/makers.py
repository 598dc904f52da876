"""The part of the page that makes a signature or initials: what it offers, and what it holds when it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .drafts import InkKind
from .drawing import Drawing
from .inks import Ink, closeup
from .intake import PREFIX
from .values import FACES, MAX_TEXT, Adopted, Typed, Uploaded, method_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.signature_requests import SignerView

    from .drafts import Draft

INK_KINDS: Final[tuple[InkKind, ...]] = ("signature", "initials")
WAYS: Final = ("draw", "type", "upload")
FIRST_FACE: Final = "dancing-script"
MOST_INITIALS: Final = 4


@dataclass(frozen=True, slots=True)
class Maker:
    """What was adopted before, or what was just entered and refused. ``prefix`` begins the names of its controls."""

    kind: InkKind
    prefix: str
    methods: tuple[str, ...]
    method: str
    text: str
    face: str = FIRST_FACE
    strokes: str = ""
    picture: str = ""
    ink: Ink | None = None
    is_open: bool = False
    on_phone: bool = False


def makers_of(view: SignerView, draft: Draft, base: str) -> dict[str, Maker]:
    """A maker for each kind of ink that the signer's fields take."""
    kinds = {one.kind for one in view.form.fields}
    return {kind: _maker(kind, view, draft.ink(kind), base) for kind in INK_KINDS if kind in kinds}


def with_entered(maker: Maker, text: Callable[[str], str]) -> Maker:
    """The maker with what was entered, so that nobody types or draws twice."""
    told = {name: text(f"{maker.prefix}{name}") for name in ("method", "text", "face", "strokes")}
    return replace(
        maker,
        method=told["method"] if told["method"] in maker.methods else maker.method,
        text=told["text"][:MAX_TEXT] or maker.text,
        face=told["face"] if told["face"] in FACES else maker.face,
        strokes=told["strokes"] or maker.strokes,
        is_open=True,
    )


def initials_of(name: str) -> str:
    """Initials to propose: the first letter of each word, of a long name the first and the last."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    letters = [word[0].upper() for word in words]
    return "".join(letters if len(letters) <= MOST_INITIALS else (letters[0], letters[-1]))


def picture_address(kind: InkKind, adopted: Adopted | None, base: str) -> str:
    """Where an uploaded picture is shown to its signer; empty for ink of another kind."""
    return f"{base}/{kind}.png?v={adopted.sha256[:12]}" if isinstance(adopted, Uploaded) else ""


def _maker(kind: InkKind, view: SignerView, adopted: Adopted | None, base: str) -> Maker:
    methods = tuple(way for way in view.signing_options.allowed if way in WAYS)
    default = view.signing_options.default
    name = view.signature.name
    fresh = Maker(
        kind,
        PREFIX[kind],
        methods,
        method=default if default in methods else next(iter(methods), ""),
        text=(initials_of(name) or name if kind == "initials" else name)[:MAX_TEXT],
        on_phone=view.signing_options.phone,
    )
    if adopted is None:
        return fresh
    picture = picture_address(kind, adopted, base)
    method = method_of(adopted) if method_of(adopted) in methods else fresh.method
    held = replace(fresh, method=method, ink=closeup(adopted, picture), picture=picture)
    if isinstance(adopted, Typed):
        return replace(held, text=adopted.text, face=adopted.face)
    return replace(held, strokes=adopted.as_json()) if isinstance(adopted, Drawing) else held
