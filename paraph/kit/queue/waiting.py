"""How much waits for a worker: what decides whether more is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from .models import jobs

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx

    from .definition import Lane


def waiting_jobs(tx: ReadTx, now: int, lane: Lane, most: int) -> int:
    """Return how many jobs of a lane are due, counting no further than ``most``: it costs the same however many."""
    due = select(jobs.c.id).where(jobs.c.lane == lane, jobs.c.failed_at.is_(None), jobs.c.due_at <= now)
    return int(tx.scalar(select(func.count()).select_from(due.limit(most).subquery())) or 0)
