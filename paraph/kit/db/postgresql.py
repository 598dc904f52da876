"""PostgreSQL over asyncpg: the same synchronous functions, driven through ``run_sync``."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy.exc import DBAPIError

from paraph.kit.errors import ParaphError
from paraph.kit.faults import fault_point
from paraph.kit.outages import Outage, is_of_the_driver

from .ahead import AheadTx, MoreWanted
from .gathered import Gathered
from .late import LateDriver, LateTx
from .patience import UNHURRIED_SECONDS, is_unhurried
from .session import POOL_WAIT_SECONDS, Sessions, connected_engine
from .slots import Slot, Slots
from .tx import ReadTx

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .lookup import Asked
    from .tx import Ahead, WriteTx

T = TypeVar("T")

RETRIES = 5
RETRYABLE = frozenset({"40001", "40P01"})  # serialization failure, deadlock


class PostgresDatabase:
    """The engine for several processes and machines."""

    name = "postgresql"

    def __init__(self, url: str, sessions: Sessions) -> None:
        self.sessions = sessions
        self._url = url

    async def open(self) -> None:
        """Raises DatabaseUnfit for a server that is too old, and DatabaseUnreachable."""
        self.engine, self.is_pooled = await connected_engine(self._url, self.sessions)
        autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._slots = Slots(autocommit.connect, self.sessions.pool_size, POOL_WAIT_SECONDS)
        self._gathered = Gathered(self._slots)

    async def close(self) -> None:
        await self._slots.close()
        await self.engine.dispose()

    def figures(self) -> dict[str, float]:
        slots = self._slots
        return {"pool_size": slots.size, "pool_in_use": slots.in_use, "pool_waits": slots.waits}

    async def read(self, query: Callable[[ReadTx], T], *, long: bool = False, ahead: Asked | None = None) -> T:
        return await _patiently(lambda: self._read(query, ahead))

    async def write(self, verb: Callable[[WriteTx], T], *, ahead: Asked | None = None) -> T:
        return await _patiently(lambda: self._write(verb, ahead))

    async def _read(self, query: Callable[[ReadTx], T], asked: Asked | None) -> T:
        local = self._local_settings()
        found_ahead = await self._find(asked, local)
        if found_ahead is not None:
            with suppress(MoreWanted):
                return query(AheadTx(self.name, found_ahead))
        async with _Taken(self._slots) as slot:
            try:
                if local:  # settings of a transaction need one, and so do statements that a pooler hands on
                    await slot.begin(local)
                found = await slot.connection.run_sync(lambda sync: query(ReadTx(sync, slot.driver, found_ahead)))
                if local:
                    await slot.end()
            except DBAPIError as error:
                if slot.driver.is_lost(error):
                    raise _NotCommitted from error
                raise
        return found

    async def _find(self, asked: Asked | None, local: str) -> Ahead | None:
        """Look up ahead; not where a statement by itself would lack settings, or be handed on by a pooler."""
        if asked is None or local:
            return None
        try:
            return asked, await self._gathered.find(asked)
        except DBAPIError as error:
            if error.connection_invalidated or is_of_the_driver(error.orig):
                raise _NotCommitted from error
            raise

    async def _write(self, verb: Callable[[WriteTx], T], asked: Asked | None) -> T:
        local = self._local_settings()
        found_ahead = await self._find(asked, local)
        async with _Taken(self._slots) as slot:
            driver = LateDriver(slot.driver, begun=bool(local))
            try:
                if local:
                    await slot.begin(local)
                tx, result, failure = await slot.connection.run_sync(
                    lambda sync: _run(LateTx(sync, driver, found_ahead), verb)
                )
            except DBAPIError as error:
                if slot.driver.is_lost(error) and not driver.was_alone:
                    raise _NotCommitted from error
                raise
            if driver.begun:
                fault_point("commit.before")
                # a connection that drops from here on leaves open whether it was committed: never tried again
                await slot.commit()
        fault_point("commit.after")
        tx.run_after_commit()
        if failure is not None:
            raise failure
        return cast("T", result)

    def _local_settings(self) -> str:
        """SQL that sets what this transaction needs other than its session has; mostly empty."""
        wanted = self.sessions.timeouts if self.is_pooled else {}
        if is_unhurried():
            wanted = {**wanted, "statement_timeout": str(UNHURRIED_SECONDS * 1000)}
        calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in wanted.items())
        return f"SELECT {calls}" if calls else ""


class _Taken:
    """A connection for as long as the block lasts."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots

    async def __aenter__(self) -> Slot:
        self._slot = await self._slots.take()
        return self._slot

    async def __aexit__(self, _kind: object, failure: BaseException | None, _trace: object) -> None:
        await self._slots.give_back(self._slot, failure)


class _NotCommitted(Exception):
    """The connection dropped before the commit was asked for: nothing of it stays, so it may be tried again."""


async def _patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Deadlocks and connections that a restart took are the engine's weather: try again, with a little random pause.

    Raises Outage when the server cannot be reached.
    """
    for tries in range(RETRIES):
        try:
            return await attempt()
        except _NotCommitted as dropped:
            if tries == RETRIES - 1:
                raise Outage("database", "the connection dropped") from dropped.__cause__
        except DBAPIError as error:
            if tries == RETRIES - 1 or getattr(error.orig, "sqlstate", None) not in RETRYABLE:
                raise
        except OSError as error:  # the driver's own, while it connects or is cut off
            raise Outage("database", type(error).__name__) from error
        await asyncio.sleep(random.uniform(0.005, 0.05) * (tries + 1))  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable: the last try returns or raises")


def _run(tx: WriteTx, verb: Callable[[WriteTx], T]) -> tuple[WriteTx, T | None, ParaphError | None]:
    try:
        return tx, verb(tx), None
    except ParaphError as error:
        if not error.keeps_writes:
            raise
        return tx, None, error
