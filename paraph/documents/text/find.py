"""Every bracketed text of a document, with its place."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium

from paraph.documents.findings import FoundText
from paraph.documents.geometry import Rectangle
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import Box
from paraph.documents.text.characters import PageCharacters
from paraph.documents.text.lines import boxes_of
from paraph.documents.text.pieces import Piece, pieces_of

MAX_TEXTS: Final = 5000
TWICE_POINTS: Final = 2.0
"""The same text this near is one text, struck twice."""
SMALLEST_SIDE: Final = 0.1


def find_texts(_limits: Limits, pdf: Path) -> tuple[FoundText, ...]:
    """The texts in square brackets with a `|` in them or a `$` in front, page by page in reading order.

    Raises Rejected('unreadable'), Rejected('too_complex') for more than MAX_TEXTS."""
    found: list[FoundText] = []
    with open_normalised(pdf) as document:
        for index in range(len(document)):
            found += texts_of(document, index)
            if len(found) > MAX_TEXTS:
                raise Rejected("too_complex", f"more than {MAX_TEXTS} bracketed texts")
    return tuple(found)


@contextmanager
def open_normalised(pdf: Path | bytes) -> Iterator[pdfium.PdfDocument]:
    """The document in the renderer. Raises Rejected('unreadable')."""
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as damage:
        raise Rejected("unreadable", str(damage)) from damage
    try:
        yield document
    finally:
        document.close()


def texts_of(document: pdfium.PdfDocument, index: int) -> list[FoundText]:
    """The bracketed texts of one page (from 0), each once."""
    return distinct(pieces_of(PageCharacters(document[index])), index + 1)


def distinct(pieces: Iterable[Piece], page: int) -> list[FoundText]:
    """The pieces as texts, those that were struck twice to look bold once."""
    found: list[FoundText] = []
    known: dict[str, list[FoundText]] = defaultdict(list)
    for piece in pieces:
        text = found_text(piece, page)
        alike = known[_letters(text)]
        if not any(is_same(text, other) for other in alike):
            alike.append(text)
            found.append(text)
    return found


def found_text(piece: Piece, page: int) -> FoundText:
    first, *more = (_box(page, rectangle) for rectangle in boxes_of(piece.characters))
    return FoundText(piece.text, first, tuple(more))


def is_same(one: FoundText, other: FoundText) -> bool:
    """Whether two texts are one, drawn twice to look bold."""
    if _letters(one) != _letters(other) or one.page != other.page:
        return False
    return abs(one.box.x - other.box.x) < TWICE_POINTS and abs(one.box.y - other.box.y) < TWICE_POINTS


def _letters(text: FoundText) -> str:
    return "".join(text.text.split())


def _box(page: int, rectangle: Rectangle) -> Box:
    left, top, right, bottom = rectangle
    return Box(page, left, top, max(right - left, SMALLEST_SIDE), max(bottom - top, SMALLEST_SIDE))
