"""How long a bench takes: rounds, and seconds a turn in each."""

from __future__ import annotations

import os
from dataclasses import dataclass

FULL_ROUNDS, FULL_SECONDS = 10, 3
QUICK_ROUNDS, QUICK_SECONDS = 3, 1


@dataclass(frozen=True, slots=True)
class Rounds:
    """``BENCH_QUICK=1`` asks for the short form; ``BENCH_ROUNDS`` and ``BENCH_SECONDS`` overrule either."""

    count: int
    seconds: int
    is_quick: bool

    @classmethod
    def from_environment(cls) -> Rounds:
        quick = os.environ.get("BENCH_QUICK", "") not in ("", "0")
        count, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (FULL_ROUNDS, FULL_SECONDS)
        return cls(int(os.environ.get("BENCH_ROUNDS", count)), int(os.environ.get("BENCH_SECONDS", seconds)), quick)

    def __str__(self) -> str:
        kind = "quick run" if self.is_quick else "full run"
        return f"{kind}: {self.count} rounds, {self.seconds} s a turn, after one round that does not count"
