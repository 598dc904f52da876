"""Background work: forget what is over."""

from __future__ import annotations

from typing import Any

from paraph.kit import Kit
from paraph.kit.queue import periodic

from .sweep import sweep

SWEEP_SECONDS = 600


@periodic("oauth.sweep", every=SWEEP_SECONDS)
async def sweep_over(payload: dict[str, Any], kit: Kit) -> None:
    """Delete dead requests, codes and tokens."""
    while await kit.db.write(lambda tx: sweep(tx, kit=kit)):
        continue
