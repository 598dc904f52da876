"""Background work: deliver what is due, forget what is old."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from paraph.kit.faults import fault_point
from paraph.kit.queue import job, periodic

from .deliver import claim_parcels, look_again_at, record_try
from .posting import Parcel, post_event
from .sweep import forget_old_events

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

TURN_SECONDS = 20
"""After this long a callback with more to deliver lets the others have their turn."""


@job("events.deliver")
async def deliver(payload: dict[str, Any], kit: Kit) -> None:
    """Deliver what is due at one callback. The job only wakes: what to do is in the deliveries."""
    callback_pk = payload["callback_pk"]
    started = time.monotonic()
    while time.monotonic() - started < TURN_SECONDS:
        parcels = await kit.db.write(lambda tx: claim_parcels(tx, callback_pk, kit=kit))
        if not parcels:
            break
        fault_point("deliver.claimed")
        outcomes = await asyncio.gather(*(_try(parcel, kit) for parcel in parcels), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
    await kit.db.write(lambda tx: _look_again(tx, callback_pk, kit))


@periodic("events.forget", every=3600)
async def forget(_payload: dict[str, Any], kit: Kit) -> None:
    """Delete events that have been kept long enough."""
    forgotten = 1
    while forgotten:
        forgotten = await kit.db.write(lambda tx: forget_old_events(tx, kit=kit))


async def _try(parcel: Parcel, kit: Kit) -> None:
    outcome = await post_event(parcel, kit)
    fault_point("deliver.posted")
    await kit.db.write(lambda tx: record_try(tx, parcel, outcome, kit=kit))


def _look_again(tx: WriteTx, callback_pk: int, kit: Kit) -> None:
    due = look_again_at(tx, callback_pk, kit=kit)
    if due is not None:
        key = f"events.deliver:{callback_pk}"
        kit.queue.enqueue(tx, "events.deliver", lane="network", due=due, unique_key=key, callback_pk=callback_pk)
