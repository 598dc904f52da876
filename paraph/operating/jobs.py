"""Background work of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.queue import periodic

from .stuck import CHECK_SECONDS
from .stuck import check as check_stuck

if TYPE_CHECKING:
    from paraph.kit import Kit


@periodic("operating.check", every=CHECK_SECONDS)
async def check(_payload: dict[str, Any], kit: Kit) -> None:
    """Find what is stuck."""
    await kit.db.write(lambda tx: check_stuck(tx, kit=kit))
