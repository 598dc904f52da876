"""Migrations on PostgreSQL, beside processes that go on reading and writing (docs/migrations.md)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from paraph.kit.db.session import Sessions, connected_engine
from paraph.kit.db.unfit import DatabaseUnfit
from paraph.kit.log import log

from .lease import LeaseLost, lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

SESSIONS = Sessions(pool_size=2, statement_milliseconds=0, lock_milliseconds=0, idle_milliseconds=60_000)
"""One that works and one that keeps the lease. An index may take hours to build, and waits for old transactions; a
step may work on what it read before it goes on."""

LOCK_MILLISECONDS = 2_000
"""How long a change of a table may wait for its lock: all who come later wait behind it."""
LOCK_TRIES = 60
LOCK_PAUSE_SECONDS = 2
WAIT_SECONDS = 0.25
NEVER_FREE = (
    "The schema cannot be brought up: another transaction keeps a table locked. Find it in pg_stat_activity, end it, "
    "and start again."
)
LOCK_NOT_AVAILABLE = "55P03"
_SET_LOCAL = f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"


async def migrate_postgresql(url: str, head: str, step: Callable[[Connection], None]) -> None:
    """Take ``step`` after ``step`` until the schema is at ``head`` or beyond; wait while another process does so."""
    engine, _ = await connected_engine(url, SESSIONS)
    event.listen(engine.sync_engine, "begin", _limit_waiting)
    try:
        while not await _is_reached(engine, head):
            try:
                async with lease(engine) as is_ours:
                    if is_ours:
                        await _climb(engine, head, step)
            except LeaseLost:
                log("migration_lease_lost", level="warning")
            await asyncio.sleep(0 if is_ours else WAIT_SECONDS)
    finally:
        await engine.dispose()


async def _climb(engine: AsyncEngine, head: str, step: Callable[[Connection], None]) -> None:
    while not await _is_reached(engine, head):
        for tries in range(1, LOCK_TRIES + 1):
            try:
                async with engine.connect() as connection:
                    await connection.run_sync(step)
                break
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                if tries == LOCK_TRIES:
                    raise DatabaseUnfit(NEVER_FREE) from error
                log("migration_waits_for_a_lock", tries=tries)
                await asyncio.sleep(LOCK_PAUSE_SECONDS)


async def _is_reached(engine: AsyncEngine, head: str) -> bool:
    """A schema beyond ours is a newer version's, beside which this one goes on (docs/migrations.md)."""
    async with engine.connect() as connection:
        version = await _version(connection)
        return version is not None and version >= head


async def _version(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = await connection.scalar(text("SELECT max(version_num) FROM alembic_version"))
    return found


def _limit_waiting(connection: Connection) -> None:
    # outside a transaction (CREATE INDEX CONCURRENTLY) it has no effect, and there it must not have any
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql(_SET_LOCAL)
