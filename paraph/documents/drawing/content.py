"""How each kind of mark looks inside its area."""

import functools
from typing import Final

from paraph.documents.drawing.canvas import Area, Canvas
from paraph.documents.drawing.strokes import stroke_operators
from paraph.documents.drawing.ticks import tick_operators
from paraph.documents.lettering import Setting, face_of
from paraph.documents.shapes import Hyperlink, Picture, PlainText, Strokes, Tick, TypedText

INK: Final = "0.04 0.09 0.42 rg"
INK_LINE: Final = "0.04 0.09 0.42 RG"
LINK: Final = "0.02 0.27 0.68 rg"
HANDWRITING_SHARE: Final = 0.62
"""Font size of a typed signature as a share of its area's height: the faces have long strokes."""
OVERHANG_SHARE: Final = 0.12
"""Kept free on both sides: their first and last strokes reach beyond the letter."""
TEXT_SHARE: Final = 0.72
DEFAULT_TEXT_SIZE: Final = 12.0


@functools.singledispatch
def draw_content(content: object, _canvas: Canvas, _area: Area) -> None:
    """Draw the content of a mark. Each kind registers its own way."""
    raise TypeError(f"no way to draw {type(content).__name__}")


@draw_content.register
def _(content: TypedText, canvas: Canvas, area: Area) -> None:
    size = area.height * HANDWRITING_SHARE
    inset = min(area.height, area.width) * OVERHANG_SHARE
    inner = Area(area.x + inset, area.y, area.width - 2 * inset, area.height)
    canvas.text(content.text, inner, Setting(size=size, face=content.face, colour=INK, inside=True))


@draw_content.register
def _(content: PlainText, canvas: Canvas, area: Area) -> None:
    setting = Setting(
        content.font_size or min(DEFAULT_TEXT_SIZE, area.height * TEXT_SHARE),
        face=face_of(content.family),
        multi_line=content.multi_line,
        align=content.align,
        fixed_top=content.multi_line,
        inside=True,
    )
    canvas.text(content.text, area, setting)


@draw_content.register
def _(content: Hyperlink, canvas: Canvas, area: Area) -> None:
    size = content.font_size or min(DEFAULT_TEXT_SIZE, area.height * TEXT_SHARE)
    setting = Setting(size, face=face_of(content.family), inside=True, underlined=True, colour=LINK)
    canvas.text(content.text, area, setting)
    canvas.link(content.url, area)


@draw_content.register
def _(content: Strokes, canvas: Canvas, area: Area) -> None:
    canvas.operators(*stroke_operators(content, area, canvas.height, INK_LINE))


@draw_content.register
def _(content: Picture, canvas: Canvas, area: Area) -> None:
    drawn, aspect = canvas.press.picture(content.path)
    canvas.place(drawn, fitted(area, aspect))


@draw_content.register
def _(content: Tick, canvas: Canvas, area: Area) -> None:
    canvas.operators(*tick_operators(content, area, canvas.height))


def fitted(area: Area, aspect: float) -> Area:
    """The largest part of the area with this width / height, in its middle."""
    width = min(area.width, area.height * aspect)
    height = width / aspect
    return Area(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
