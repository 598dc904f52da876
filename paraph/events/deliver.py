"""Claim due deliveries; record what became of each try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, func, or_, select, update

from paraph.kit.faults import fault_point

from .facts import DeliveryGivenUp
from .models import callbacks, deliveries, delivery_attempts, events
from .posting import ANSWER_SECONDS, Outcome, Parcel
from .record import SIGNING_PURPOSE
from .schedule import wait_after
from .states import DELIVERED, GIVEN_UP, WAITING
from .switching import count_given_up, drop_waiting, forget_failures
from .waking import wake

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

AT_ONCE = 5
"""Tries that one receiver gets at the same time, over all processes."""
LEASE_SECONDS = ANSWER_SECONDS * 2
TELL_AGAIN_SECONDS = 86_400


def claim_parcels(tx: WriteTx, callback_pk: int, *, kit: Kit) -> list[Parcel]:
    """Lease the due deliveries of a callback that there is room for; those of a dead worker are due again."""
    now = kit.clock.now()
    # one claim at a time, so that the count below holds; transactions that record events do not wait for this lock
    mine = select(callbacks).where(callbacks.c.id == callback_pk).with_for_update(key_share=True)
    callback = tx.one_or_none(mine)
    if callback is None or callback.url is None or callback.switched_off_at is not None:
        drop_waiting(tx, callback_pk, now)
        return []
    ours = and_(deliveries.c.callback_pk == callback_pk, deliveries.c.state == WAITING)
    busy = tx.scalar(select(func.count()).select_from(deliveries).where(ours, deliveries.c.leased_until >= now))
    if busy >= AT_ONCE:
        return []
    free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until < now)
    due = (
        select(deliveries.c.id)
        .where(ours, deliveries.c.next_try_at <= now, free)
        .order_by(deliveries.c.next_try_at, deliveries.c.id)
        .limit(AT_ONCE - busy)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    leased = update(deliveries).where(deliveries.c.id.in_(select(due.c.id))).values(leased_until=now + LEASE_SECONDS)
    claimed = [row.id for row in tx.all(leased.returning(deliveries.c.id))]
    return [_parcel(row, callback, kit) for row in _with_events(tx, claimed)]


def record_try(tx: WriteTx, parcel: Parcel, outcome: Outcome, *, kit: Kit) -> None:
    """Record a try: the delivery is done, due again later, or given up."""
    row = tx.one_or_none(select(deliveries).where(deliveries.c.id == parcel.delivery_pk).with_for_update())
    if row is None:
        return  # its owner was deleted meanwhile
    now = kit.clock.now()
    _insert_attempt(tx, row, parcel, outcome, now)
    if row.state != WAITING:
        return  # a lease ran out, and another worker was quicker
    tries = row.tries + 1
    changes: dict[str, Any] = {"tries": tries, "leased_until": None, "next_try_at": None}
    wait = None if outcome.error is None else wait_after(tries)
    if outcome.error is None:
        changes |= {"state": DELIVERED, "finished_at": now}
    elif wait is None:
        changes |= {"state": GIVEN_UP, "finished_at": now}
    else:
        changes |= {"next_try_at": now + wait}
        wake(tx, row.callback_pk, now + wait, kit)
    tx.execute(update(deliveries).where(deliveries.c.id == row.id).values(changes))
    if changes.get("state") == GIVEN_UP:
        _tell_owner(tx, row, parcel.url, now, kit)
        count_given_up(tx, row, parcel.url, kit)
    elif changes.get("state") == DELIVERED and parcel.had_failed:
        forget_failures(tx, row.callback_pk)
    fault_point("deliver.recorded")


def look_again_at(tx: ReadTx, callback_pk: int, *, kit: Kit) -> int | None:
    """Return when the callback needs another look besides the jobs that its retries have, or None.

    Now, when there was no room for all that is due; after the lease, in case the worker that holds one has died.
    """
    now = kit.clock.now()
    ours = and_(deliveries.c.callback_pk == callback_pk, deliveries.c.state == WAITING)
    last_lease = tx.scalar(select(func.max(deliveries.c.leased_until)).where(ours, deliveries.c.leased_until >= now))
    if last_lease is not None:
        return int(last_lease) + 1
    due = select(deliveries.c.id).where(ours, deliveries.c.next_try_at <= now).limit(1)
    return now if tx.scalar(due) else None


def _with_events(tx: ReadTx, delivery_pks: list[int]) -> list[Row[Any]]:
    wanted = select(deliveries.c.id, deliveries.c.delivery_id, events.c.payload, events.c.signing_key)
    joined = wanted.join(events, events.c.id == deliveries.c.event_pk)
    return tx.all(joined.where(deliveries.c.id.in_(delivery_pks)).order_by(deliveries.c.id))


def _parcel(row: Row[Any], callback: Row[Any], kit: Kit) -> Parcel:
    key = kit.keyring.unseal(SIGNING_PURPOSE, row.signing_key)
    return Parcel(row.id, row.delivery_id, callback.url, row.payload, key, had_failed=callback.failed_events > 0)


def _insert_attempt(tx: WriteTx, row: Row[Any], parcel: Parcel, outcome: Outcome, now: int) -> None:
    values = {
        "delivery_pk": row.id,
        "account_pk": row.account_pk,
        "app_pk": row.app_pk,
        "url": parcel.url,
        "attempted_at": now,
        "milliseconds": outcome.milliseconds,
        "status": outcome.status,
        "answer": outcome.answer,
        "error": outcome.error,
    }
    tx.insert(delivery_attempts, values)


def _tell_owner(tx: WriteTx, row: Row[Any], url: str, now: int, kit: Kit) -> None:
    """A dead receiver gives up hundreds of events; its owner wants one mail a day."""
    untold = or_(callbacks.c.told_at.is_(None), callbacks.c.told_at <= now - TELL_AGAIN_SECONDS)
    first = update(callbacks).where(callbacks.c.id == row.callback_pk, untold).values(told_at=now)
    if tx.changed(first) == 1:
        event_type = tx.scalar(select(events.c.event_type).where(events.c.id == row.event_pk))
        kit.facts.publish(tx, DeliveryGivenUp(row.account_pk, row.app_pk, url, event_type), kit)
