"""Which statements ran, and how the database finds their rows: a growing table must never be read as a whole."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Engine, event

from paraph.kit.db import driver
from paraph.migrations.tables import metadata

SMALL = frozenset({"migration_lease", "request_blocks_end", "deletion_holds", "installation_marks", "stuck_things"})
"""Tables that do not grow with use."""
GROWING = frozenset(metadata.tables) - SMALL
_WHOLE_POSTGRESQL = re.compile(r"Seq Scan on (\w+)")
_WHOLE_SQLITE = re.compile(r"^SCAN (\w+)(?! USING (?:COVERING )?INDEX)")
SHORT = 500
"""So few rows are read as a whole quicker than by an index."""
_EXPLAINED = ("SELECT", "UPDATE", "DELETE", "WITH")


@dataclass(slots=True)
class Statements:
    """Statements with their values, each text once."""

    seen: dict[str, Sequence[Any]] = field(default_factory=dict)

    def add(self, sql: str, values: Any) -> None:
        if sql.lstrip().upper().startswith(_EXPLAINED):
            self.seen.setdefault(sql, values)


@contextmanager
def watched() -> Iterator[Statements]:
    """Collect every statement that this process runs while the block lasts."""
    statements = Statements()
    old = {kind: (kind.fetch, kind.change) for kind in (driver.SqliteDriver, driver.AsyncpgDriver)}

    def through_core(_connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, _many: bool) -> None:
        many = isinstance(values, list) and values and isinstance(values[0], tuple | list)
        statements.add(sql, values[0] if many else values)

    def noted(method: Any) -> Any:
        def run(self: Any, sql: str, values: Sequence[Any]) -> Any:
            statements.add(sql, values)
            return method(self, sql, values)

        return run

    async def find(self: driver.AsyncpgDriver, sql: str, values: Sequence[Any]) -> Any:
        statements.add(sql, values)
        return await found(self, sql, values)

    found = driver.AsyncpgDriver.find
    driver.AsyncpgDriver.find = find  # type: ignore[method-assign]
    event.listen(Engine, "before_cursor_execute", through_core)
    for kind, (fetch, change) in old.items():
        kind.fetch, kind.change = noted(fetch), noted(change)  # type: ignore[method-assign]
    try:
        yield statements
    finally:
        driver.AsyncpgDriver.find = found  # type: ignore[method-assign]
        event.remove(Engine, "before_cursor_execute", through_core)
        for kind, (fetch, change) in old.items():
            kind.fetch, kind.change = fetch, change  # type: ignore[method-assign]


async def postgres_plan(connection: asyncpg.Connection[Any], sql: str, values: Sequence[Any]) -> list[str]:
    """The lines of EXPLAIN; nothing is carried out. Tables that hold a handful of rows are taken for long."""
    plan = await _explain(connection, sql, values)
    if read_whole(plan) and all([await _is_short(connection, name) for name in read_whole(plan)]):
        async with connection.transaction():
            await connection.execute("SET LOCAL enable_seqscan = off")
            return await _explain(connection, sql, values)
    return plan


async def _explain(connection: asyncpg.Connection[Any], sql: str, values: Sequence[Any]) -> list[str]:
    return [row[0] for row in await connection.fetch(f"EXPLAIN {sql}", *values)]


async def _is_short(connection: asyncpg.Connection[Any], table: str) -> bool:
    return bool(await connection.fetchval(f"SELECT count(*) <= {SHORT} FROM (SELECT 1 FROM {table} LIMIT 1000) t"))


def sqlite_plan(path: Path, sql: str, values: Sequence[Any]) -> list[str]:
    """The lines of EXPLAIN QUERY PLAN."""
    with sqlite3.connect(path) as connection:
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def read_whole(plan: Sequence[str]) -> list[str]:
    """Growing tables that this plan reads from end to end."""
    found = [match[1] for line in plan for match in _WHOLE_POSTGRESQL.finditer(line)]
    found += [match[1] for line in plan if (match := _WHOLE_SQLITE.match(line))]
    return sorted({name for name in found if name in GROWING})
