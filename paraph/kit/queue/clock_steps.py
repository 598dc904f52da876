"""The machine's clock may jump: somebody sets it, or the machine slept. Leases and times of jobs are put right.

Times in the database are the wall clock's, because machines share them; how long something takes is measured on the
monotonic clock. Where the two disagree, the wall clock has stepped.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from .models import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from paraph.kit.clock import Clock
    from paraph.kit.db import WriteTx

TOLERANCE_SECONDS = 30
"""Smaller steps are what keeping time looks like."""
UNSURE_SECONDS = 30.0
"""After a step, so long nobody takes over a job whose lease seems to have run out: who is alive renews it by then."""
FAR_SECONDS = 3600
SETTLE_SECONDS = 900.0
"""After a step forward by more than that, periodic jobs wait so long: a wrong time that is put right does no harm."""


@dataclass(frozen=True, slots=True)
class ClockSetBack:
    """What was due at once when it was recorded may lie in the future now; published in the transaction of repair."""

    now: int


class ClockWatch:
    """Tells steps of the clock, seen from one process."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._wall, self._steady = clock.now(), monotonic()
        self._unsure_until = self._settled_at = float("-inf")

    def look(self) -> int:
        """Return by how many seconds the clock stepped since the last look, or 0."""
        wall, steady = self._clock.now(), self._monotonic()
        step = round((wall - self._wall) - (steady - self._steady))
        self._wall, self._steady = wall, steady
        if abs(step) <= TOLERANCE_SECONDS:
            return 0
        self._unsure_until = steady + UNSURE_SECONDS
        if step > FAR_SECONDS:
            self._settled_at = steady + SETTLE_SECONDS
        elif step < 0:
            self._settled_at = float("-inf")  # put right
        return step

    @property
    def is_unsure(self) -> bool:
        """True shortly after a step: leases of those who are alive may look as if they had run out."""
        return self._monotonic() < self._unsure_until

    @property
    def is_settling(self) -> bool:
        """True for a while after a step far forward: nothing should be done that cannot be taken back."""
        return self._monotonic() < self._settled_at


def put_right(tx: WriteTx, now: int, lease_seconds: int, every: Mapping[str, int]) -> None:
    """Bring back what a clock that was ahead put too far into the future; right however often it is done.

    ``every`` tells how often each periodic job recurs. A lease is cut, not taken: whoever is alive renews it.
    """
    ahead = jobs.c.leased_until > now + lease_seconds
    tx.execute(update(jobs).where(ahead).values(leased_until=now + lease_seconds))
    at_once = (jobs.c.lease.is_(None), jobs.c.created_at > now, jobs.c.due_at <= jobs.c.created_at)
    tx.execute(update(jobs).where(*at_once).values(due_at=now))
    for name, seconds in every.items():
        late = (jobs.c.unique_key == f"periodic:{name}", jobs.c.lease.is_(None), jobs.c.due_at > now + seconds)
        tx.execute(update(jobs).where(*late).values(due_at=now + seconds))
