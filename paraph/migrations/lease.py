"""One process at a time brings a schema up: it holds a lease that runs out when it dies.

Not an advisory lock, which is lost behind a pooler, and not a row locked for as long as it takes: CREATE INDEX
CONCURRENTLY waits for every older transaction, and so for whoever waits for that row.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from paraph.kit import ids

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

LEASE_SECONDS = 15
RENEW_SECONDS = LEASE_SECONDS / 3

_TABLE = (
    "CREATE TABLE IF NOT EXISTS migration_lease (id INTEGER NOT NULL CONSTRAINT pk_migration_lease PRIMARY KEY, "
    "holder VARCHAR(64), until BIGINT NOT NULL DEFAULT 0)"
)
_ROW = "INSERT INTO migration_lease (id) VALUES (1) ON CONFLICT DO NOTHING"
_HOLD = "UPDATE migration_lease SET holder = :me, until = extract(epoch FROM clock_timestamp())::bigint + :lease "
_TAKE = _HOLD + "WHERE id = 1 AND until < extract(epoch FROM clock_timestamp())::bigint"
_RENEW = _HOLD + "WHERE id = 1 AND holder = :me"
_LEAVE = "UPDATE migration_lease SET holder = NULL, until = 0 WHERE id = 1 AND holder = :me"


class LeaseLost(Exception):
    """This process stood still for so long that another took over."""


@asynccontextmanager
async def lease(engine: AsyncEngine) -> AsyncIterator[bool]:
    """Yield True while this process alone may change the schema; False when another one holds the lease.

    Raises LeaseLost, inside the block too.
    """
    me = ids.short_id()
    await _make_table(engine)
    if await _changed(engine, _TAKE, me=me, lease=LEASE_SECONDS) == 0:
        yield False
        return
    try:
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(_keep(engine, me))
            yield True
            renewing.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    finally:
        await _changed(engine, _LEAVE, me=me)


async def _keep(engine: AsyncEngine, me: str) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        if await _changed(engine, _RENEW, me=me, lease=LEASE_SECONDS) == 0:
            raise LeaseLost


async def _make_table(engine: AsyncEngine) -> None:
    # IF NOT EXISTS does not help two that make it at the same moment: then the other one has made it
    with suppress(IntegrityError, ProgrammingError):
        await _changed(engine, _TABLE)
    await _changed(engine, _ROW)


async def _changed(engine: AsyncEngine, statement: str, **values: Any) -> int:
    async with engine.begin() as connection:
        return (await connection.execute(text(statement), values)).rowcount
