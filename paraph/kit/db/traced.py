"""A database whose transactions are spans; put around it only when traces are on, so it costs nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from paraph.kit import trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from .engine import Database
    from .lookup import Asked
    from .tx import ReadTx, WriteTx

T = TypeVar("T")


def traced(database: Database) -> Database:
    """Return the database, watched if traces are on."""
    return cast("Database", _Traced(database)) if trace.is_on() else database


class _Traced:
    """Everything else is the database's own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def read(self, query: Callable[[ReadTx], T], *, long: bool = False, ahead: Asked | None = None) -> T:
        with trace.span("read transaction", "client", db__system__name=self._database.name):
            return await self._database.read(query, long=long, ahead=ahead)

    async def write(self, verb: Callable[[WriteTx], T], *, ahead: Asked | None = None) -> T:
        with trace.span("write transaction", "client", db__system__name=self._database.name):
            return await self._database.write(verb, ahead=ahead)
