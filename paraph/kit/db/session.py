"""Sessions on a PostgreSQL server: how one is opened, and what is at the other end.

A pooler such as PgBouncer hands each transaction to another server process. It shows itself in one of two ways: it
refuses our session settings, or the process that greets us is not the one that answers. Behind it nothing may outlive
a transaction, so statements are prepared without a name and timeouts are set in each transaction.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from .address import async_url
from .unfit import DatabaseUnfit, DatabaseUnreachable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

OLDEST_MAJOR = 15
CONNECT_SECONDS = 10
POOL_WAIT_SECONDS = 5
"""How long a call waits for one of this process's connections; then it is told to come again."""
LOCK_MILLISECONDS = 5_000
IDLE_IN_TRANSACTION_MILLISECONDS = 15_000
"""What a process that froze, or a machine that vanished, has locked is free by then: well before its leases are, so
that who takes over its jobs need not wait for it. No transaction awaits anything but the database."""
RECYCLE_SECONDS = 1_800
SETTING_REFUSED = "08P01"
"""What PgBouncer says to a session setting that it was not told to ignore."""
LONGEST_NAME = 63
PROGRAM = "paraph"


@dataclass(frozen=True, slots=True)
class Sessions:
    """How many connections a process holds, how long a statement of a call may take, wait for a lock, and leave
    its transaction open and idle; 0: for ever."""

    pool_size: int
    statement_milliseconds: int
    lock_milliseconds: int = LOCK_MILLISECONDS
    idle_milliseconds: int = IDLE_IN_TRANSACTION_MILLISECONDS

    @property
    def timeouts(self) -> dict[str, str]:
        """Settings of a session, or behind a pooler of each transaction."""
        return {
            "statement_timeout": str(self.statement_milliseconds),
            "lock_timeout": str(self.lock_milliseconds),
            "idle_in_transaction_session_timeout": str(self.idle_milliseconds),
        }

    @property
    def name(self) -> str:
        """What the server's list of sessions shows; ``paraph doctor`` reads the size of the pool out of it."""
        return f"{PROGRAM}/{self.pool_size} {socket.gethostname()[:40]}:{os.getpid()}"[:LONGEST_NAME]


def engine_of(url: str, sessions: Sessions, *, pooled: bool = False) -> AsyncEngine:
    """Return an engine that has not connected yet; ``pooled``: the address is a pooler's."""
    own = {**sessions.timeouts, "jit": "off", "application_name": sessions.name}
    connect: dict[str, Any] = {"timeout": CONNECT_SECONDS, "server_settings": own}
    if pooled:
        connect = {
            "timeout": CONNECT_SECONDS,
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: "",
        }
    return create_async_engine(
        async_url(url),
        pool_size=sessions.pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=False,
        pool_recycle=RECYCLE_SECONDS,
        hide_parameters=True,  # failures are logged, and kept beside jobs: values are people's data
        connect_args=connect,
    )


async def connected_engine(url: str, sessions: Sessions) -> tuple[AsyncEngine, bool]:
    """Return an engine that fits what is at the other end, and whether that is a pooler. Raises DatabaseUnfit.

    Whatever is wrong with the way there (no server, no such database, a password refused) is DatabaseUnreachable.
    """
    try:
        return await _connected(url, sessions)
    except (OSError, SQLAlchemyError) as error:
        raise DatabaseUnreachable("PARAPH_DATABASE_URL", error) from error


async def _connected(url: str, sessions: Sessions) -> tuple[AsyncEngine, bool]:
    engine = engine_of(url, sessions)
    try:
        pooled = await _is_pooled(engine)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != SETTING_REFUSED:
            await engine.dispose()
            raise
        pooled = True
    if pooled:
        await engine.dispose()
        engine = engine_of(url, sessions, pooled=True)
    try:
        await _check_version(engine)
    except BaseException:
        await engine.dispose()
        raise
    return engine, pooled


async def _is_pooled(engine: AsyncEngine) -> bool:
    async with engine.connect() as connection:
        answering = (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar()
        greeted: int = (await _driver(connection)).get_server_pid()
        return answering != greeted


async def _check_version(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        version = (await _driver(connection)).get_server_version()
    if version.major < OLDEST_MAJOR:
        found = f"{version.major}.{version.minor}"
        raise DatabaseUnfit(f"The database server is PostgreSQL {found}; Paraph needs {OLDEST_MAJOR} or later.")


async def _driver(connection: AsyncConnection) -> Any:
    return (await connection.get_raw_connection()).driver_connection
