"""What is stuck, and why: found every few seconds, so that it is visible within a minute.

Stuck is what does not get on in the time that it usually takes: a job that fails again, or that nobody takes
up; a request that is not prepared or sealed; a delivery, a mail or a text message that is not taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from paraph.events import retrying, wake_overdue
from paraph.kit.db import upsert
from paraph.kit.log import log
from paraph.kit.mail import mails_waiting
from paraph.kit.queue.troubles import JobTrouble, endless, failing, untaken
from paraph.kit.sms import texts_waiting
from paraph.signature_requests import revive_lost, unfinished

from .models import stuck_things

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

CHECK_SECONDS = 15
PATIENCE_SECONDS = 30
"""What is due, unsent or unfinished for longer is stuck; with the pause between two checks it shows in a minute."""
ENDLESS_SECONDS = 900
"""A job that still runs after so long."""
STALE_SECONDS = 4 * CHECK_SECONDS
"""A check that is older says nothing: no worker runs."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """So many things of a kind; ``since`` the oldest of them, ``reason`` in words."""

    kind: str
    name: str
    total: int
    since: int
    reason: str


def find_stuck(tx: ReadTx, now: int) -> list[Stuck]:
    """Return what is stuck at this moment."""
    before = now - PATIENCE_SECONDS
    jobs = failing(tx)
    reasons = {one.name: one.reason for one in jobs}
    found = [_of_jobs("job", one) for one in jobs]
    found += [_of_jobs("queue", one) for one in untaken(tx, before, now)]
    found += [_of_jobs("endless", one) for one in endless(tx, now - ENDLESS_SECONDS, now)]
    sums = {
        ("request", "preparing", "signature_requests.prepare"): unfinished(tx, "preparing", before),
        ("request", "sealing", "signature_requests.complete"): unfinished(tx, "sealing", before),
        ("mail", "waiting", "mail.deliver"): mails_waiting(tx, before),
        ("text", "waiting", "sms.deliver"): texts_waiting(tx, before),
        ("delivery", "retrying", ""): retrying(tx),
    }
    for (kind, name, job), (total, since) in sums.items():
        if total and since is not None:
            found.append(Stuck(kind, name, total, since, _reason(kind, reasons.get(job))))
    return found


def check(tx: WriteTx, *, kit: Kit) -> None:
    """Find what is stuck, keep it for whoever asks, say what is new and what is over, and revive what was lost."""
    now = kit.clock.now()
    before = {(one.kind, one.name): one for one in stuck_now(tx)}
    found = {(one.kind, one.name): one for one in find_stuck(tx, now)}
    for key in before.keys() - found.keys():
        tx.execute(delete(stuck_things).where(stuck_things.c.kind == key[0], stuck_things.c.name == key[1]))
        tx.after_commit(partial(log, "no_longer_stuck", kind=key[0], name=key[1], since=before[key].since))
    for key, one in found.items():
        if key not in before:
            words = {"kind": one.kind, "name": one.name, "total": one.total, "since": one.since}
            tx.after_commit(partial(log, "stuck", level="warning", **words))
        facts = {"total": one.total, "oldest_at": one.since, "reason": one.reason, "checked_at": now}
        row = {"kind": one.kind, "name": one.name, "found_at": now, **facts}
        upsert(tx, stuck_things, row, unique=("kind", "name"), changes=facts)
    wake_overdue(tx, now - 2 * PATIENCE_SECONDS, kit=kit)
    revive_lost(tx, now - 2 * PATIENCE_SECONDS, kit=kit)


def stuck_now(tx: ReadTx) -> list[Stuck]:
    """Return what the last check found, the oldest first."""
    t = stuck_things.c
    rows = tx.all(select(stuck_things).order_by(t.oldest_at, t.kind, t.name))
    return [Stuck(row.kind, row.name, row.total, row.oldest_at, row.reason) for row in rows]


def _of_jobs(kind: str, trouble: JobTrouble) -> Stuck:
    return Stuck(kind, trouble.name, trouble.total, trouble.since, trouble.reason)


def _reason(kind: str, of_the_job: str | None) -> str:
    if kind == "delivery":
        return "Receivers do not answer as they should; each is tried again on the documented schedule."
    return of_the_job or "No failure is known: they wait for their turn, or it takes unusually long."
