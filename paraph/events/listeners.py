"""What events do when something happens below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.kit.queue import ClockSetBack

from .deliver import LEASE_SECONDS
from .models import deliveries
from .states import WAITING

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx
    from paraph.kit.facts import Facts


def listen(facts: Facts) -> None:
    """Subscribe."""
    facts.subscribe(ClockSetBack, put_right)


def put_right(tx: WriteTx, fact: ClockSetBack, kit: Kit) -> None:
    """Bring back first tries and leases that a clock that was ahead put too far into the future."""
    waits = (deliveries.c.finished_at.is_(None), deliveries.c.state == WAITING)
    untried = (deliveries.c.tries == 0, deliveries.c.next_try_at > fact.now, deliveries.c.created_at > fact.now)
    tx.execute(update(deliveries).where(*waits, *untried).values(next_try_at=fact.now))
    leased = deliveries.c.leased_until > fact.now + LEASE_SECONDS
    tx.execute(update(deliveries).where(*waits, leased).values(leased_until=fact.now + LEASE_SECONDS))
