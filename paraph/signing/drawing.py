"""A drawn signature as numbers: what is accepted, what is kept, how it is shown. Pure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final

import msgspec

from paraph.kit.i18n import gettext as _

MAX_LINES: Final = 200
MAX_POINTS: Final = 5_000
MAX_TEXT_BYTES: Final = 256 * 1024
"""Of the strokes as JSON: 5,000 points of two numbers need a third of it."""
MIN_ASPECT: Final = 0.2
MAX_ASPECT: Final = 20.0
MIN_SHARE: Final = 0.25
"""A dot is not blown up to fill the box: at least this share of the pad's height stays around the ink."""
MARGIN_SHARE: Final = 0.06
"""Kept free around the ink, so that the pen's width stays inside the box."""
DECIMALS: Final = 4

Point = tuple[float, float]
Lines = tuple[tuple[Point, ...], ...]


class Unusable(ValueError):
    """The strokes cannot be a drawing; the message tells the signer what to do."""


class Drawing(msgspec.Struct, frozen=True, tag="drawn"):
    """Lines of points, each coordinate 0..1 of a pad whose width / height is ``aspect``; (0, 0) is its top left.

    ``by_phone``: on a phone, for a signer who finishes elsewhere.
    """

    lines: Lines
    aspect: float
    by_phone: bool = False

    def as_json(self) -> str:
        """The drawing as the page's script writes and reads it."""
        return msgspec.json.encode({"lines": self.lines, "aspect": self.aspect}).decode()


class _Sent(msgspec.Struct):
    """What the script sends; the tag of the kept form is ours alone."""

    lines: Lines
    aspect: float


def read_drawing(text: str) -> Drawing:
    """Return the drawing that the page's script sent as JSON; raises Unusable."""
    if not text:
        raise Unusable(_("Draw your signature in the box first."))
    if len(text) > MAX_TEXT_BYTES:
        raise Unusable(_("The drawing has too many lines. Clear it and draw a simpler one."))
    try:
        sent = msgspec.json.decode(text, type=_Sent)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unusable(_("The drawing did not arrive whole. Clear it and draw it again.")) from error
    drawing = Drawing(sent.lines, sent.aspect)
    _check(drawing)
    return drawing


def trimmed(drawing: Drawing) -> Drawing:
    """Return the same ink on a pad cut down to it, so that it fills the box it is stamped into.

    A signature on a phone seldom fills the pad; stamped with all the white around it, it would be tiny.
    """
    left, right = _extent([x * drawing.aspect for line in drawing.lines for x, _ in line])
    top, bottom = _extent([y for line in drawing.lines for _, y in line])
    width, height = right - left, bottom - top
    lines = tuple(
        tuple((_within((x * drawing.aspect - left) / width), _within((y - top) / height)) for x, y in line)
        for line in drawing.lines
    )
    return Drawing(lines, min(max(width / height, MIN_ASPECT), MAX_ASPECT))


def svg_path(drawing: Drawing, width: float, height: float) -> str:
    """Return the drawing as SVG path data on a canvas of that size: smooth through the midpoints of the points,
    which is also how it is stamped into the PDF."""
    return " ".join(_line_path([(x * width, y * height) for x, y in line]) for line in drawing.lines)


def _check(drawing: Drawing) -> None:
    points = [point for line in drawing.lines for point in line]
    if not points or not all(drawing.lines):
        raise Unusable(_("Draw your signature in the box first."))
    if len(drawing.lines) > MAX_LINES or len(points) > MAX_POINTS:
        raise Unusable(_("The drawing has too many lines. Clear it and draw a simpler one."))
    # a NaN fails both comparisons, so it is refused here too
    if not all(0 <= value <= 1 for point in points for value in point):
        raise Unusable(_("The drawing reaches beyond its box. Clear it and draw it again."))
    if not (math.isfinite(drawing.aspect) and MIN_ASPECT <= drawing.aspect <= MAX_ASPECT):
        raise Unusable(_("The drawing did not arrive whole. Clear it and draw it again."))


def _extent(values: list[float]) -> tuple[float, float]:
    """From and to of the ink along one axis, widened by the margin and to the least size."""
    low, high = min(values), max(values)
    lacking = max(0.0, MIN_SHARE - (high - low)) / 2
    return low - lacking - MARGIN_SHARE, high + lacking + MARGIN_SHARE


def _within(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), DECIMALS)


def _line_path(points: list[Point]) -> str:
    commands = [f"M{_at(points[0])}"]
    for bend, following in pairwise(points[1:]):
        middle = ((bend[0] + following[0]) / 2, (bend[1] + following[1]) / 2)
        commands.append(f"Q{_at(bend)} {_at(middle)}")
    return "".join([*commands, f"L{_at(points[-1])}"])


def _at(point: Point) -> str:
    return f"{point[0]:.2f} {point[1]:.2f}"
