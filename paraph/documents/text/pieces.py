"""Pieces of text in square brackets, with every character they are made of.

The renderer's reader gives the text of a page in reading order, which is right for nearly every file. Where its
brackets do not match, the page is read anew by position: some programs paint one line in several passes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from paraph.documents.text.characters import HYPHENS, LINE_ENDS, Character, PageCharacters
from paraph.documents.text.lines import lines_by_place

MAX_PIECE_CHARACTERS: Final = 600
BRACKETED: Final = re.compile(rf"\[[^\[\]]{{1,{MAX_PIECE_CHARACTERS}}}\]")
DIVIDER: Final = "|"
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
    """Every text in square brackets with at least one divider, in the order of the page; a piece that was struck
    twice to look bold comes twice."""
    text = page.text
    if "[" not in text or "]" not in text or DIVIDER not in text:
        return []
    kept = [place for place, character in enumerate(text) if character not in LINE_ENDS]
    flat = "".join(HYPHENS.get(text[place], text[place]) for place in kept)
    if not _is_matched(flat) and page.count <= MAX_CHARACTERS_BY_PLACE:
        return _by_place(page)
    found = []
    for start, end in _spans(flat):
        letters = [(flat[place], page.of_text(kept[place])) for place in range(start, end)]
        found.append(_piece(letters))
    return [piece for piece in found if piece.characters]


def _by_place(page: PageCharacters) -> list[Piece]:
    known = [character for index in range(page.count) if (character := page.character(index))]
    letters: list[tuple[str, Character | None]] = []
    for line in lines_by_place([one for one in known if one.text.strip()]):
        letters += line
    flat = "".join(text[:1] for text, _ in letters)
    return [_piece(letters[start:end]) for start, end in _spans(flat)]


def _spans(flat: str) -> Iterator[tuple[int, int]]:
    found = (match.span() for match in BRACKETED.finditer(flat) if DIVIDER in match.group())
    for _, span in zip(range(MAX_PIECES_A_PAGE), found, strict=False):
        yield span


def _is_matched(flat: str) -> bool:
    """Whether every bracket belongs to a pair."""
    return "[" not in (rest := BRACKETED.sub("", flat)) and "]" not in rest


def _piece(letters: Sequence[tuple[str, Character | None]]) -> Piece:
    characters = tuple(character for _, character in letters if character is not None)
    guessed = sum(1 for text, character in letters if character is None and text == " ")
    if guessed > SPACED_OUT_SHARE * len(characters):
        letters = [(text, character) for text, character in letters if character is not None]
    return Piece("".join(text for text, _ in letters), characters)
