"""Lines rebuilt from the places of characters, whatever order they were painted in."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from paraph.documents.geometry import Rectangle
from paraph.documents.lettering.bidi import has_right_to_left
from paraph.documents.text.characters import Character

SAME_LINE: Final = 0.5
"""Baselines nearer than this share of the letters' height are one line."""
STRUCK_TWICE: Final = 0.12
"""The same letter nearer than this share of its height is drawn once more, to look bold."""
WORD_GAP: Final = 0.15
"""A gap wider than this share of the height is a space."""

FEWEST_GAPS: Final = 6
MAX_PIECE_CHARACTERS: Final = 600
BRACKETED: Final = re.compile(rf"\[[^\[\]]{{1,{MAX_PIECE_CHARACTERS}}}\]")

Letter = tuple[str, Character | None]
"""A letter, and the character that is there; a guessed space has none, nor have further letters of one glyph."""


def lines_by_place(characters: Iterable[Character]) -> list[list[Letter]]:
    """The lines from top to bottom, each from its start to its end with its spaces; text of each direction apart."""
    return [spaced(line) for line in rows_of(characters)]


def rows_of(characters: Iterable[Character]) -> list[list[Character]]:
    """The characters of each line, from its start to its end."""
    directions: dict[tuple[float, float], list[Character]] = defaultdict(list)
    for character in characters:
        across, up = character.direction
        directions[round(across, 2) + 0.0, round(up, 2) + 0.0].append(character)
    return [sorted(line, key=lambda one: one.along) for group in directions.values() for line in _lines(group)]


def boxes_of(characters: Sequence[Character]) -> list[Rectangle]:
    """A rectangle (left, top, right, bottom) around each line that these characters of one text take."""
    lines = [[characters[0]]]
    for before, character in pairwise(characters):
        if before.direction == character.direction and _share_a_line(before, character):
            lines[-1].append(character)
        else:
            lines.append([character])
    return [around(line) for line in lines]


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


def spaced(line: Sequence[Character]) -> list[Letter]:
    """The letters of a line with the spaces between its words; what was struck twice comes once."""
    letters: list[Letter] = []
    apart = _letter_spacing(line)
    previous: Character | None = None
    for character in line:
        if previous is not None:
            ahead = character.along - previous.along
            if character.text == previous.text and ahead < STRUCK_TWICE * character.size:
                continue
            blank = character.text.isspace() or previous.text.isspace()
            if not blank and ahead - previous.width > WORD_GAP * character.size + apart:
                letters.append((" ", None))
        letters.append((character.text[0], character))
        letters += [(text, None) for text in character.text[1:]]
        previous = character
    return letters


def _letter_spacing(line: Sequence[Character]) -> float:
    """How far the letters of a line are set apart."""
    gaps = [then.along - one.along - one.width for one, then in pairwise(line)]
    return max(0.0, median(gaps)) if len(gaps) >= FEWEST_GAPS else 0.0


def around(line: Sequence[Character]) -> Rectangle:
    """Left, top, right, bottom as shown."""
    lefts, tops, rights, bottoms = zip(*(character.seen for character in line), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def with_pairs(line: list[Letter]) -> list[Letter]:
    """A line with brackets that open and close by turns: the reader turns those next to right-to-left words."""
    places = [place for place, (text, _) in enumerate(line) if text in {"[", "]"}]
    text = "".join(text for text, _ in line)
    if len(places) % 2 or is_matched(text) or not has_right_to_left(text):
        return line
    turned = list(line)
    for number, place in enumerate(places):
        turned[place] = ("[]"[number % 2], line[place][1])
    return turned


def is_matched(text: str) -> bool:
    """Whether every bracket belongs to a pair."""
    return "[" not in (rest := BRACKETED.sub("", text)) and "]" not in rest
