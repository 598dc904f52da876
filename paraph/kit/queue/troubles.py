"""Jobs in trouble, summed up by name: what a check every few seconds can afford to ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, or_, select

from .models import jobs

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx

PAGE_SIZE = 50
FAILURES_IN_A_ROW = 2
"""One failure may be chance; it is tried again within seconds."""


@dataclass(frozen=True, slots=True)
class JobTrouble:
    """So many jobs of this name (or lane); ``since`` when the oldest was asked for, ``reason`` of the newest."""

    name: str
    total: int
    since: int
    reason: str


def failing(tx: ReadTx) -> list[JobTrouble]:
    """Jobs that were given up, wait for something that is not there, or failed more than once."""
    newest = func.max(jobs.c.id)
    columns = (jobs.c.name, func.count().label("total"), func.min(jobs.c.created_at).label("since"))
    grouped = select(*columns, newest.label("newest")).where(_in_trouble()).group_by(jobs.c.name)
    rows = tx.all(grouped)
    found = tx.all(select(jobs.c.id, jobs.c.error, jobs.c.waits_for).where(jobs.c.id.in_([r.newest for r in rows])))
    reasons = {row.id: in_words(row.error, row.waits_for) for row in found}
    return [JobTrouble(row.name, row.total, row.since, reasons.get(row.newest, "")) for row in rows]


def untaken(tx: ReadTx, before: int, now: int) -> list[JobTrouble]:
    """Jobs that were due before then and that nobody has taken up, by lane: no worker runs, or it is behind."""
    free = or_(jobs.c.leased_until.is_(None), jobs.c.leased_until < now)
    waiting = (jobs.c.failed_at.is_(None), jobs.c.due_at < before, free)
    columns = (jobs.c.lane, func.count().label("total"), func.min(jobs.c.due_at).label("since"))
    rows = tx.all(select(*columns).where(*waiting).group_by(jobs.c.lane))
    reason = "No worker takes them up: none runs, or it has too much to do."
    return [JobTrouble(row.lane, row.total, row.since, reason) for row in rows]


def endless(tx: ReadTx, before: int, now: int) -> list[JobTrouble]:
    """Jobs that have been due since before then and still run, by name."""
    running = (jobs.c.failed_at.is_(None), jobs.c.due_at < before, jobs.c.leased_until >= now)
    columns = (jobs.c.name, func.count().label("total"), func.min(jobs.c.due_at).label("since"))
    rows = tx.all(select(*columns).where(*running).group_by(jobs.c.name))
    return [JobTrouble(row.name, row.total, row.since, "They run for unusually long.") for row in rows]


def jobs_in_trouble(tx: ReadTx, *, page: int = 1, name: str = "") -> tuple[list[Row[Any]], bool]:
    """Return a page of the jobs in trouble (of this name), newest first, and whether there is more."""
    wanted = select(jobs).where(_in_trouble()).order_by(jobs.c.id.desc())
    wanted = wanted.where(jobs.c.name == name) if name else wanted
    rows = tx.all(wanted.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE))
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def counts_by_name(tx: ReadTx, now: int) -> list[Row[Any]]:
    """Return (name, due, scheduled, waiting, failed, oldest due) of every kind of job there is."""
    failed, waits = jobs.c.failed_at.is_not(None), jobs.c.waits_for.is_not(None)
    due = jobs.c.failed_at.is_(None) & jobs.c.waits_for.is_(None) & (jobs.c.due_at <= now)
    later = jobs.c.failed_at.is_(None) & jobs.c.waits_for.is_(None) & (jobs.c.due_at > now)
    columns = [
        func.count().filter(due).label("due"),
        func.count().filter(later).label("scheduled"),
        func.count().filter(waits & ~failed).label("waiting"),
        func.count().filter(failed).label("failed"),
        func.min(jobs.c.due_at).filter(due).label("oldest_due"),
    ]
    return tx.all(select(jobs.c.name, *columns).group_by(jobs.c.name).order_by(jobs.c.name))


def payloads_of(tx: ReadTx, name: str, limit: int) -> list[dict[str, Any]]:
    """Return what the jobs of this name that are still to be done are about, at most so many."""
    alive = select(jobs.c.payload).where(jobs.c.name == name, jobs.c.failed_at.is_(None))
    return [row.payload for row in tx.all(alive.limit(limit))]


def in_words(error: str | None, waits_for: str | None) -> str:
    """Why a job is not done, for an operator."""
    said = error or "no reason is known"
    return f"Waits for the {waits_for.replace('_', ' ')}: {said}" if waits_for else said


def _in_trouble() -> Any:
    again = jobs.c.failed_at.is_not(None) | jobs.c.waits_for.is_not(None) | (jobs.c.attempts >= FAILURES_IN_A_ROW)
    return jobs.c.error.is_not(None) & again
