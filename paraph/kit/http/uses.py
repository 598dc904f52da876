"""Note when a credential was last used: for its owner to see, and never a reason to refuse a call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from paraph.kit.log import log
from paraph.kit.outages import outage_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

PATIENCE_SECONDS = 2


async def note_use(touch: Callable[[WriteTx], None], kit: Kit) -> None:
    """Record the use; while the database cannot write (a full disk, a lock), go on without."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await kit.db.write(touch)
    except Exception as error:
        if not isinstance(error, TimeoutError) and outage_kind(error) is None:
            raise
        log("use_not_noted", error=type(error).__name__)
