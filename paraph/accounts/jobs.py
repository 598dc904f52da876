"""Background work of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.queue import job, periodic

from .activity import sweep_activity
from .confirm import sweep_confirmations
from .reset import send_reset_link, sweep_resets
from .sessions import sweep_sessions

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

SWEEP_SECONDS = 3600


@job("accounts.send_reset_link")
async def send_link(payload: dict[str, Any], kit: Kit) -> None:
    """Mail a reset link; done here, so that the answer takes the same time for known and unknown addresses."""
    await kit.db.write(lambda tx: send_reset_link(tx, payload["email_address"], kit=kit))


@periodic("accounts.sweep", every=SWEEP_SECONDS)
async def sweep_old(payload: dict[str, Any], kit: Kit) -> None:
    """Delete sessions, links and activity that are over."""

    def forget(tx: WriteTx) -> int:
        now = kit.clock.now()
        sweepers = (sweep_sessions, sweep_confirmations, sweep_resets, sweep_activity)
        return sum(sweeper(tx, now) for sweeper in sweepers)

    while await kit.db.write(forget):
        continue
