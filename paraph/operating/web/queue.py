"""/operator/queue: jobs by kind, and those in trouble one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.accounts import record_act
from paraph.kit.errors import NotFound
from paraph.kit.http import Page, Redirect, form, page
from paraph.kit.queue import discard_job, oldest_due, retry_job
from paraph.kit.queue.troubles import counts_by_name, in_words, jobs_in_trouble

from .numbers import key_in, page_number

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit

HERE = "/operator/queue"
GONE = "This job is not among the failed ones any more."


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job in trouble; ``next_at`` is None once it was given up."""

    number: int
    name: str
    asked_at: int
    tries: int
    next_at: int | None
    reason: str


@page(HERE, operator=True)
def queue(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The page."""
    now, waits_since, number = kit.clock.now(), oldest_due(tx), page_number(visit)
    rows, has_more = jobs_in_trouble(tx, page=number)
    lines = [
        JobLine(
            number=row.id,
            name=row.name,
            asked_at=row.created_at,
            tries=row.attempts,
            next_at=None if row.failed_at is not None else row.due_at,
            reason=in_words(row.error, row.waits_for),
        )
        for row in rows
    ]
    context = {
        "kinds": counts_by_name(tx, now),
        "behind_seconds": max(0, now - waits_since) if waits_since is not None else 0,
        "now": now,
        "jobs": lines,
        "number": number,
        "has_more": has_more,
    }
    return Page("operating/queue.html", context)


@form("/operator/jobs/{job_id}/retry", operator=True)
def retry(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Make a job in trouble due now."""
    number = key_in(visit, "job_id")
    if not retry_job(tx, number, kit.clock.now()):
        raise NotFound(GONE)
    record_act(tx, visit.signed_in, "job_retried", f"job {number}", kit=kit)
    tx.after_commit(kit.queue.woken.set)
    return Redirect(HERE, notice="The job is tried again.")


@form("/operator/jobs/{job_id}/discard", operator=True)
def discard(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Drop a given-up job for good."""
    gone = discard_job(tx, key_in(visit, "job_id"))
    if gone is None:
        raise NotFound(GONE)
    record_act(tx, visit.signed_in, "job_discarded", f"job {gone.id}, {gone.name}", note=gone.error, kit=kit)
    return Redirect(HERE, notice="The job is gone.")
