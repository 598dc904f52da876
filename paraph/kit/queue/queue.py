"""Enqueue, claim, finish."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, case, delete, func, or_, select, update

from paraph.kit import ids
from paraph.kit.db import ReadTx, WriteTx, insert_or_ignore

from .models import jobs

if TYPE_CHECKING:
    from paraph.kit.clock import Clock

LEASE_SECONDS = 60
ERROR_CHARACTERS = 2000


class Queue:
    """Enqueues jobs and wakes this process's worker once they are committed."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.woken = asyncio.Event()

    def enqueue(
        self, tx: WriteTx, name: str, *, due: int | None = None, unique_key: str | None = None, **payload: Any
    ) -> None:
        """Add the job ``name`` to the transaction, due now or at ``due``.

        With ``unique_key``, nothing happens while a job of that key waits.
        """
        now = self.clock.now()
        enqueue(tx, name, payload, now=now, due=due, unique_key=unique_key)
        if due is None or due <= now:
            tx.after_commit(self.woken.set)


def enqueue(
    tx: WriteTx,
    name: str,
    payload: dict[str, Any],
    *,
    now: int,
    due: int | None = None,
    unique_key: str | None = None,
) -> None:
    """Insert the row of a job."""
    values = {
        "name": name,
        "payload": payload,
        "unique_key": unique_key,
        "due_at": due or now,
        "created_at": now,
    }
    if unique_key is None:
        tx.insert(jobs, values)
    else:
        insert_or_ignore(tx, jobs, values, unique=("unique_key",))


def claim(tx: WriteTx, now: int, limit: int) -> list[Row[Any]]:
    """Lease up to ``limit`` due jobs and return them; a job whose lease ran out is due again."""
    free = or_(jobs.c.leased_until.is_(None), jobs.c.leased_until < now)
    due = (
        select(jobs.c.id)
        .where(jobs.c.failed_at.is_(None), jobs.c.due_at <= now, free)
        .order_by(jobs.c.due_at, jobs.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    lease = {"lease": ids.short_id(), "leased_until": now + LEASE_SECONDS, "attempts": jobs.c.attempts + 1}
    return tx.all(update(jobs).where(jobs.c.id.in_(due)).values(lease).returning(jobs))


def renew(tx: WriteTx, claimed: Row[Any], now: int) -> bool:
    """Prolong the lease; False when it was lost to another worker."""
    return tx.changed(_held(update(jobs), claimed).values(leased_until=now + LEASE_SECONDS)) == 1


def finish(tx: WriteTx, claimed: Row[Any]) -> None:
    """Remove a job that is done."""
    tx.execute(_held(delete(jobs), claimed))


def repeat(tx: WriteTx, claimed: Row[Any], due: int, error: str | None = None) -> None:
    """Put a claimed job back, due at ``due``; without ``error`` its count of attempts starts anew."""
    values: dict[str, Any] = {"due_at": due, "lease": None, "leased_until": None, "error": error}
    if error is None:
        values["attempts"] = 0
    tx.execute(_held(update(jobs), claimed).values(values))


def fail(tx: WriteTx, claimed: Row[Any], now: int, error: str) -> None:
    """Give up on a job; it stays, visible to the operator, until retried."""
    values = {"failed_at": now, "error": error[:ERROR_CHARACTERS], "lease": None, "leased_until": None}
    # a failed job must not block a new one of the same key
    tx.execute(_held(update(jobs), claimed).values(**values, unique_key=None))


def retry_job(tx: WriteTx, job_id: int, now: int) -> bool:
    """Make a given-up job due again; False when there is none of that number."""
    values = {"failed_at": None, "attempts": 0, "due_at": now}
    return tx.changed(update(jobs).where(jobs.c.id == job_id, jobs.c.failed_at.is_not(None)).values(values)) == 1


def failed_jobs(tx: ReadTx, limit: int = 100) -> list[Row[Any]]:
    """Return given-up jobs, newest first."""
    return tx.all(select(jobs).where(jobs.c.failed_at.is_not(None)).order_by(jobs.c.failed_at.desc()).limit(limit))


def queue_counts(tx: ReadTx, now: int) -> dict[str, int]:
    """Return how many jobs are ``due``, ``scheduled`` and ``failed``."""
    state = case((jobs.c.failed_at.is_not(None), "failed"), (jobs.c.due_at <= now, "due"), else_="scheduled")
    found = dict.fromkeys(("due", "scheduled", "failed"), 0)
    rows = tx.all(select(state.label("state"), func.count().label("total")).group_by("state"))
    found.update({row.state: row.total for row in rows})
    return found


def oldest_due(tx: ReadTx) -> int | None:
    """Return the due time of the job that has waited longest, or None."""
    where = jobs.c.failed_at.is_(None) & jobs.c.leased_until.is_(None)
    found = tx.scalar(select(func.min(jobs.c.due_at)).where(where))
    return None if found is None else int(found)


def _held(statement: Any, claimed: Row[Any]) -> Any:
    return statement.where(jobs.c.id == claimed.id, jobs.c.lease == claimed.lease)
