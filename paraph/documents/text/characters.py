"""The characters of a page, as the renderer reads them, each with its place."""

import ctypes
import math
from dataclasses import dataclass, replace
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from paraph.documents.geometry import Rectangle, Sheet

HYPHENS: Final = {"\x02": "-", "\ufffe": "-"}
"""What the renderer makes of a hyphen at the end of a line."""
LINE_ENDS: Final = frozenset("\r\n\x00")
NEAR_POINTS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Character:
    """One character, or those that one glyph stands for.

    origin: the start of its baseline in user space; direction: where its line runs, a unit vector; size: the height
    of its letters in points; seen: left, top, right, bottom as shown."""

    text: str
    origin: tuple[float, float]
    direction: tuple[float, float]
    size: float
    seen: Rectangle

    @property
    def along(self) -> float:
        """How far on its line it stands."""
        return self.origin[0] * self.direction[0] + self.origin[1] * self.direction[1]

    @property
    def across(self) -> float:
        """Which line it stands on: grows from the foot of the page upwards, for upright text."""
        return self.origin[1] * self.direction[0] - self.origin[0] * self.direction[1]

    @property
    def width(self) -> float:
        """How much of its line it takes, nearly (exact for text that runs along an edge of the page)."""
        left, top, right, bottom = self.seen
        tall, wide = bottom - top, right - left
        upright = abs(self.direction[0]) > abs(self.direction[1])
        return wide if (wide <= tall) or upright else tall


class PageCharacters:
    """Reads one page. `text` is what the renderer's reader makes of it: spaces and line ends are its guess."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.sheet = Sheet(tuple(page.get_cropbox()), page.get_rotation())
        self._page = page.get_textpage()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._matrix, self._box = raw.FS_MATRIX(), raw.FS_RECTF()
        self.count: int = self._page.count_chars()

    @property
    def text(self) -> str:
        found: str = self._page.get_text_range(errors="replace") if self.count else ""
        return found

    def of_text(self, position: int) -> Character | None:
        """The character at a position of `text`; None for one that the reader guessed."""
        index = raw.FPDFText_GetCharIndexFromTextIndex(self._page, position)
        return None if index < 0 else self.character(index)

    def characters(self, most: int) -> list[Character]:
        """Those that were painted, spaces too, in the order of painting, no more than so many; what one glyph says
        is one."""
        found: list[Character] = []
        for character in filter(None, map(self.character, range(min(self.count, most)))):
            if character.text in LINE_ENDS:
                continue
            if found and found[-1].origin == character.origin:
                found[-1] = _together(found[-1], character)
            else:
                found.append(character)
        return found

    def character(self, index: int) -> Character | None:
        """The character of this index; None for one that the reader guessed, or that has no letter."""
        page = self._page
        if raw.FPDFText_IsGenerated(page, index) == 1:
            return None
        code = raw.FPDFText_GetUnicode(page, index)
        if not code:
            return None
        raw.FPDFText_GetCharOrigin(page, index, self._x, self._y)
        raw.FPDFText_GetMatrix(page, index, self._matrix)
        raw.FPDFText_GetLooseCharBox(page, index, self._box)
        matrix, box = self._matrix, self._box
        edges = (box.left, box.bottom, box.right, box.top)
        if not math.isfinite(sum(edges) + self._x.value + self._y.value + matrix.a + matrix.b):
            return None  # nobody can see a letter that is nowhere
        stretch = math.hypot(matrix.a, matrix.b) or 1.0
        size = raw.FPDFText_GetFontSize(page, index) * math.hypot(matrix.c, matrix.d)
        return Character(
            text=HYPHENS.get(letter := chr(code), letter),
            origin=(self._x.value, self._y.value),
            direction=(matrix.a / stretch, matrix.b / stretch),
            size=abs(size),
            seen=self.sheet.as_seen(edges),
        )

    def at(self, x: float, y: float) -> tuple[int, float, float] | None:
        """Code and origin of the character at a point of user space."""
        index = raw.FPDFText_GetCharIndexAtPos(self._page, x, y, NEAR_POINTS, NEAR_POINTS)
        if index < 0:
            return None
        raw.FPDFText_GetCharOrigin(self._page, index, self._x, self._y)
        return raw.FPDFText_GetUnicode(self._page, index), self._x.value, self._y.value


def _together(one: Character, other: Character) -> Character:
    left, top, right, bottom = (
        choose(*edges)
        for choose, edges in zip((min, min, max, max), zip(one.seen, other.seen, strict=True), strict=True)
    )
    return replace(one, text=one.text + other.text, seen=(left, top, right, bottom))
