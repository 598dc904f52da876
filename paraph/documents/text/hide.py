"""Bracketed texts made invisible: their letters are taken out, or painted over where that cannot be done.

What was taken out is checked in the written file by the renderer: the texts are gone, and every other character
of the page stands where it stood. A page that fails the check is taken as it was, and its texts are covered.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pikepdf
import pypdfium2 as pdfium

from paraph.documents.findings import FoundText, HiddenTexts
from paraph.documents.geometry import Rectangle, Sheet
from paraph.documents.lettering.setting import number
from paraph.documents.limits import Limits
from paraph.documents.rejected import DocumentFailure
from paraph.documents.storing import store
from paraph.documents.text.characters import PageCharacters
from paraph.documents.text.codes import StandardWidths
from paraph.documents.text.find import distinct, found_text, is_same, open_normalised
from paraph.documents.text.lines import boxes_of
from paraph.documents.text.nearness import Nearness
from paraph.documents.text.pieces import Piece, pieces_of
from paraph.documents.text.removing import remove_glyphs
from paraph.documents.text.tracing import Follower, Glyph, Trace

SAME_GLYPH: Final = 0.12
"""An origin nearer than this share of the letters' height is the same letter, perhaps drawn again to look bold."""
MOVED_POINTS: Final = 0.1
STRAIGHT: Final = 0.999
ODD_CONTENT: Final = (
    pikepdf.PdfError,
    RuntimeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What content and fonts that break their own rules lead to."""
BLEED: Final = 0.4
"""Points by which a cover goes beyond the letters: they are painted with soft edges."""


@dataclass(slots=True)
class _Sheet:
    """One page (from 0) and the pieces to hide on it."""

    index: int
    sheet: Sheet
    pieces: list[Piece]
    covered: list[Piece] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)


def hide_texts(_limits: Limits, pdf: Path, wanted: Sequence[FoundText], target: Path) -> HiddenTexts:
    """Write the file without these texts (as `find_texts` gave them) to target.

    Raises Rejected('unreadable'), DocumentFailure('text_not_found') when one of them is not in the file."""
    with open_normalised(pdf) as before:
        sheets = [_sheet(before, index, texts) for index, texts in _by_page(wanted).items()]
        data = _written(pdf, before, sheets)
        with open_normalised(data) as after:
            failed = [sheet for sheet in sheets if not _is_clean(sheet, before, after)]
        if failed:
            for sheet in failed:
                sheet.covered = list(sheet.pieces)
            data = _written(pdf, before, sheets)
    covered = sum(len(distinct(sheet.covered, sheet.index + 1)) for sheet in sheets)
    stored = store(target, data)
    return HiddenTexts(stored.sha256, stored.byte_count, len(set(wanted)) - covered, covered)


def _by_page(wanted: Iterable[FoundText]) -> dict[int, list[FoundText]]:
    pages: dict[int, list[FoundText]] = defaultdict(list)
    for text in wanted:
        pages[text.page - 1].append(text)
    return dict(sorted(pages.items()))


def _sheet(document: pdfium.PdfDocument, index: int, texts: Sequence[FoundText]) -> _Sheet:
    if not 0 <= index < len(document):
        raise DocumentFailure("text_not_found", f"page {index + 1}")
    page = PageCharacters(document[index])
    there = [(piece, found_text(piece, index + 1)) for piece in pieces_of(page)]
    for text in texts:
        if not any(is_same(text, known) for _, known in there):
            raise DocumentFailure("text_not_found", f"page {index + 1}")
    pieces = [piece for piece, known in there if any(is_same(text, known) for text in texts)]
    return _Sheet(index, page.sheet, pieces)


def _written(pdf: Path, before: pdfium.PdfDocument, sheets: Iterable[_Sheet]) -> bytes:
    ruler = StandardWidths(before)
    with pikepdf.open(pdf) as document:
        for sheet in sheets:
            page = document.pages[sheet.index]
            if not sheet.covered:
                try:
                    _remove(document, page, sheet, ruler)
                except ODD_CONTENT:  # the page is still as it was: only the last step changes it
                    sheet.covered = list(sheet.pieces)
            if sheet.covered:
                _cover(document, page, sheet)
        output = io.BytesIO()
        document.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return output.getvalue()


def _remove(document: pikepdf.Pdf, page: pikepdf.Page, sheet: _Sheet, ruler: StandardWidths) -> None:
    """Take out what can be found in the content; the rest goes to sheet.covered."""
    letters = {character for piece in sheet.pieces for character in piece.characters}
    sought = Nearness((*letter.origin, SAME_GLYPH * letter.size, letter) for letter in letters)
    trace = Trace(ruler, sought)
    trace.follow_page(page)
    dead: set[Glyph] = set()
    for piece in sheet.pieces:
        found = {character: trace.found.get(character) for character in piece.characters}
        if all(glyphs for character, glyphs in found.items() if character.text.strip()):
            dead.update(glyph for glyphs in found.values() for glyph in glyphs or ())
        else:
            sheet.covered.append(piece)
    sheet.followers = trace.followers
    if dead:
        remove_glyphs(document, page, trace.streams, dead)


def _is_clean(sheet: _Sheet, before: pdfium.PdfDocument, after: pdfium.PdfDocument) -> bool:
    """Whether the removed pieces are gone and what follows them on their lines has not moved."""
    number = sheet.index + 1
    removed = [found_text(piece, number) for piece in sheet.pieces if piece not in sheet.covered]
    if not removed:
        return True
    then, now = PageCharacters(before[sheet.index]), PageCharacters(after[sheet.index])
    left = (found_text(piece, number) for piece in pieces_of(now))
    if any(is_same(text, known) for text in left for known in removed):
        return False
    return all(_has_stayed(follower, then, now) for follower in sheet.followers)


def _has_stayed(follower: Follower, then: PageCharacters, now: PageCharacters) -> bool:
    """The same letter is where it was; one that the renderer's reader never saw proves nothing."""
    was, known = then.at(*follower.within), follower.origin
    if was is None or abs(was[1] - known[0]) + abs(was[2] - known[1]) > MOVED_POINTS:
        return True
    found = now.at(*follower.within)
    if found is None or found[0] != was[0]:
        return False
    return abs(found[1] - was[1]) + abs(found[2] - was[2]) <= MOVED_POINTS


def _cover(document: pikepdf.Pdf, page: pikepdf.Page, sheet: _Sheet) -> None:
    operators = ["q 1 g"]
    for piece in sheet.covered:
        for left, top, right, bottom in _areas(piece):
            corner = f"{number(left - BLEED)} {number(sheet.sheet.height - bottom - BLEED)}"
            operators.append(f"{corner} {number(right - left + 2 * BLEED)} {number(bottom - top + 2 * BLEED)} re f")
    matrix = " ".join(number(value) for value in sheet.sheet.shown_to_user)
    drawn = "\n".join([f"q {matrix} cm", *operators, "Q Q"])
    page.contents_add(document.make_stream(b"q\n"), prepend=True)
    page.contents_add(document.make_stream(f"\nQ\n{drawn}".encode()))


def _areas(piece: Piece) -> list[Rectangle]:
    """A rectangle a line; for slanted text one a letter, which covers less of what is around."""
    across, up = piece.characters[0].direction
    if max(abs(across), abs(up)) > STRAIGHT:
        return boxes_of(piece.characters)
    return [character.seen for character in piece.characters]
