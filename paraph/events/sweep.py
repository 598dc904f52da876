"""Forget events after their time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from .models import deliveries, events
from .states import WAITING

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

KEPT_SECONDS = 90 * 86_400
BATCH = 500


def forget_old_events(tx: WriteTx, *, kit: Kit) -> int:
    """Delete up to a batch of events older than 90 days of which nothing waits, with their deliveries and attempts.

    Returns how many were deleted.
    """
    waits = exists().where(deliveries.c.event_pk == events.c.id, deliveries.c.state == WAITING)
    old = (
        select(events.c.id)
        .where(events.c.created_at < kit.clock.now() - KEPT_SECONDS, ~waits)
        .order_by(events.c.created_at)
        .limit(BATCH)
    )
    found = [row.id for row in tx.all(old)]
    return tx.changed(delete(events).where(events.c.id.in_(found))) if found else 0
