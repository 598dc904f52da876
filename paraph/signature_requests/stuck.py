"""Requests that do not get on: still being prepared, or signed by everybody and not sealed. For operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, select, update

from paraph.accounts import load_account
from paraph.kit.errors import NotFound
from paraph.kit.queue import jobs
from paraph.kit.queue.troubles import in_words, payloads_of

from .lifecycle import RequestState
from .models import signature_requests

if TYPE_CHECKING:
    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

Stage = Literal["preparing", "sealing"]
JOBS: dict[Stage, str] = {"preparing": "signature_requests.prepare", "sealing": "signature_requests.complete"}
PAGE_SIZE = 50
JOBS_READ = 1000
"""With more jobs than that the queue is long, and no job is taken for lost."""
NO_REASON = "Being worked on; it takes unusually long."
NO_JOB = "Its job is gone; a new one is made within a minute."


@dataclass(frozen=True, slots=True)
class StuckRequest:
    """``since``: when it was sent, or signed by the last signer."""

    pk: int
    signature_request_id: str
    sender: str
    stage: Stage
    since: int
    reason: str


def unfinished(tx: ReadTx, stage: Stage, before: int) -> tuple[int, int | None]:
    """Return how many requests have been at this stage since before then, and since when the oldest."""
    since = _since(stage)
    row: Any = tx.execute(select(func.count(), func.min(since)).where(_at(stage), since <= before)).one()
    return int(row[0]), row[1]


def stuck_requests(tx: ReadTx, before: int, *, page: int = 1) -> tuple[list[StuckRequest], bool]:
    """Return a page of them, those that wait for a seal first, the oldest first, and whether there is more."""
    wanted = PAGE_SIZE * page + 1
    stages: tuple[Stage, ...] = ("sealing", "preparing")
    rows = [(stage, row) for stage in stages for row in _rows(tx, stage, before, wanted)]
    shown = rows[PAGE_SIZE * (page - 1) :][:PAGE_SIZE]
    reasons = {stage: _reasons(tx, stage) for stage in JOBS}
    found = [
        StuckRequest(
            pk=row.id,
            signature_request_id=row.signature_request_id,
            sender=load_account(tx, row.account_pk).email_address,
            stage=stage,
            since=row.since,
            reason=reasons[stage].get(row.id, NO_JOB),
        )
        for stage, row in shown
    ]
    return found, len(rows) > PAGE_SIZE * page


def revive_lost(tx: WriteTx, before: int, *, kit: Kit) -> int:
    """Give a new job to requests that have none; return how many. Jobs and requests are written together, so this
    is for rows that somebody deleted."""
    revived = 0
    for stage, name in JOBS.items():
        payloads = payloads_of(tx, name, JOBS_READ)
        if len(payloads) == JOBS_READ:
            continue
        cared_for = {payload["request_pk"] for payload in payloads}
        for row in _rows(tx, stage, before, PAGE_SIZE):
            if row.id not in cared_for and not _was_given_up(tx, name, row.id):
                kit.queue.enqueue(tx, name, request_pk=row.id)
                revived += 1
    return revived


def retry_request(tx: WriteTx, signature_request_id: str, *, kit: Kit) -> None:
    """Let the request be prepared or sealed now; raises NotFound when it is not stuck any more."""
    columns = signature_requests.c
    found = select(columns.id).where(columns.signature_request_id == signature_request_id)
    for stage, name in JOBS.items():
        request_pk = tx.scalar(found.where(_at(stage)))
        if request_pk is None:
            continue
        ours = [row.id for row in _jobs_in_trouble(tx, name) if row.payload["request_pk"] == request_pk]
        again = {"failed_at": None, "attempts": 0, "due_at": kit.clock.now(), "waits_for": None}
        tx.execute(update(jobs).where(jobs.c.id.in_(ours), jobs.c.lease.is_(None)).values(again))
        if not ours and all(payload["request_pk"] != request_pk for payload in payloads_of(tx, name, JOBS_READ)):
            kit.queue.enqueue(tx, name, request_pk=request_pk)
        tx.after_commit(kit.queue.woken.set)
        return
    raise NotFound("This request is not stuck any more.")


def _at(stage: Stage) -> Any:
    columns = signature_requests.c
    if stage == "preparing":
        return columns.state == RequestState.PREPARING.value
    return columns.completed_at.is_not(None) & columns.is_sealed.is_(False)


def _since(stage: Stage) -> Any:
    return signature_requests.c.created_at if stage == "preparing" else signature_requests.c.completed_at


def _rows(tx: ReadTx, stage: Stage, before: int, limit: int) -> list[Row[Any]]:
    columns, since = signature_requests.c, _since(stage)
    wanted = select(columns.id, columns.signature_request_id, columns.account_pk, since.label("since"))
    return tx.all(wanted.where(_at(stage), since <= before).order_by(since, columns.id).limit(limit))


def _jobs_in_trouble(tx: ReadTx, name: str) -> list[Row[Any]]:
    failing = select(jobs).where(jobs.c.name == name, jobs.c.error.is_not(None))
    return tx.all(failing.order_by(jobs.c.id.desc()).limit(JOBS_READ))


def _was_given_up(tx: ReadTx, name: str, request_pk: int) -> bool:
    return any(row.payload["request_pk"] == request_pk for row in _jobs_in_trouble(tx, name))


def _reasons(tx: ReadTx, stage: Stage) -> dict[int, str]:
    """By internal key of the request, why its job is not done."""
    at_work = {payload["request_pk"]: NO_REASON for payload in payloads_of(tx, JOBS[stage], JOBS_READ)}
    rows = _jobs_in_trouble(tx, JOBS[stage])
    return at_work | {row.payload["request_pk"]: in_words(row.error, row.waits_for) for row in rows}
