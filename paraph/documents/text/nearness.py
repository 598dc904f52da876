"""What reaches a point: a grid over the page."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
CELL_POINTS: Final = 8.0


class Nearness(Generic[T]):
    """Things by their place and how far they reach, given as (x, y, reach, thing). Asking is one look-up."""

    def __init__(self, things: Iterable[tuple[float, float, float, T]]) -> None:
        self._cells: dict[tuple[int, int], list[tuple[float, float, float, T]]] = defaultdict(list)
        for x, y, reach, thing in things:
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
