"""Deliveries in trouble, over all receivers: for operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, or_, select, text, update

from paraph.kit.errors import NotFound

from .models import callbacks, deliveries, delivery_attempts, events
from .record import add_delivery

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

PAGE_SIZE = 50
WOKEN_AT_ONCE = 100
REPLAYED_AT_ONCE = 500
GIVEN_UP = text("deliveries.state = 'given_up'")
"""Word for word as the index has it, so that it serves."""


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """``retrying`` ones have failed before; ``since`` is when the oldest that waits was recorded."""

    waiting: int
    retrying: int
    given_up: int
    since: int | None


@dataclass(frozen=True, slots=True)
class FailedCallback:
    """A callback URL with deliveries that failed; ``callback_pk`` names it to ``replay_callback``."""

    callback_pk: int
    url: str | None
    account_pk: int | None
    app_pk: int | None
    retrying: int
    given_up: int


def delivery_counts(tx: ReadTx) -> DeliveryCounts:
    """Return how many deliveries wait and were given up."""
    waits = deliveries.c.finished_at.is_(None)
    failed_before = func.count().filter(deliveries.c.tries > 0)
    row: Any = tx.execute(select(func.count(), failed_before, func.min(deliveries.c.created_at)).where(waits)).one()
    given_up = tx.scalar(select(func.count()).select_from(deliveries).where(GIVEN_UP, deliveries.c.finished_at > 0))
    return DeliveryCounts(row[0], row[1], int(given_up or 0), row[2])


def retrying(tx: ReadTx) -> tuple[int, int | None]:
    """Return how many deliveries failed and are tried again, and when the oldest was recorded."""
    found = (deliveries.c.finished_at.is_(None), deliveries.c.tries > 0)
    row: Any = tx.execute(select(func.count(), func.min(deliveries.c.created_at)).where(*found)).one()
    return int(row[0]), row[1]


def wake_overdue(tx: WriteTx, before: int, *, kit: Kit) -> int:
    """Have the worker look at callbacks whose deliveries were due before then and that nobody works at.

    Each delivery has a job that wakes the worker for it; this is for jobs that were lost. Returns how many.
    """
    now = kit.clock.now()
    free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until < now)
    overdue = (deliveries.c.finished_at.is_(None), deliveries.c.next_try_at < before, free)
    found = tx.all(select(deliveries.c.callback_pk).where(*overdue).distinct().limit(WOKEN_AT_ONCE))
    for row in found:
        key = f"events.deliver:{row.callback_pk}"
        kit.queue.enqueue(tx, "events.deliver", lane="network", unique_key=key, callback_pk=row.callback_pk)
    return len(found)


def failed_callbacks(tx: ReadTx) -> list[FailedCallback]:
    """Return the callbacks with deliveries in trouble, those with most given up first; at most a page."""
    given_up = _by_callback(tx, GIVEN_UP)
    again = _by_callback(tx, deliveries.c.finished_at.is_(None) & (deliveries.c.tries > 0))
    keys = sorted(given_up.keys() | again.keys(), key=lambda key: -given_up.get(key, 0))[:PAGE_SIZE]
    rows = {row.id: row for row in tx.all(select(callbacks).where(callbacks.c.id.in_(keys)))}
    return [
        FailedCallback(
            key,
            rows[key].url,
            rows[key].account_pk,
            rows[key].app_pk,
            again.get(key, 0),
            given_up.get(key, 0),
        )
        for key in keys
        if key in rows
    ]


def deliveries_in_trouble(tx: ReadTx, *, page: int = 1) -> tuple[list[Row[Any]], bool]:
    """Return a page of deliveries that were given up or are tried again, newest first, with event, URL and error."""
    failed = or_(GIVEN_UP, deliveries.c.finished_at.is_(None) & (deliveries.c.tries > 0))
    tries = delivery_attempts.alias()
    newest = select(func.max(tries.c.id)).where(tries.c.delivery_pk == deliveries.c.id).correlate(deliveries)
    wanted = (
        select(deliveries, events.c.event_type, callbacks.c.url, delivery_attempts.c.error)
        .join(events, events.c.id == deliveries.c.event_pk)
        .join(callbacks, callbacks.c.id == deliveries.c.callback_pk)
        .outerjoin(delivery_attempts, delivery_attempts.c.id == newest.scalar_subquery())
        .where(failed)
        .order_by(deliveries.c.id.desc())
    )
    rows = tx.all(wanted.limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE))
    return rows[:PAGE_SIZE], len(rows) > PAGE_SIZE


def try_now(tx: WriteTx, delivery_id: str, *, kit: Kit) -> Row[Any]:
    """Deliver once more, at once: a waiting delivery is brought forward, a finished one replayed; raises NotFound."""
    row = tx.one_or_none(select(deliveries).where(deliveries.c.delivery_id == delivery_id))
    if row is None:
        raise NotFound("There is no such delivery.")
    if row.finished_at is None:
        _bring_forward(tx, row.callback_pk, kit, deliveries.c.id == row.id)
    else:
        _replay(tx, row, kit)
    return row


def replay_callback(tx: WriteTx, callback_pk: int, *, kit: Kit) -> int:
    """Deliver everything of this callback that failed once more, the oldest first; return how many.

    What was given up is replayed once: it counts as dropped from then on. Raises NotFound without a URL.
    """
    url = tx.scalar(select(callbacks.c.url).where(callbacks.c.id == callback_pk))
    if url is None:
        raise NotFound("There is no such callback URL any more.")
    ours = deliveries.c.callback_pk == callback_pk
    failed = tx.all(select(deliveries).where(GIVEN_UP, ours).order_by(deliveries.c.id).limit(REPLAYED_AT_ONCE))
    for row in failed:
        _replay(tx, row, kit)
    return len(failed) + _bring_forward(tx, callback_pk, kit, deliveries.c.tries > 0)


def _replay(tx: WriteTx, row: Row[Any], kit: Kit) -> None:
    event = tx.execute(select(events).where(events.c.id == row.event_pk)).one()
    tx.execute(update(deliveries).where(deliveries.c.id == row.id, GIVEN_UP).values(state="dropped"))
    add_delivery(tx, event, is_replay=True, kit=kit)


def _bring_forward(tx: WriteTx, callback_pk: int, kit: Kit, which: Any) -> int:
    now = kit.clock.now()
    waits = (deliveries.c.callback_pk == callback_pk, deliveries.c.finished_at.is_(None), which)
    moved = tx.changed(update(deliveries).where(*waits).values(next_try_at=now))
    key = f"events.deliver:{callback_pk}"
    kit.queue.enqueue(tx, "events.deliver", lane="network", unique_key=key, callback_pk=callback_pk)
    return moved


def _by_callback(tx: ReadTx, which: Any) -> dict[int, int]:
    counted = select(deliveries.c.callback_pk, func.count().label("total")).where(which)
    return {row.callback_pk: row.total for row in tx.all(counted.group_by(deliveries.c.callback_pk))}
