"""What reaches a point: a grid over the page."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
CELL_POINTS: Final = 8.0
MAX_REACH: Final = 40.0
"""However large a letter claims to be, it does not fill the whole grid."""


class Nearness(Generic[T]):
    """Things by their place and how far they reach, given as (x, y, reach, thing). Asking is one look-up."""

    def __init__(self, things: Iterable[tuple[float, float, float, T]]) -> None:
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, T]]] = defaultdict(list)
        for x, y, far, thing in things:
            reach = min(far, MAX_REACH)
            for column in range(_cell(x - reach), _cell(x + reach) + 1):
                for row in range(_cell(y - reach), _cell(y + reach) + 1):
                    self._cells[column, row].append((x, y, reach, thing))

    def at(self, x: float, y: float) -> list[T]:
        """The things that reach this point."""
        there = self._cells.get((_cell(x), _cell(y)))
        if there is None:
            return []
        return [thing for left, low, reach, thing in there if (left - x) ** 2 + (low - y) ** 2 <= reach * reach]


def _cell(value: float) -> int:
    return int(value // CELL_POINTS)
