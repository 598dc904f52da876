"""What this process counts about itself, and cheaply: adding to a number costs a fraction of a microsecond.

An instrument is declared as a constant in the module that feeds it; ``instruments`` gives all of them to whoever
writes them out. Labels are bounded: names of routes, jobs and states, never an id or an address. Numbers are added to
in the event loop alone, so they need no lock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import Any

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets for answers."""
LONG_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""For work in the background."""

Labels = tuple[Any, ...]
_declared: dict[str, Instrument] = {}


class Instrument:
    """A named number, or one for each combination of labels."""

    def __init__(self, name: str, says: str, *labels: str) -> None:
        if name in _declared:
            raise ValueError(f"there are two instruments named {name}")
        self.name, self.says, self.labels = name, says, labels
        _declared[name] = self


class Counter(Instrument):
    """Only ever grows. Its name ends in ``_total`` where it is read."""

    def __init__(self, name: str, says: str, *labels: str) -> None:
        super().__init__(name, says, *labels)
        self.values: defaultdict[Labels, float] = defaultdict(float)

    def add(self, *labels: Any, by: float = 1) -> None:
        """Count one more, or ``by`` more."""
        self.values[labels] += by


class Gauge(Instrument):
    """Goes up and down."""

    def __init__(self, name: str, says: str, *labels: str) -> None:
        super().__init__(name, says, *labels)
        self.values: defaultdict[Labels, float] = defaultdict(float)

    def add(self, by: float, *labels: Any) -> None:
        """Move it by so much."""
        self.values[labels] += by


class Histogram(Instrument):
    """How long things took: how many lie below each bound, and the sum of all."""

    def __init__(self, name: str, says: str, *labels: str, bounds: tuple[float, ...] = SECONDS) -> None:
        super().__init__(name, says, *labels)
        self.bounds = bounds
        self.cells: dict[Labels, Cell] = {}

    def observe(self, value: float, *labels: Any) -> None:
        """Add one measurement."""
        cell = self.cells.get(labels)
        if cell is None:
            cell = self.cells[labels] = Cell(len(self.bounds) + 1)
        cell.counts[bisect_left(self.bounds, value)] += 1
        cell.sum += value


class Cell:
    """The buckets of one combination of labels; the last is for what exceeds every bound."""

    __slots__ = ("counts", "sum")

    def __init__(self, size: int) -> None:
        self.counts = [0] * size
        self.sum = 0.0


def instruments() -> list[Instrument]:
    """Return every instrument that is declared, by name."""
    return [_declared[name] for name in sorted(_declared)]
