"""The text of a page in reading order, for those who listen to it beside the picture of the page.

Files seldom say in which order their text is read, so it is told from places: lines are put together, cut where
columns part, and ordered by cutting the page along its white space (XY cut, Nagy and Seth 1984).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from paraph.documents.findings import PageText, TextLine
from paraph.documents.geometry import Rectangle
from paraph.documents.lettering.bidi import as_written, is_mostly_right_to_left
from paraph.documents.limits import Limits
from paraph.documents.rejected import Rejected
from paraph.documents.shapes import Box
from paraph.documents.text.characters import Character, PageCharacters
from paraph.documents.text.find import open_normalised
from paraph.documents.text.lines import around, rows_of, spaced, with_pairs

MAX_CHARACTERS: Final = 20_000
ASCENT, DESCENT = 0.9, 0.25
"""How far a line reaches above and below its baseline, in heights of its letters."""
COLUMN_GAP: Final = 1.5
"""A gap in a line wider than this, in heights of its letters, parts two columns."""
PARAGRAPH_GAP: Final = 0.75
"""Lines further apart than this, in heights of a line, belong to different paragraphs."""
MAX_DEPTH: Final = 40
"""Gaps halve from level to level; a page of letters strewn about is not cut any finer."""
ROW_POINTS: Final = 4.0
"""What stands on one level may differ by a little less."""
FEWEST_COLUMN_LINES: Final = 4
COLUMN_LINE_SHARE: Final = 0.2
"""A column of prose has lines of at least this share of the whole width; a table has shorter ones."""
SMALLEST_SIDE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Segment:
    """A line, or the part of it within one column. Its edges are those of a page on which it runs from left to right,
    so that sideways text is ordered like any other; box is where it is seen."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    runs_left: bool
    box: Box

    @property
    def height(self) -> float:
        return self.bottom - self.top


def read_page(_limits: Limits, pdf: Path, page: int) -> PageText:
    """The text of a page (from 1) of a normalised file. Raises Rejected('no_such_page')."""
    with open_normalised(pdf) as document:
        if not 1 <= page <= len(document):
            raise Rejected("no_such_page")
        seen = PageCharacters(document[page - 1])
        paragraphs = [
            paragraph
            for rows in _by_direction(rows_of(seen.characters(MAX_CHARACTERS)))
            for paragraph in _paragraphs(_in_order(_segments(rows, page)))
        ]
        return PageText(tuple(paragraphs), seen.count > MAX_CHARACTERS)


def _by_direction(rows: Iterable[list[Character]]) -> list[list[list[Character]]]:
    """The rows of each direction, the direction of most rows first."""
    groups: dict[tuple[float, float], list[list[Character]]] = defaultdict(list)
    for row in rows:
        across, up = row[0].direction
        groups[round(across, 1) + 0.0, round(up, 1) + 0.0].append(row)
    return sorted(groups.values(), key=len, reverse=True)


def _segments(rows: Iterable[Sequence[Character]], page: int) -> list[Segment]:
    segments = (_segment(part, page) for row in rows for part in _parts(row))
    return [segment for segment in segments if segment.text]


def _parts(row: Sequence[Character]) -> Iterator[list[Character]]:
    letters = [character for character in row if not character.text.isspace()]
    if not letters:
        return
    part = [letters[0]]
    for before, character in pairwise(letters):
        if character.along - before.along - before.width > COLUMN_GAP * character.size:
            yield _with_spaces(row, part)
            part = []
        part.append(character)
    yield _with_spaces(row, part)


def _with_spaces(row: Sequence[Character], part: Sequence[Character]) -> list[Character]:
    start, end = part[0].along, part[-1].along
    return [character for character in row if start <= character.along <= end]


def _segment(part: Sequence[Character], page: int) -> Segment:
    seen = " ".join("".join(text for text, _ in with_pairs(spaced(part))).split())
    runs_left = is_mostly_right_to_left(seen)
    first, last = part[0], part[-1]
    size = max(character.size for character in part)
    baseline = -first.across
    return Segment(
        as_written(seen, int(runs_left)),
        first.along,
        baseline - ASCENT * size,
        last.along + last.width,
        baseline + DESCENT * size,
        runs_left,
        _box(page, around(part)),
    )


def _in_order(segments: list[Segment], depth: int = 0) -> list[Segment]:
    parts = list(_columns(segments) or _bands(segments))
    if len(parts) < 2 or depth >= MAX_DEPTH:
        leftwards = _runs_left(segments)
        return sorted(segments, key=lambda one: (round(one.top / ROW_POINTS), -one.right if leftwards else one.left))
    return [segment for part in parts for segment in _in_order(part, depth + 1)]


def _columns(segments: list[Segment]) -> tuple[list[Segment], list[Segment]] | None:
    """Two columns of prose side by side, in the order of reading."""
    gaps = _gaps([(one.left, one.right) for one in segments])
    if not gaps:
        return None
    _, cut = max(gaps)
    sides = [one for one in segments if one.left < cut], [one for one in segments if one.left >= cut]
    width = max(one.right for one in segments) - min(one.left for one in segments)
    for side in sides:
        lengths = sorted(one.right - one.left for one in side)
        if len(side) < FEWEST_COLUMN_LINES or lengths[len(side) // 2] < COLUMN_LINE_SHARE * width:
            return None
        if not _is_dense(side):
            return None
    left, right = sides
    return (right, left) if _runs_left(segments) else (left, right)


def _is_dense(side: list[Segment]) -> bool:
    """Whether most of the lines follow each other closely, as prose does and the rows of a form do not."""
    lines = sorted(side, key=lambda one: one.top)
    close = sum(below.top - above.bottom < PARAGRAPH_GAP * above.height for above, below in pairwise(lines))
    return close * 2 > len(lines)


def _bands(segments: list[Segment]) -> list[list[Segment]]:
    """What stands above, between and below the wide white bands: the widest, and those at least half as wide."""
    gaps = _gaps([(one.top, one.bottom) for one in segments])
    widest = max((size for size, _ in gaps), default=0.0)
    cuts = [start for size, start in gaps if size * 2 >= widest]
    bands: list[list[Segment]] = [[] for _ in range(len(cuts) + 1)]
    for one in segments:
        bands[bisect_right(cuts, one.top)].append(one)
    return bands


def _gaps(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Each gap that parts the spans: how wide it is, and where what comes after it begins."""
    gaps: list[tuple[float, float]] = []
    end: float | None = None
    for start, stop in sorted(spans):
        if end is not None and start > end:
            gaps.append((start - end, start))
        end = stop if end is None else max(end, stop)
    return gaps


def _runs_left(segments: Sequence[Segment]) -> bool:
    return sum(one.runs_left for one in segments) * 2 > len(segments)


def _paragraphs(segments: Sequence[Segment]) -> Iterator[tuple[TextLine, ...]]:
    lines: list[TextLine] = []
    for number, segment in enumerate(segments):
        if number and not _goes_on(segments[number - 1], segment):
            yield tuple(lines)
            lines = []
        lines.append(TextLine(segment.text, segment.box))
    if lines:
        yield tuple(lines)


def _goes_on(above: Segment, below: Segment) -> bool:
    height = max(above.height, below.height)
    near = -height / 2 < below.top - above.bottom < PARAGRAPH_GAP * height
    across = min(above.right, below.right) > max(above.left, below.left)
    return near and across and min(above.height, below.height) > height / 2


def _box(page: int, edges: Rectangle) -> Box:
    left, top, right, bottom = edges
    return Box(page, left, top, max(right - left, SMALLEST_SIDE), max(bottom - top, SMALLEST_SIDE))
