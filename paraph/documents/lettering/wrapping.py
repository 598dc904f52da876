"""Text broken into lines. Each word is measured once, whatever sizes are tried, so that a long value of one word
costs no more than any other."""

import functools

from paraph.documents.lettering.faces import TEXT
from paraph.documents.lettering.shaping import Line, shape

Cluster = tuple[str, float]
"""Characters that are drawn together, and how far they go on, in em."""


def wrapped(text: str, width: float, size: float, name: str = TEXT) -> list[str]:
    """Lines no wider than width points; a word too long for a line is broken."""
    room = width / size
    blank = _advance(" ", name)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current, used = "", 0.0
        for word in paragraph.split(" "):
            wide = _advance(word, name)
            if not current and wide <= room:
                current, used = word, wide
            elif current and used + blank + wide <= room:
                current, used = f"{current} {word}", used + blank + wide
            else:
                if current:
                    lines.append(current)
                *full, current = _broken(word, room, name) if wide > room else [word]
                lines += full
                used = _advance(current, name)
        lines.append(current)
    return lines


def _broken(word: str, room: float, name: str) -> list[str]:
    """A word cut into pieces that fit; at least what is drawn together each."""
    pieces, piece, used = [], "", 0.0
    for text, wide in _clusters(word, name):
        if piece and used + wide > room:
            pieces.append(piece)
            piece, used = "", 0.0
        piece, used = piece + text, used + wide
    return [*pieces, piece]


@functools.lru_cache(maxsize=4096)
def _advance(word: str, name: str) -> float:
    return shape(word, name).width if word else 0.0


@functools.lru_cache(maxsize=64)
def _clusters(word: str, name: str) -> tuple[Cluster, ...]:
    """In logical order."""
    line = shape(word, name)
    clusters = _one_way(line)
    if "".join(text for text, _ in clusters) == word:
        return tuple(clusters)
    share = line.width / len(word)  # of both directions, or with signs that only order it
    return tuple((character, share) for character in word)


def _one_way(line: Line) -> list[Cluster]:
    found: list[Cluster] = []
    for run in line.runs:
        own: list[Cluster] = []
        for glyph in run.glyphs:
            if glyph.text or not own:
                own.append((glyph.text, glyph.advance))
            else:
                own[-1] = (own[-1][0], own[-1][1] + glyph.advance)
        found = [*found, *own] if not run.right_to_left else [*own[::-1], *found]
    return found
