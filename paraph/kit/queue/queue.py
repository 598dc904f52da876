"""Enqueue, claim, finish."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    Row,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from paraph.kit import ids, origin, trace
from paraph.kit.db import Prepared, ReadTx, WriteTx, insert_or_ignore, upsert

from .models import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table

    from paraph.kit.clock import Clock

    from .definition import Lane

LEASE_SECONDS = 60
ERROR_CHARACTERS = 2000
LANES: Final[tuple[Lane, ...]] = ("work", "mail", "network")


class Queue:
    """Enqueues jobs and wakes this process's worker once they are committed."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.woken = asyncio.Event()

    def enqueue(
        self,
        tx: WriteTx,
        name: str,
        *,
        due: int | None = None,
        unique_key: str | None = None,
        lane: Lane = "work",
        **payload: Any,
    ) -> None:
        """Add the job ``name`` to the transaction, due now or at ``due``.

        There is one job of a ``unique_key``: asking again brings a waiting one forward if the new time is earlier;
        one that is under way runs once more afterwards, so nothing it may have missed is lost.
        """
        now = self.clock.now()
        enqueue(tx, name, payload, now=now, due=due, unique_key=unique_key, lane=lane)
        if due is None or due <= now:
            tx.after_commit(self.woken.set)

    def row(self, tx: WriteTx, name: str, *, lane: Lane = "work", **payload: Any) -> tuple[Table, dict[str, Any]]:
        """The row of a job that is due now, for a statement that inserts it together with others."""
        tx.after_commit(self.woken.set)
        now = self.clock.now()
        values = {"name": name, "payload": payload, "unique_key": None, "lane": lane, "due_at": now}
        return jobs, values | {"created_at": now, "origin": _origin()}


def enqueue(
    tx: WriteTx,
    name: str,
    payload: dict[str, Any],
    *,
    now: int,
    due: int | None = None,
    unique_key: str | None = None,
    lane: Lane = "work",
) -> None:
    """Insert the row of a job, or ask for the one of that key again."""
    due = now if due is None else due
    values = {"name": name, "payload": payload, "unique_key": unique_key, "lane": lane, "due_at": due}
    values |= {"created_at": now, "origin": _origin()}
    if unique_key is None:
        tx.insert(jobs, values)
        return
    waits = jobs.c.lease.is_(None)
    then = literal(due, BigInteger)
    sooner = {
        "due_at": case((waits & (jobs.c.due_at > then), then), else_=jobs.c.due_at),
        "again_at": case((waits | (jobs.c.again_at < then), jobs.c.again_at), else_=then),
    }
    upsert(tx, jobs, values, unique=("unique_key",), changes=sooner)


def schedule(tx: WriteTx, name: str, *, now: int) -> None:
    """Insert the row of a periodic job unless it is there."""
    values = {"name": name, "payload": {}, "unique_key": f"periodic:{name}", "lane": "work", "due_at": now}
    insert_or_ignore(tx, jobs, {**values, "created_at": now}, unique=("unique_key",))


def claim(tx: WriteTx, now: int, room: Mapping[Lane, int], *, take_over: bool = True) -> list[Row[Any]]:
    """Lease due jobs, in each lane up to its ``room``, and return them; a job whose lease ran out is due again.

    Without ``take_over``, jobs that somebody has a lease of are left alone, however old it looks.
    """
    values = {f"{lane}_room": max(0, room.get(lane, 0)) for lane in LANES}
    statement = _CLAIM_ANY if take_over else _CLAIM_UNLEASED
    return statement.all(tx, now=now, new_lease=ids.short_id(), new_until=now + LEASE_SECONDS, **values)


def _claiming(free: Any) -> Prepared:
    """One statement for all lanes: each job that ends asks anew, most often to learn that there is nothing."""
    dues = [_due_in(lane, free) for lane in LANES]
    leased = {
        "lease": bindparam("new_lease", type_=jobs.c.lease.type),
        "leased_until": bindparam("new_until", type_=jobs.c.leased_until.type),
        "attempts": jobs.c.attempts + 1,
    }
    found = union_all(*(select(due.c.id) for due in dues))
    return Prepared(update(jobs).where(jobs.c.id.in_(found)).values(leased).returning(jobs))


def _due_in(lane: Lane, free: Any) -> CTE:
    # a CTE runs once; as a plain IN the planner may run the locking select anew for each row and overshoot
    return (
        select(jobs.c.id)
        .where(jobs.c.lane == lane, jobs.c.failed_at.is_(None), jobs.c.due_at <= _NOW, free)
        .order_by(jobs.c.due_at, jobs.c.id)
        .limit(bindparam(f"{lane}_room", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte(f"due_{lane}")
    )


_NOW: Final = bindparam("now", type_=jobs.c.due_at.type)
_UNLEASED: Final = jobs.c.leased_until.is_(None)
_CLAIM_ANY: Final = _claiming(or_(_UNLEASED, jobs.c.leased_until < _NOW))
_CLAIM_UNLEASED: Final = _claiming(_UNLEASED)
_FINISH: Final = Prepared(
    delete(jobs).where(jobs.c.id == bindparam("job_id"), jobs.c.lease == bindparam("held"), jobs.c.again_at.is_(None))
)


def renew(tx: WriteTx, claimed: Row[Any], now: int) -> bool:
    """Prolong the lease; False when it was lost to another worker."""
    return tx.changed(_held(update(jobs), claimed).values(leased_until=now + LEASE_SECONDS)) == 1


def release(tx: WriteTx, claimed: Row[Any], now: int) -> None:
    """Give a job back that was begun and broken off: due at once, and this attempt was none."""
    values = {"due_at": now, "lease": None, "leased_until": None, "attempts": claimed.attempts - 1}
    tx.execute(_held(update(jobs), claimed).values(values))


def release_all(tx: WriteTx) -> None:
    """Give every job back: for a restored database, whose workers are not there any more."""
    tx.execute(update(jobs).where(jobs.c.lease.is_not(None)).values(lease=None, leased_until=None))


def finish(tx: WriteTx, claimed: Row[Any]) -> None:
    """Remove a job that is done, or put it back if it was asked for again meanwhile."""
    if _FINISH.changed(tx, job_id=claimed.id, held=claimed.lease) == 0:
        again: dict[str, Any] = {"due_at": jobs.c.again_at, "again_at": None, "attempts": 0}
        again |= {"error": None, "waits_for": None}
        tx.execute(_held(update(jobs), claimed).values(**again, lease=None, leased_until=None))


def repeat(tx: WriteTx, claimed: Row[Any], due: int, error: str | None = None) -> None:
    """Put a claimed job back, due at ``due``; without ``error`` its count of attempts starts anew."""
    attempts = 0 if error is None else attempts_of_its_own(claimed)
    values = {"due_at": due, "attempts": attempts, "error": _short(error), "waits_for": None}
    tx.execute(_held(update(jobs), claimed).values(**values, lease=None, leased_until=None))


def wait(tx: WriteTx, claimed: Row[Any], due: int, what: str, reason: str) -> None:
    """Put a claimed job back until ``what`` is there again; looks at ``due`` at the latest."""
    values = {"due_at": due, "error": _short(reason), "waits_for": what}
    if claimed.waits_for is None:
        values["attempts"] = 1  # tries of another kind, and pauses of another length
    tx.execute(_held(update(jobs), claimed).values(**values, lease=None, leased_until=None))


def wake_waiting(tx: WriteTx, what: str, now: int) -> int:
    """Make everything due that waits for this: it is there again. Return how many jobs that are."""
    waiting = (jobs.c.error.is_not(None), jobs.c.waits_for == what, jobs.c.lease.is_(None), jobs.c.due_at > now)
    return tx.changed(update(jobs).where(*waiting).values(due_at=now))


def attempts_of_its_own(claimed: Row[Any]) -> int:
    """How often the job itself failed or was begun, this time included; waiting for something does not count."""
    return 1 if claimed.waits_for is not None else int(claimed.attempts)


def fail(tx: WriteTx, claimed: Row[Any], now: int, error: str) -> bool:
    """Give up on a job; it stays, visible to the operator. False when it was asked for again, or lost."""
    failed: dict[str, Any] = {"failed_at": now, "error": _short(error), "lease": None, "leased_until": None}
    # a failed job must not block a new one of the same key
    given_up = _held(update(jobs), claimed).where(jobs.c.again_at.is_(None)).values(**failed, unique_key=None)
    if tx.changed(given_up) == 1:
        return True
    finish(tx, claimed)
    return False


def retry_job(tx: WriteTx, job_id: int, now: int) -> bool:
    """Make a given-up job, or one that pauses after a failure, due now; False when there is none of that number."""
    values = {"failed_at": None, "attempts": 0, "due_at": now, "waits_for": None}
    later = jobs.c.failed_at.is_not(None) | (jobs.c.due_at > now)
    in_trouble = (jobs.c.error.is_not(None), jobs.c.lease.is_(None), later)
    return tx.changed(update(jobs).where(jobs.c.id == job_id, *in_trouble).values(values)) == 1


def discard_job(tx: WriteTx, job_id: int) -> Row[Any] | None:
    """Drop a given-up job for good and return it; None when there is none of that number."""
    given_up = (jobs.c.id == job_id, jobs.c.failed_at.is_not(None))
    return tx.one_or_none(delete(jobs).where(*given_up).returning(jobs))


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
    waiting = select(jobs.c.due_at).where(jobs.c.failed_at.is_(None), jobs.c.leased_until.is_(None))
    # each lane has its own place in the index
    found = [tx.scalar(waiting.where(jobs.c.lane == lane).order_by(jobs.c.due_at).limit(1)) for lane in LANES]
    return min((int(due) for due in found if due is not None), default=None)


def _origin() -> str | None:
    """On whose behalf a job is asked for: the id of the request, then the span that asks."""
    return " ".join(filter(None, (origin.present().request_id or "-", trace.traceparent()))).strip("-") or None


def _short(error: str | None) -> str | None:
    return None if error is None else error.replace("\x00", "")[:ERROR_CHARACTERS]


def _held(statement: Any, claimed: Row[Any]) -> Any:
    return statement.where(jobs.c.id == claimed.id, jobs.c.lease == claimed.lease)
