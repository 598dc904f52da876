"""Connections to PostgreSQL that stay open, each with its two faces: SQLAlchemy's and the driver's.

Taking a connection from SQLAlchemy's pool and giving it back costs 80 µs of processor time, four times what the
driver takes for the statement of a bearer check. Kept taken, and handed round here, it costs 2 (decisions/0080).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from .driver import AsyncpgDriver
from .session import RECYCLE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection


class Slot:
    """One open connection. SQLAlchemy drives it in autocommit mode, so ``begin`` and ``commit`` are ours."""

    __slots__ = ("_raw", "connection", "driver", "opened_at")

    def __init__(self, connection: AsyncConnection) -> None:
        adapted: Any = connection.sync_connection.connection.dbapi_connection  # type: ignore[union-attr]
        self.connection = connection
        self.driver = AsyncpgDriver(adapted, connection.dialect)
        self.opened_at = time.monotonic()
        self._raw = adapted.driver_connection

    async def begin(self, settings: str = "") -> None:
        """Begin a transaction with such ``settings`` (SQL); raises DBAPIError."""
        await self.driver.command(f"BEGIN; {settings}" if settings else "BEGIN")

    async def commit(self) -> None:
        """Commit it; raises DBAPIError, after which it is open whether it was committed."""
        await self.driver.command("COMMIT")

    @property
    def is_usable(self) -> bool:
        sync = self.connection.sync_connection
        return not (self._raw.is_closed() or sync is None or sync.invalidated)

    @property
    def is_young(self) -> bool:
        return time.monotonic() - self.opened_at < RECYCLE_SECONDS

    async def end(self) -> None:
        """Roll back what was begun and not committed, if anything; raises DBAPIError."""
        if self._raw.is_in_transaction():
            await self.driver.command("ROLLBACK")

    async def close(self, *, at_once: bool = False) -> None:
        """Disconnect; ``at_once`` without a word to the server."""
        with suppress(exc.DBAPIError, OSError):
            if at_once or not self.is_usable:
                await self.connection.invalidate()
            await self.connection.close()


class Slots:
    """At most ``size`` connections, the one used last first; who finds none free waits ``patience`` seconds."""

    def __init__(self, connect: Callable[[], Awaitable[AsyncConnection]], size: int, patience: float) -> None:
        self._connect = connect
        self.size, self.waits = size, 0
        self._free = asyncio.Semaphore(size)
        self._idle: deque[Slot] = deque()
        self._patience = patience

    @property
    def in_use(self) -> int:
        return self.size - self._free._value

    async def take(self) -> Slot:
        """Return a connection that nobody else uses; raises sqlalchemy's TimeoutError, and what connecting raises."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            while self._idle:
                slot = self._idle.pop()
                if slot.is_usable and slot.is_young:
                    return slot
                await slot.close()
            return Slot(await self._connect())
        except BaseException:
            self._free.release()
            raise

    async def give_back(self, slot: Slot, failure: BaseException | None = None) -> None:
        """Take the connection back; after a failure its transaction is rolled back, or the connection closed."""
        try:
            if failure is None or await _tidied(slot, failure):
                self._idle.append(slot)
        finally:
            self._free.release()

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.pop().close()

    async def _wait(self) -> None:
        self.waits += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError as error:
            raise exc.TimeoutError(f"no connection became free within {self._patience} seconds") from error


async def _tidied(slot: Slot, failure: BaseException) -> bool:
    """True when the connection is as good as new."""
    # a task that was cancelled may have left the server at work on a statement
    if isinstance(failure, Exception) and slot.is_usable:
        with suppress(exc.DBAPIError, OSError):
            await slot.end()
            return True
    await slot.close(at_once=True)
    return False
