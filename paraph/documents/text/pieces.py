"""Pieces of text in square brackets, with every character they are made of.

The renderer's reader gives the text of a page in reading order, which is right for nearly every file. Where its
brackets do not match, the page is read anew by position: some programs paint one line in several passes. So are pages
with right-to-left words, whose order and brackets the reader turns around now and then.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from paraph.documents.lettering.bidi import as_written, has_right_to_left
from paraph.documents.text.characters import HYPHENS, LINE_ENDS, Character, PageCharacters
from paraph.documents.text.lines import BRACKETED, Letter, is_matched, lines_by_place, with_pairs

WANTED: Final = re.compile(r"\||\[\s*\$")
"""A divider, or the name of a definition."""
FIRST_PART: Final = re.compile(r"\[\s*[A-Za-z$]")
AROUND_SIGNS: Final = re.compile(r"\s*([\[\]|])\s*")
"""Where right-to-left words meet signs, gaps are no sure sign of a space."""
MAX_PIECES_A_PAGE: Final = 1000
MAX_CHARACTERS_BY_PLACE: Final = 50_000
"""A page of a book has 3,000; reading by place costs ten times as much as asking the reader."""
SPACED_OUT_SHARE: Final = 0.6
"""With a space behind more letters than this share, the letters are only set apart."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A bracketed text and its characters in order; a space that the reader guessed has none."""

    text: str
    characters: tuple[Character, ...]


def pieces_of(page: PageCharacters) -> list[Piece]:
    """Every text in square brackets with a divider in it or a `$` in front, in the order of the page; a piece that
    was struck twice to look bold comes twice."""
    text = page.text
    if not {"[", "]"} & set(text) or not (WANTED.search(text) or has_right_to_left(text)):
        return []
    kept = [place for place, character in enumerate(text) if character not in LINE_ENDS]
    flat = "".join(HYPHENS.get(text[place], text[place]) for place in kept)
    backwards = has_right_to_left(text)
    if (backwards or not is_matched(flat)) and page.count <= MAX_CHARACTERS_BY_PLACE:
        return _by_place(page)
    found = (((flat[place], page.of_text(kept[place])) for place in range(*span)) for span in _spans(flat))
    return [piece for piece in map(_piece, map(list, found)) if piece.characters]


def _by_place(page: PageCharacters) -> list[Piece]:
    lines = lines_by_place(page.characters(MAX_CHARACTERS_BY_PLACE))
    letters = [letter for line in lines for letter in with_pairs(line)]
    flat = "".join(text for text, _ in letters)
    pieces = (_piece(letters[start:end]) for start, end in _spans(flat))
    return [piece for piece in pieces if piece.characters]


def _spans(flat: str) -> Iterator[tuple[int, int]]:
    found = (match.span() for match in BRACKETED.finditer(flat) if WANTED.search(match.group()))
    for _, span in zip(range(MAX_PIECES_A_PAGE), found, strict=False):
        yield span


def _piece(letters: Sequence[Letter]) -> Piece:
    characters = tuple(character for _, character in letters if character is not None)
    guessed = sum(1 for text, character in letters if character is None and text == " ")
    if guessed > SPACED_OUT_SHARE * len(characters):
        letters = [(text, character) for text, character in letters if character is not None]
    return Piece(_as_written("".join(text for text, _ in letters)), characters)


def _as_written(seen: str) -> str:
    """The order of writing: the first part of a piece is Latin, whichever way the paragraph runs."""
    if not has_right_to_left(seen):
        return seen
    forwards = as_written(seen, 0)
    written = forwards if FIRST_PART.match(forwards) else f"[{as_written(seen[1:-1], 1)}]"
    return AROUND_SIGNS.sub(r"\1", written)
