"""Adopted signatures that nobody finished with are not kept for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete

from paraph.kit.queue import periodic

from .models import adopted_signatures

if TYPE_CHECKING:
    from paraph.kit import Kit

DAY_SECONDS = 86_400
KEPT_DAYS = 30


@periodic("signing.sweep", every=DAY_SECONDS)
async def sweep(_payload: dict[str, Any], kit: Kit) -> None:
    """Drop what was adopted more than 30 days ago; its picture goes with the sweep of orphaned files."""
    before = kit.clock.now() - KEPT_DAYS * DAY_SECONDS
    statement = delete(adopted_signatures).where(adopted_signatures.c.adopted_at < before)
    await kit.db.write(lambda tx: tx.changed(statement))
