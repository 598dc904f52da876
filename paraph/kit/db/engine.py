"""Which engine drives the transactions: SQLite in this process, or PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from .sqlite import SqliteDatabase

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit.settings import Settings

    from .lookup import Asked
    from .tx import ReadTx, WriteTx

T = TypeVar("T")


class Database(Protocol):
    """Opens transactions; used by routing, the worker and the command line only."""

    name: str

    async def open(self) -> None:
        """Connect."""
        ...

    async def close(self) -> None:
        """Finish what runs and disconnect."""
        ...

    async def read(self, query: Callable[[ReadTx], T], *, long: bool = False, ahead: Asked | None = None) -> T:
        """Run ``query`` on a read view; ``long`` ones (lists, searches) do not hold up the others.

        ``ahead`` is what it will look up first; a query may be run again, so it must have no effect of its own.
        """
        ...

    def figures(self) -> dict[str, float]:
        """Return what operators watch of the way to the database, by name."""
        ...

    async def write(self, verb: Callable[[WriteTx], T], *, ahead: Asked | None = None) -> T:
        """Run ``verb`` in a transaction, durable on return.

        An exception rolls back, but a ParaphError with ``keeps_writes`` commits and is raised all the same.
        ``verb`` may be run again after a deadlock, so it must have no effect outside the transaction. ``ahead`` is
        what it will look up first: rows as they were just before.
        """
        ...


def open_database(settings: Settings) -> Database:
    """Return the (not yet opened) database that the settings name."""
    if settings.sqlite_path is not None:
        return SqliteDatabase(settings.sqlite_path, settings.database_statement_seconds)
    # its driver costs a third of the start, for nothing on SQLite
    from .postgresql import PostgresDatabase
    from .session import Sessions

    sessions = Sessions(settings.database_pool, settings.database_statement_seconds * 1000)
    return PostgresDatabase(settings.database_url, sessions)
