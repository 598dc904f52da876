"""Lines into a box: size, wrapping, alignment, and the operators that draw them.

Here y runs upwards from the bottom of the page as shown, as PDF content wants it.
"""

from dataclasses import dataclass
from typing import Final

import pikepdf

from paraph.documents.lettering.faces import TEXT, face
from paraph.documents.lettering.fontbook import FontBook
from paraph.documents.lettering.shaping import GlyphRun, Line, shape
from paraph.documents.lettering.wrapping import wrapped
from paraph.documents.shapes import Align

LINE_HEIGHT: Final = 1.25
"""Distance of baselines, in font sizes."""
BASELINE: Final = 0.95
"""From the top of a line to its baseline, in font sizes."""
USUAL_INK: Final = 1.0
"""From the top of a capital with an accent to the foot of a g, in font sizes."""
READABLE_SIZE: Final = 4.0
SIZE_STEP: Final = 0.5
TINY_STEP: Final = 0.9
"""Below the size that can be read, shrinking goes on in shares: every value is in the document, for any box."""
UNDERLINE_DEPTH: Final = 0.14
UNDERLINE_THICKNESS: Final = 0.06

BLACK: Final = "0 g"


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where text goes: left and bottom edge, size, in points, y upwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Setting:
    """How text is set. size: the largest font size allowed. fixed_top: begin at the top of the box instead
    of in its middle. inside: no ink leaves the box, however tall the letters. colour: a fill operator."""

    size: float
    face: str = TEXT
    multi_line: bool = False
    align: Align = "left"
    colour: str = BLACK
    fixed_top: bool = False
    inside: bool = False
    underlined: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with the start of its baseline, in points."""

    line: Line
    x: float
    baseline: float


def number(value: float) -> str:
    """A number as PDF content writes it, to a thousandth of a point."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def set_text(
    fonts: FontBook, resources: dict[str, pikepdf.Object], text: str, box: TextBox, setting: Setting
) -> list[str]:
    """Operators that draw `readable` text inside the box: never beyond its width, and smaller when it
    would not fit. Adds the fonts it uses to resources (name to font object)."""
    size, placed = placed_lines(text, box, setting)
    operators = [setting.colour]
    for one in placed:
        operators += _line_operators(fonts, resources, one.line, one.x, one.baseline, size)
        if setting.underlined:
            operators.append(_underline(one, size, box))
    return operators


def _underline(one: Placed, size: float, box: TextBox) -> str:
    thickness = size * UNDERLINE_THICKNESS
    bottom = max(one.baseline - size * UNDERLINE_DEPTH, box.y)
    return f"{number(one.x)} {number(bottom)} {number(one.line.width * size)} {number(thickness)} re f"


def placed_lines(text: str, box: TextBox, setting: Setting) -> tuple[float, list[Placed]]:
    """The font size that is used, and where each line goes."""
    size, lines = _fitted(text, box, setting)
    tall = size * LINE_HEIGHT * len(lines)
    top = box.y + box.height if setting.fixed_top else box.y + (box.height + tall) / 2
    first = top - size * BASELINE
    if setting.inside and lines:
        first = min(first, box.y + box.height - size * lines[0].ink[3])
        lowest = box.y - size * lines[-1].ink[1]
        first = max(first, lowest + size * LINE_HEIGHT * (len(lines) - 1))
    return size, [
        Placed(line, _start(line, size, box, setting), first - size * LINE_HEIGHT * index)
        for index, line in enumerate(lines)
    ]


def _start(line: Line, size: float, box: TextBox, setting: Setting) -> float:
    width = line.width * size
    align = _alignment(line, setting)
    x = box.x + {"left": 0.0, "centre": (box.width - width) / 2, "right": box.width - width}[align]
    if not setting.inside:
        return x
    left, _, right, _ = line.ink
    return max(min(x, box.x + box.width - right * size), box.x - left * size)


def _fitted(text: str, box: TextBox, setting: Setting) -> tuple[float, list[Line]]:
    size, texts = setting.size, [text]
    if setting.multi_line:
        size, texts = _lines_that_fit(text, box, setting)
    lines = [shape(line, setting.face) for line in texts]
    widest = max((_width(line, setting) for line in lines), default=0.0)
    size = min(size, box.width / widest) if widest else size
    if setting.inside and (tall := _height(lines, setting)):
        size = min(size, box.height / tall)
    return size, lines


def _lines_that_fit(text: str, box: TextBox, setting: Setting) -> tuple[float, list[str]]:
    """The largest size at which the lines have room below each other, and those lines."""
    size = setting.size
    texts = wrapped(text, box.width, size, setting.face)
    while _room_for(len(texts), setting) * size > box.height:
        size = size - SIZE_STEP if size > READABLE_SIZE else size * TINY_STEP
        texts = wrapped(text, box.width, size, setting.face)
    return size, texts


def _room_for(count: int, setting: Setting) -> float:
    """What so many lines take at most, in font sizes, unless their letters are very tall."""
    return LINE_HEIGHT * (count - 1) + USUAL_INK if setting.inside else LINE_HEIGHT * count


def _height(lines: list[Line], setting: Setting) -> float:
    """Of all lines, in font sizes."""
    if not setting.inside:
        return LINE_HEIGHT * len(lines)
    return LINE_HEIGHT * (len(lines) - 1) + lines[0].ink[3] - lines[-1].ink[1]


def _width(line: Line, setting: Setting) -> float:
    return max(line.width, line.ink[2] - line.ink[0]) if setting.inside else line.width


def _alignment(line: Line, setting: Setting) -> Align:
    starts_right = setting.align == "left" and setting.multi_line and line.is_right_to_left
    return "right" if starts_right else setting.align


def _line_operators(
    fonts: FontBook,
    resources: dict[str, pikepdf.Object],
    line: Line,
    x: float,
    baseline: float,
    size: float,
) -> list[str]:
    operators: list[str] = []
    for run in line.runs:
        key = f"/F{run.face.replace('-', '')}"
        resources[key] = fonts.font(run.face)
        shown = [f"BT {key} {number(size)} Tf", *_run_operators(fonts, run, x, baseline, size), "ET"]
        if run.needs_spelling:
            spoken = run.text.encode("utf-16-be").hex()
            shown = [f"/Span <</ActualText <feff{spoken}>>> BDC", *shown, "EMC"]
        operators += shown
        x += run.width * size
    return operators


def _run_operators(fonts: FontBook, run: GlyphRun, x: float, baseline: float, size: float) -> list[str]:
    if any(glyph.dx or glyph.dy for glyph in run.glyphs):
        return _glyph_by_glyph(fonts, run, x, baseline, size)
    parts, pending = [], ""
    for glyph in run.glyphs:
        pending += f"{fonts.code(run.face, glyph.number, glyph.text):04x}"
        kern = round((face(run.face).advance(glyph.number) - glyph.advance) * 1000)
        if kern:
            parts.append(f"<{pending}>{kern}")
            pending = ""
    if pending:
        parts.append(f"<{pending}>")
    return [f"1 0 0 1 {number(x)} {number(baseline)} Tm [{''.join(parts)}] TJ"]


def _glyph_by_glyph(fonts: FontBook, run: GlyphRun, x: float, baseline: float, size: float) -> list[str]:
    operators = []
    for glyph in run.glyphs:
        code = fonts.code(run.face, glyph.number, glyph.text)
        left, up = number(x + glyph.dx * size), number(baseline + glyph.dy * size)
        operators.append(f"1 0 0 1 {left} {up} Tm <{code:04x}> Tj")
        x += glyph.advance * size
    return operators
