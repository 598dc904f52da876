"""The driver's own connection beneath a transaction, for statements that are compiled already."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import exc

from paraph.kit.outages import is_of_the_driver

if TYPE_CHECKING:
    import asyncpg
    from sqlalchemy import Dialect

Rows = Sequence[Sequence[Any]]


class Driver(Protocol):
    """Runs SQL of its engine on the connection of a transaction; failures are SQLAlchemy's, as of any statement."""

    engine: str
    dialect: Dialect

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        """Return all rows."""
        ...

    def change(self, sql: str, values: Sequence[Any]) -> int:
        """Return how many rows were changed."""
        ...

    def fetch_alone(self, sql: str, values: Sequence[Any]) -> Rows:
        """Return the rows of a statement after which its transaction asks nothing more.

        Its first value says whether it changed anything. Where a statement by itself is a transaction, and nothing
        was written before, it costs no BEGIN and no COMMIT; what it changed then stands whatever comes after it.
        """
        ...


class SqliteDriver:
    """On ``sqlite3``."""

    engine = "sqlite"

    def __init__(self, raw: sqlite3.Connection, dialect: Dialect) -> None:
        self._execute = raw.execute
        self.dialect = dialect

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        try:
            return self._execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _as_sqlalchemy(sql, error, type(error).__name__) from error

    fetch_alone = fetch  # it shares its commit with other requests

    def change(self, sql: str, values: Sequence[Any]) -> int:
        try:
            return self._execute(sql, values).rowcount
        except sqlite3.Error as error:
            raise _as_sqlalchemy(sql, error, type(error).__name__) from error


class AsyncpgDriver:
    """On asyncpg, which prepares a statement once for each connection.

    ``fetch`` and ``change`` are called inside ``run_sync``, as all queries are.
    """

    engine = "postgresql"

    def __init__(self, adapted: Any, dialect: Dialect) -> None:
        self._adapted = adapted  # SQLAlchemy's face of the connection
        self.dialect = dialect
        self._raw: asyncpg.Connection[Any] = adapted.driver_connection

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        try:
            found: Rows = self._adapted.run_async(lambda raw: raw.fetch(sql, *values))
        except _failures() as error:
            raise self._translated(sql, error) from error
        return found

    def change(self, sql: str, values: Sequence[Any]) -> int:
        try:
            done: str = self._adapted.run_async(lambda raw: raw.execute(sql, *values))
        except _failures() as error:
            raise self._translated(sql, error) from error
        return int(done.rpartition(" ")[2])  # "UPDATE 1", "INSERT 0 1"

    def begin(self, settings: str) -> None:
        """Begin a transaction with such ``settings`` (SQL), inside ``run_sync``."""
        sql = f"BEGIN; {settings}" if settings else "BEGIN"
        try:
            self._adapted.run_async(lambda raw: raw.execute(sql))
        except _failures() as error:
            raise self._translated(sql, error) from error

    def is_lost(self, error: exc.DBAPIError) -> bool:
        """Whether this failure took the connection with it; then nothing more is asked of it.

        A server that ends a session says so first. asyncpg cannot place what it hears while it asked nothing: from
        then on until the end comes it refuses every statement as its own mistake, on a connection that looks open.
        """
        if error.connection_invalidated or is_of_the_driver(error.orig):
            self._raw.terminate()
            return True
        return False

    fetch_alone = fetch  # outside a transaction each statement is one

    async def find(self, sql: str, values: Sequence[Any]) -> Rows:
        """As ``fetch``, outside ``run_sync``: half its cost."""
        try:
            found: Rows = await self._raw.fetch(sql, *values)
        except _failures() as error:
            raise self._translated(sql, error) from error
        return found

    async def command(self, sql: str) -> None:
        """Run a statement without values, outside ``run_sync``; raises DBAPIError."""
        try:
            await self._raw.execute(sql)
        except _failures() as error:
            raise self._translated(sql, error) from error

    def _translated(self, sql: str, error: Exception) -> exc.DBAPIError:
        from asyncpg import IntegrityConstraintViolationError

        kind = "IntegrityError" if isinstance(error, IntegrityConstraintViolationError) else "OperationalError"
        if is_of_the_driver(error):
            self._raw.terminate()
        return _as_sqlalchemy(sql, error, kind, dropped=self._raw.is_closed())


def _failures() -> tuple[type[Exception], ...]:
    # costs a third of the start, for nothing on SQLite
    from asyncpg import InterfaceError, InternalClientError, PostgresError

    return (PostgresError, InterfaceError, InternalClientError, OSError)


def _as_sqlalchemy(sql: str, error: Exception, kind: str, *, dropped: bool = False) -> exc.DBAPIError:
    # values are people's data, and failures are logged
    failure: type[exc.DBAPIError] = getattr(exc, kind, exc.DBAPIError)
    return failure(sql, None, error, hide_parameters=True, connection_invalidated=dropped)
