"""A callback that took none of ten events in a row is switched off, as the vendor does, and on again by its owner.

What happens while it is off is kept, and sent once it is on: nothing is lost but time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, update

from .facts import CallbackSwitchedOff
from .models import callbacks, deliveries
from .states import DROPPED, WAITING
from .waking import wake

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

FAILED_EVENTS = 10
"""In a row, each given up after its last try."""
FRESH: dict[str, Any] = {"failed_events": 0, "switched_off_at": None}


def count_given_up(tx: WriteTx, delivery: Row[Any], url: str, kit: Kit) -> None:
    """Count an event that the callback did not take; the tenth in a row switches it off and tells its owner."""
    mine, now = callbacks.c.id == delivery.callback_pk, kit.clock.now()
    counted = update(callbacks).where(mine).values(failed_events=callbacks.c.failed_events + 1)
    total = tx.scalar(counted.returning(callbacks.c.failed_events))
    if total is None or total < FAILED_EVENTS:
        return
    still_on = update(callbacks).where(mine, callbacks.c.switched_off_at.is_(None)).values(switched_off_at=now)
    if tx.changed(still_on) == 1:
        drop_waiting(tx, delivery.callback_pk, now)
        kit.facts.publish(tx, CallbackSwitchedOff(delivery.account_pk, delivery.app_pk, url, total), kit)


def forget_failures(tx: WriteTx, callback_pk: int) -> None:
    """An event was taken: those that failed before it do not count any more."""
    failed = (callbacks.c.id == callback_pk) & (callbacks.c.failed_events > 0)
    tx.execute(update(callbacks).where(failed).values(failed_events=0))


def drop_waiting(tx: WriteTx, callback_pk: int, now: int) -> None:
    """Let nothing wait for this callback any more."""
    waiting = and_(deliveries.c.callback_pk == callback_pk, deliveries.c.state == WAITING)
    dropped = {"state": DROPPED, "finished_at": now, "next_try_at": None, "leased_until": None}
    tx.execute(update(deliveries).where(waiting).values(dropped))


def send_what_was_kept(tx: WriteTx, callback: Row[Any], kit: Kit) -> None:
    """Have everything delivered that was dropped since the callback was switched off, with tries of its own."""
    if callback.switched_off_at is None:
        return
    now = kit.clock.now()
    kept = and_(deliveries.c.state == DROPPED, deliveries.c.finished_at >= callback.switched_off_at)
    again = {"state": WAITING, "tries": 0, "next_try_at": now, "finished_at": None}
    mine = deliveries.c.callback_pk == callback.id
    if tx.changed(update(deliveries).where(mine, kept).values(again)):
        wake(tx, callback.id, now, kit)
