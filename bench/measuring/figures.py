"""Arithmetic of measurements: a slice is a contender's turn in one round; the median of its slices is quoted."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

NONE = "-"


@dataclass(frozen=True, slots=True)
class Slice:
    """One turn. ``cpu_ms`` is processor time a call, of the servers and the database; a slice with errors is no
    measurement."""

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int = 0
    cpu_ms: float = 0.0

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Slices:
    """All turns of one contender in one case."""

    turns: list[Slice] = field(default_factory=list)

    @property
    def good(self) -> list[Slice]:
        return [turn for turn in self.turns if not turn.errors and turn.calls]

    @property
    def errors(self) -> int:
        return sum(turn.errors for turn in self.turns)

    @property
    def rate(self) -> float:
        return median(turn.rate for turn in self.good)

    @property
    def p50_ms(self) -> float:
        return median(turn.p50_ms for turn in self.good)

    @property
    def p99_ms(self) -> float:
        return median(turn.p99_ms for turn in self.good)

    @property
    def cpu_ms(self) -> float:
        return median(turn.cpu_ms for turn in self.good)

    def share_of(self, reference: Slices) -> float:
        """Our rate over the reference's of the same round, median of the rounds in which both are good; 0 if none."""
        pairs = zip(self.turns, reference.turns, strict=False)
        return median(
            mine.rate / theirs.rate
            for mine, theirs in pairs
            if not mine.errors and not theirs.errors and theirs.calls
        )


def median(values: Iterable[float]) -> float:
    """The middle value; 0 of nothing."""
    found = list(values)
    return statistics.median(found) if found else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of all do not exceed; 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    place = -int(-share * len(ordered) // 1)  # rounded up
    return ordered[max(0, min(len(ordered), place) - 1)]


def spread(values: Sequence[float]) -> float:
    """Half the distance between the quartiles over the median, as a share; 0 below two values."""
    if len(values) < 2 or not statistics.median(values):
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / 2 / statistics.median(values)


def ratio(ours: float, theirs: float) -> str:
    """``ours`` over ``theirs`` in words of a table; a dash where one of them is missing."""
    if not ours or not theirs:
        return NONE
    found = ours / theirs
    return f"{found:.1f} x" if found >= 10 else f"{found:.2f} x"
