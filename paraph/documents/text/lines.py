"""Lines rebuilt from the places of characters, whatever order they were painted in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from paraph.documents.geometry import Rectangle
from paraph.documents.text.characters import Character

SAME_LINE: Final = 0.5
"""Baselines nearer than this share of the letters' height are one line."""
STRUCK_TWICE: Final = 0.12
"""The same letter nearer than this share of its height is drawn once more, to look bold."""
WORD_GAP: Final = 0.25
"""A gap wider than this share of the height is a space."""

Letter = tuple[str, Character | None]
"""A letter, and the character that is there; a guessed space has none, nor have further letters of one glyph."""


def lines_by_place(characters: Iterable[Character]) -> list[list[Letter]]:
    """The lines from top to bottom, each from its start to its end with its spaces; text of each direction apart."""
    directions: dict[tuple[float, float], list[Character]] = defaultdict(list)
    for character in characters:
        across, up = character.direction
        directions[round(across, 2) + 0.0, round(up, 2) + 0.0].append(character)
    return [_spaced(line) for group in directions.values() for line in _lines(group)]


def boxes_of(characters: Sequence[Character]) -> list[Rectangle]:
    """A rectangle (left, top, right, bottom) around each line that these characters of one text take."""
    lines = [[characters[0]]]
    for before, character in pairwise(characters):
        if before.direction == character.direction and _share_a_line(before, character):
            lines[-1].append(character)
        else:
            lines.append([character])
    return [_around(line) for line in lines]


def _lines(characters: list[Character]) -> list[list[Character]]:
    lines: list[list[Character]] = []
    for character in sorted(characters, key=lambda one: -one.across):
        if lines and _share_a_line(lines[-1][0], character):
            lines[-1].append(character)
        else:
            lines.append([character])
    return lines


def _share_a_line(one: Character, other: Character) -> bool:
    return abs(one.across - other.across) <= SAME_LINE * max(one.size, other.size)


def _spaced(line: list[Character]) -> list[Letter]:
    letters: list[Letter] = []
    previous: Character | None = None
    for character in sorted(line, key=lambda one: one.along):
        if previous is not None:
            ahead = character.along - previous.along
            if character.text == previous.text and ahead < STRUCK_TWICE * character.size:
                continue
            if ahead - previous.width > WORD_GAP * character.size:
                letters.append((" ", None))
        letters.append((character.text[0], character))
        letters += [(text, None) for text in character.text[1:]]
        previous = character
    return letters


def _around(line: Sequence[Character]) -> Rectangle:
    lefts, tops, rights, bottoms = zip(*(character.seen for character in line), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
