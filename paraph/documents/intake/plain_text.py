"""Plain text becomes pages: any script, in its own direction, wrapped, as many pages as it takes."""

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import pikepdf

from paraph.documents.drawing import Canvas, Press
from paraph.documents.drawing.canvas import Area
from paraph.documents.encodings import ENCODING_GUESSED, decoded
from paraph.documents.intake.facts import Facts
from paraph.documents.lettering import Setting, readable, shape
from paraph.documents.lettering.bidi import is_right_to_left
from paraph.documents.lettering.readable import JOINERS
from paraph.documents.lettering.setting import LINE_HEIGHT
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected

WIDTH: Final = 612.0
HEIGHT: Final = 792.0
MARGIN: Final = 64.0
SIZE: Final = 10.5
STEP: Final = SIZE * LINE_HEIGHT
LINE_EM: Final = (WIDTH - 2 * MARGIN) / SIZE
LINES_A_PAGE: Final = int((HEIGHT - 2 * MARGIN) // STEP)
TAB: Final = 8
LONGEST_TRIED: Final = 200
"""No line of this size holds more characters, but of width zero."""
NEW_PAGE: Final = "\f"
TOKEN: Final = re.compile(r" *[^ ]+")
VIRAMA: Final = 9
"""Combining class of the signs that join two letters of an Indic script."""
LEFT_TO_RIGHT_MARK: Final = "\u200e"
RIGHT_TO_LEFT_MARK: Final = "\u200f"


def pdf_of_text(data: bytes, limits: Limits, facts: Facts) -> bytes:
    """The text as a PDF. Raises Rejected: empty, too_many_pages, text_unreadable."""
    text = decoded(data)
    if text.guessed:
        facts.warn(ENCODING_GUESSED)
    if not text.characters.strip():
        raise Rejected("empty", "blanks alone")
    if len(text.characters) > limits.max_pages * LINES_A_PAGE * LONGEST_TRIED:
        raise Rejected("too_many_pages")
    output = io.BytesIO()
    with pikepdf.new() as pdf:
        press = Press(pdf)
        for number, lines in enumerate(_pages(text.characters), 1):
            if number > limits.max_pages:
                raise Rejected("too_many_pages")
            _draw(press, lines)
        press.finish()
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return output.getvalue()


def _draw(press: Press, lines: list[str]) -> None:
    canvas = Canvas(press, WIDTH, HEIGHT)
    for place, line in enumerate(lines):
        area = Area(MARGIN, MARGIN + place * STEP, WIDTH - 2 * MARGIN, STEP)
        canvas.text(line, area, Setting(SIZE, align="right" if is_right_to_left(line) else "left"))
    canvas.as_page()


def _pages(text: str) -> Iterator[list[str]]:
    page: list[str] = []
    for part_number, part in enumerate(text.split(NEW_PAGE)):
        if part_number:
            yield page
            page = []
        for paragraph in part.splitlines():
            for line in wrapped_paragraph(paragraph):
                if len(page) == LINES_A_PAGE:
                    yield page
                    page = []
                page.append(line)
    if page:
        yield page


def wrapped_paragraph(paragraph: str) -> Iterator[str]:
    """Lines that fit, each beginning with a mark of the paragraph's direction, so that none takes its own.
    Blanks between words are kept; those where a line ends are not."""
    shown = readable(paragraph.expandtabs(TAB)).rstrip(" ")
    mark = RIGHT_TO_LEFT_MARK if is_right_to_left(shown) else LEFT_TO_RIGHT_MARK
    line, used = "", 0.0
    for token in TOKEN.findall(shown):
        wide = shape(token).width
        if used + wide <= LINE_EM:
            line, used = line + token, used + wide
            continue
        if line:
            yield mark + line
            token = token.lstrip(" ")
        *full, line = _cut(token)
        yield from (mark + piece for piece in full)
        used = shape(line).width
    yield mark + line if line else ""


def _cut(word: str) -> Iterator[str]:
    """A word in pieces that fit, each at least one character and no character apart from its marks."""
    start = 0
    while start < len(word):
        end = start + _fitting(word[start : start + LONGEST_TRIED])
        while end < len(word) and end > start + 1 and (_is_inside(word, end) or not _fits(word[start:end])):
            end -= 1
        yield word[start:end]
        start = end


def _fitting(word: str) -> int:
    """How many characters of it fit on a line, at least one."""
    line = shape(word)
    if line.width <= LINE_EM:
        return len(word)
    if any(run.right_to_left for run in line.runs):
        return _fitting_by_trial(word)
    count, wide = 0, 0.0
    for glyph in (glyph for run in line.runs for glyph in run.glyphs):
        wide += glyph.advance
        if wide > LINE_EM:
            break
        count += len(glyph.text)
    return max(1, count)


def _fitting_by_trial(word: str) -> int:
    """For letters whose shapes depend on their neighbours, and which do not stand in reading order."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(word[:middle]) else (low, middle - 1)
    return low


def _fits(word: str) -> bool:
    return shape(word).width <= LINE_EM


def _is_inside(word: str, place: int) -> bool:
    """Whether a cut here would part a letter from its marks, or from the letter that it is joined with."""
    before, after = word[place - 1], word[place]
    joined = before in JOINERS or unicodedata.combining(before) == VIRAMA
    return joined or after in JOINERS or unicodedata.category(after).startswith("M")
