"""A signature on the screen, in points of the box it will be stamped into: the same rules as the PDF's. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from paraph.kit.i18n import gettext as _

from .drawing import Drawing, svg_path, trimmed
from .values import Adopted, Typed, Uploaded

PEN_SHARE = 0.022
"""Pen width as a share of the drawing's height, kept between these points."""
MIN_PEN, MAX_PEN = 0.6, 2.2
HANDWRITING_SHARE = 0.62
OVERHANG_SHARE = 0.12
LINE_HEIGHT, BASELINE = 1.25, 0.95
NARROWEST_LETTER = 0.4
"""Of the font size; a longer name is made smaller. The page's script measures it exactly."""
CLOSEUP_HEIGHT = 84.0
USUAL_LETTER = 0.5
"""Of the font size, too: how wide a typed name is taken to be before anybody has measured it."""
FEWEST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Ink:
    """What a template draws; only the values of its kind count. ``words`` describes it to who cannot see it."""

    kind: str
    width: float
    height: float
    words: str
    left: float = 0
    top: float = 0
    path: str = ""
    pen: float = 0
    text: str = ""
    face: str = ""
    size: float = 0
    baseline: float = 0
    room: float = 0
    href: str = ""


def ink_of(adopted: Adopted | None, width: float, height: float, picture: str) -> Ink:
    """Return the signature as it looks in a box of this size; ``picture`` is the address of an uploaded one."""
    if isinstance(adopted, Typed):
        return _typed(adopted, width, height)
    if isinstance(adopted, Drawing):
        return _drawn(adopted, width, height)
    return Ink("upload", width, height, _("Your signature, uploaded as a picture"), href=picture)


def closeup(adopted: Adopted, picture: str) -> Ink:
    """Return the signature alone, in a box of just its shape."""
    high = CLOSEUP_HEIGHT
    if isinstance(adopted, Drawing):
        return _drawn(adopted, high * trimmed(adopted).aspect, high)
    if isinstance(adopted, Uploaded):
        return ink_of(None, high * adopted.width / adopted.height, high, picture)
    letters = max(len(adopted.text), FEWEST_LETTERS)
    room = USUAL_LETTER * letters * high * HANDWRITING_SHARE
    return _typed(adopted, room + 2 * high * OVERHANG_SHARE, high)


def _drawn(adopted: Drawing, width: float, height: float) -> Ink:
    tight = trimmed(adopted)
    wide = min(width, height * tight.aspect)
    tall = wide / tight.aspect
    return Ink(
        "draw",
        width,
        height,
        _("Your drawn signature"),
        left=_rounded((width - wide) / 2),
        top=_rounded((height - tall) / 2),
        path=svg_path(tight, wide, tall),
        pen=_rounded(min(max(tall * PEN_SHARE, MIN_PEN), MAX_PEN)),
    )


def _typed(adopted: Typed, width: float, height: float) -> Ink:
    inset = min(width, height) * OVERHANG_SHARE
    room = width - 2 * inset
    size = min(height * HANDWRITING_SHARE, room / (NARROWEST_LETTER * len(adopted.text)))
    top = (height - LINE_HEIGHT * size) / 2
    return Ink(
        "type",
        width,
        height,
        _("Your typed signature: %(name)s", name=adopted.text),
        left=_rounded(inset),
        text=adopted.text,
        face=adopted.face,
        size=_rounded(size),
        baseline=_rounded(top + BASELINE * size),
        room=_rounded(room),
    )


def _rounded(value: float) -> float:
    return round(value, 2)
