"""One clock. UTC, integer seconds; tests move it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Source of the present moment."""

    def now(self) -> int:
        """Return seconds since the Unix epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock, shifted by ``offset`` seconds (a setting for demonstrations and tests)."""

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    def now(self) -> int:
        return int(time.time()) + self.offset


class MovableClock:
    """A clock for tests: it stands still until moved."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        return self._now

    def move(self, seconds: int) -> None:
        """Advance (or, negative, turn back) the clock."""
        self._now += seconds
