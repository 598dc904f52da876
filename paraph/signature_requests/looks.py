"""How a value looks on the page; the same for what the sender gave and what signers put in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paraph.documents import Hyperlink, PlainText, Tick

if TYPE_CHECKING:
    from paraph.fields import FormField, Spot, Value

MASK: Final = "*" * 8
"""Of one length, so that not even the length of what was masked is told."""
LINE_HEIGHT: Final = 1.25
AVERAGE_LETTER: Final = 0.45
"""Width of an average letter, in font sizes."""
PIXEL_POINTS: Final = 72 / 80
LINES_OF_AN_AREA: Final = 2
"""A text field that is at least so many lines high takes several."""


def look_of(field: FormField, value: Value, height: float) -> PlainText | Tick:
    """What is drawn for this value into a box of this height, in points."""
    if field.is_ticked_kind:
        return Tick(value is True, round=field.kind == "radio", framed=True)
    text = MASK if field.masked else str(value)
    return PlainText(text, float(field.font_size), takes_lines(field, height), family=field.font_family)


def given_look(field: FormField, height: float) -> PlainText | Tick | Hyperlink:
    """What is drawn for a field that the sender filled in."""
    if field.kind == "hyperlink":
        return Hyperlink(field.content, field.content_url, float(field.font_size), field.font_family)
    return look_of(field, field.is_checked if field.is_ticked_kind else field.content, height)


def fits(field: FormField, spot: Spot) -> bool:
    """Whether pre-filled text is likely to fit into its field at its font size; an estimate from average letters."""
    if field.kind != "text-merge":
        return True
    width, height = spot.width * PIXEL_POINTS, spot.height * PIXEL_POINTS
    lines = max(1, int(height / (LINE_HEIGHT * field.font_size))) if takes_lines(field, height) else 1
    return len(field.content) * AVERAGE_LETTER * field.font_size <= width * lines


def takes_lines(field: FormField, height: float) -> bool:
    """True for a text field with room for more than one line."""
    is_text = field.kind in ("text", "text-merge")
    return is_text and height >= LINES_OF_AN_AREA * LINE_HEIGHT * field.font_size
