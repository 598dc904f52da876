"""The vendor's two systems of coordinates, turned into points (help page "Form_Fields_Per_Document"). Pure.

With ``page``, x and y are points (72 an inch). Without it they are 80 an inch, y runs on over all pages, and x begins
at 100 on an upright page (which lies in the middle of a canvas as wide as a Letter page on its side) and at 0 on any
other. Widths and heights are always 80 an inch.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from .shapes import Place, PlacedField

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .shapes import PlannedField, Spot

OLD_TO_POINTS: Final = 72 / 80
OLD_ORIGIN_OF_UPRIGHT_PAGES: Final = 100.0
SMALLEST_SIDE_POINTS: Final = 4.0
TOLERANCE_POINTS: Final = 0.5
"""Roundings of callers' own geometry are no fault."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """A page as shown, in points."""

    width: float
    height: float


class OffThePages(ValueError):
    """A field lies where its document has no page."""

    def __init__(self, planned: PlannedField, sentence: str) -> None:
        super().__init__(sentence)
        self.planned = planned
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Landed:
    """Where a field came to lie; ``was_moved`` when it had to be pushed back onto its page."""

    placed: PlacedField
    was_moved: bool


def land(planned: PlannedField, pages: Sequence[PageSize]) -> Landed:
    """Return the field in its place on ``pages``, those of its document.

    What sticks out is moved in (and made smaller when it does not fit at all); raises OffThePages when the page is
    not there or the field lies beside it altogether.
    """
    spot = planned.spot
    place = _on_given_page(spot, planned, pages) if spot.page is not None else _on_running_pages(spot, planned, pages)
    page = pages[place.page - 1]
    beside = spot.page is not None and place.x + place.width <= 0
    if beside or place.x >= page.width or place.y >= page.height or place.y + place.height <= 0:
        raise OffThePages(planned, f"the field “{planned.field.api_id}” lies beside page {place.page}")
    inside = _moved_in(place, page)
    return Landed(PlacedField(planned.field, inside), _differs(place, inside))


def overlapping(fields: Iterable[PlacedField], most: int) -> list[tuple[PlacedField, PlacedField]]:
    """Pairs of fields that cover each other by more than a rounding; looking ends with so many pairs.

    A line sweeps down each page. As long as none overlap, those that it crosses lie side by side, so only neighbours
    are compared: thousands of fields on a page cost milliseconds.
    """
    found: list[tuple[PlacedField, PlacedField]] = []
    for page in _by_page(fields):
        crossed: list[PlacedField] = []  # from the left to the right
        ends: list[tuple[float, int, PlacedField]] = []
        for number, one in enumerate(sorted(page, key=lambda one: one.place.y)):
            while ends and ends[0][0] <= one.place.y + TOLERANCE_POINTS:
                crossed.remove(heappop(ends)[2])
            at = bisect_right(crossed, one.place.x, key=lambda other: other.place.x)
            near = crossed if found else crossed[max(0, at - 1) : at + 1]
            found += [(other, one) for other in near if _overlap(other.place, one.place)]
            if len(found) >= most:
                return found[:most]
            crossed.insert(at, one)
            heappush(ends, (one.place.y + one.place.height, number, one))
    return found


def _by_page(fields: Iterable[PlacedField]) -> Iterable[list[PlacedField]]:
    pages: dict[tuple[int, int], list[PlacedField]] = {}
    for one in fields:
        pages.setdefault((one.place.document_index, one.place.page), []).append(one)
    return pages.values()


def _on_given_page(spot: Spot, planned: PlannedField, pages: Sequence[PageSize]) -> Place:
    number = spot.page or 1
    if number > len(pages):
        words = "page" if len(pages) == 1 else "pages"
        sentence = f"the field “{planned.field.api_id}” is on page {number} of a document of {len(pages)} {words}"
        raise OffThePages(planned, sentence)
    return _place(spot, number, spot.x, spot.y)


def _on_running_pages(spot: Spot, planned: PlannedField, pages: Sequence[PageSize]) -> Place:
    rest = spot.y * OLD_TO_POINTS
    for number, page in enumerate(pages, 1):
        if rest < page.height:
            return _place(spot, number, _old_x(spot, page) * OLD_TO_POINTS, rest)
        rest -= page.height
    raise OffThePages(planned, f"the field “{planned.field.api_id}” lies below the last page of its document")


def _old_x(spot: Spot, page: PageSize) -> float:
    """Counted from the left edge; negative for what lies left of the origin, which is then moved in."""
    if page.height <= page.width:
        return spot.x
    return spot.x - OLD_ORIGIN_OF_UPRIGHT_PAGES


def _place(spot: Spot, page: int, x: float, y: float) -> Place:
    width, height = spot.width * OLD_TO_POINTS, spot.height * OLD_TO_POINTS
    return Place(spot.document_index, page, x, y, width, height)


def _moved_in(place: Place, page: PageSize) -> Place:
    width = min(max(place.width, SMALLEST_SIDE_POINTS), page.width)
    height = min(max(place.height, SMALLEST_SIDE_POINTS), page.height)
    x = min(max(place.x, 0.0), page.width - width)
    y = min(max(place.y, 0.0), page.height - height)
    return replace(place, x=x, y=y, width=width, height=height)


def _differs(one: Place, other: Place) -> bool:
    pairs = ((one.x, other.x), (one.y, other.y), (one.width, other.width), (one.height, other.height))
    return any(abs(before - after) > TOLERANCE_POINTS for before, after in pairs)


def _overlap(one: Place, other: Place) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > TOLERANCE_POINTS and down > TOLERANCE_POINTS
