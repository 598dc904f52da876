"""PostgreSQL over asyncpg: the same synchronous functions, driven through ``run_sync``."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from paraph.kit.errors import ParaphError
from paraph.kit.faults import fault_point

from .address import async_url
from .tx import ReadTx, WriteTx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

T = TypeVar("T")

RETRIES = 5
RETRYABLE = frozenset({"40001", "40P01"})  # serialization failure, deadlock
STATEMENT_MILLISECONDS = 30_000
IDLE_IN_TRANSACTION_MILLISECONDS = 60_000


class PostgresDatabase:
    """The engine for several processes and machines."""

    name = "postgresql"

    def __init__(self, url: str, pool_size: int) -> None:
        self.engine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_pre_ping=False,
            pool_recycle=1800,
            hide_parameters=True,  # failures are logged, and kept beside jobs: values are people's data
            connect_args={
                "server_settings": {
                    "statement_timeout": str(STATEMENT_MILLISECONDS),
                    "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MILLISECONDS),
                    "jit": "off",
                }
            },
        )
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def open(self) -> None:
        async with self._autocommit.connect():
            return

    async def close(self) -> None:
        await self.engine.dispose()

    async def read(self, query: Callable[[ReadTx], T], *, long: bool = False) -> T:
        # a read is safe to repeat, so a dropped connection is retried too
        return await _patiently(lambda: self._read(query), retry_dropped=True)

    async def write(self, verb: Callable[[WriteTx], T]) -> T:
        # a write is not: the connection may have dropped after the commit
        return await _patiently(lambda: self._write(verb), retry_dropped=False)

    async def _read(self, query: Callable[[ReadTx], T]) -> T:
        async with self._autocommit.connect() as connection:
            return await connection.run_sync(lambda sync: query(ReadTx(sync)))

    async def _write(self, verb: Callable[[WriteTx], T]) -> T:
        async with self.engine.begin() as connection:
            tx, result, failure = await connection.run_sync(lambda sync: _run(sync, verb))
            fault_point("commit.before")
        fault_point("commit.after")
        tx.run_after_commit()
        if failure is not None:
            raise failure
        return cast("T", result)


async def _patiently(attempt: Callable[[], Awaitable[T]], *, retry_dropped: bool) -> T:
    """Deadlocks are the engine's weather: try again, with a little random pause."""
    for tries in range(RETRIES):
        try:
            return await attempt()
        except DBAPIError as error:
            dropped = retry_dropped and error.connection_invalidated
            if tries == RETRIES - 1 or not (dropped or getattr(error.orig, "sqlstate", None) in RETRYABLE):
                raise
            await asyncio.sleep(random.uniform(0.005, 0.05) * (tries + 1))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable: the last try returns or raises")


def _run(connection: Connection, verb: Callable[[WriteTx], T]) -> tuple[WriteTx, T | None, ParaphError | None]:
    tx = WriteTx(connection)
    try:
        return tx, verb(tx), None
    except ParaphError as error:
        if not error.keeps_writes:
            raise
        return tx, None, error
