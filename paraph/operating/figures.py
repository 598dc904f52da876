"""What the database says about the whole installation: read when asked, at most every few seconds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from paraph.accounts import count_suspended
from paraph.apps import count_waiting
from paraph.events import delivery_counts
from paraph.kit.mail import mails_refused, mails_waiting
from paraph.kit.queue import jobs, oldest_due
from paraph.kit.queue.troubles import counts_by_name
from paraph.kit.sms import texts_waiting
from paraph.signature_requests import unfinished
from paraph.signing import count_open_reports

from .stuck import Stuck, stuck_now

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

BELIEVED_SECONDS = 10.0
Rows = Mapping[Any, float]
"""By the values of the labels, a tuple of texts."""


@dataclass(frozen=True, slots=True)
class Family:
    """A named number with its labels, as it was found."""

    name: str
    says: str
    labels: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one look found."""

    families: tuple[Family, ...]
    schema: str
    stuck: tuple[Stuck, ...]
    oldest_due: int | None


class FiguresKept:
    """The last look of this process; scrapers come often, and several of them."""

    def __init__(self) -> None:
        self._found: Figures | None = None
        self._at = 0.0

    async def get(self, kit: Kit) -> Figures:
        """Return the figures, read again when they are older than ten seconds."""
        if self._found is None or time.monotonic() - self._at > BELIEVED_SECONDS:
            self._found = await kit.db.read(lambda tx: read_figures(tx, kit.clock.now()), long=True)
            self._at = time.monotonic()
        return self._found

    def forget(self) -> None:
        """Look again the next time."""
        self._found = None


def read_figures(tx: ReadTx, now: int) -> Figures:
    """Look."""
    stuck = tuple(stuck_now(tx))
    families = (*_of_jobs(tx, now), *_of_messages(tx, now), *_of_requests(tx, now), *_of_stuck(stuck, now))
    return Figures(families, schema_of(tx), stuck, oldest_due(tx))


def schema_of(tx: ReadTx) -> str:
    """Return the number of the newest migration that the database has seen."""
    return str(tx.scalar(text("SELECT version_num FROM alembic_version")))


def database_time(tx: ReadTx) -> float:
    """Return what the clock of the database's machine says, in seconds since the Unix epoch."""
    if tx.connection.dialect.name == "sqlite":
        return time.time()  # it is this machine's
    return float(tx.scalar(text("SELECT extract(epoch FROM clock_timestamp())")))


def _of_jobs(tx: ReadTx, now: int) -> list[Family]:
    rows = counts_by_name(tx, now)
    states = ("due", "scheduled", "waiting", "failed")
    counts = {(row.name, state): float(getattr(row, state)) for row in rows for state in states}
    ages = {(row.name,): float(now - row.oldest_due) for row in rows if row.oldest_due is not None}
    free = (jobs.c.failed_at.is_(None), jobs.c.lease.is_(None), jobs.c.due_at <= now)
    lanes = tx.all(select(jobs.c.lane, func.min(jobs.c.due_at).label("due")).where(*free).group_by(jobs.c.lane))
    by_lane = {(lane,): 0.0 for lane in ("work", "mail", "network")}
    by_lane |= {(row.lane,): float(now - row.due) for row in lanes}
    return [
        Family("paraph_jobs", "Jobs in the queue; waiting: for something outside.", ("job", "state"), counts),
        Family("paraph_job_oldest_due_seconds", "How long the oldest due job of a kind is due.", ("job",), ages),
        Family("paraph_queue_wait_seconds", "How long the oldest job waits to be taken up.", ("lane",), by_lane),
    ]


def _of_messages(tx: ReadTx, now: int) -> list[Family]:
    found = delivery_counts(tx)
    mails, oldest_mail = mails_waiting(tx, now)
    texts, oldest_text = texts_waiting(tx, now)
    deliveries = {"waiting": found.waiting - found.retrying, "retrying": found.retrying, "given_up": found.given_up}
    oldest = {"delivery": found.since, "mail": oldest_mail, "text": oldest_text}
    ages = {(kind,): float(now - since) if since is not None else 0.0 for kind, since in oldest.items()}
    counted = {(state,): float(total) for state, total in deliveries.items()}
    waiting = {("waiting",): float(mails), ("refused",): float(mails_refused(tx))}
    return [
        Family("paraph_deliveries", "Deliveries of events that are not taken yet.", ("state",), counted),
        Family("paraph_mails", "Mails that no mail server took.", ("state",), waiting),
        Family("paraph_texts_waiting", "Text messages that no gateway took yet.", (), {(): float(texts)}),
        Family("paraph_message_oldest_seconds", "Age of the oldest message on its way.", ("kind",), ages),
    ]


def _of_requests(tx: ReadTx, now: int) -> list[Family]:
    stages = {("preparing",): unfinished(tx, "preparing", now), ("sealing",): unfinished(tx, "sealing", now)}
    counts = {stage: float(total) for stage, (total, _) in stages.items()}
    ages = {stage: float(now - since) if since is not None else 0.0 for stage, (_, since) in stages.items()}
    people = {
        ("app_approval",): float(count_waiting(tx)),
        ("abuse_report",): float(count_open_reports(tx)),
        ("account_suspended",): float(count_suspended(tx)),
    }
    return [
        Family("paraph_requests_unfinished", "Requests that are prepared or sealed just now.", ("stage",), counts),
        Family("paraph_request_oldest_seconds", "Age of the oldest of them.", ("stage",), ages),
        Family("paraph_for_operators", "What waits for a decision of an operator.", ("what",), people),
    ]


def _of_stuck(stuck: tuple[Stuck, ...], now: int) -> list[Family]:
    totals = {(one.kind, one.name): float(one.total) for one in stuck}
    ages = {(one.kind, one.name): float(max(0, now - one.since)) for one in stuck}
    return [
        Family("paraph_stuck", "Things that do not get on, as the last check found them.", ("kind", "name"), totals),
        Family("paraph_stuck_oldest_seconds", "Age of the oldest of them.", ("kind", "name"), ages),
    ]
