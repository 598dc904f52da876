"""The database as it stood at one moment, and the keys of the files that it mentions, without stopping anybody."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Select, create_engine, literal_column, select, text, union
from sqlalchemy.ext.asyncio import create_async_engine

from paraph.kit.db.address import async_url
from paraph.kit.sweep import file_columns
from paraph.migrations.tables import metadata as _all_tables  # noqa: F401 - loads every room's tables

from .manifest import POSTGRESQL_DUMP, SQLITE_COPY
from .postgres_tools import run_tool

if TYPE_CHECKING:
    from sqlalchemy import CompoundSelect

    from paraph.kit.settings import Settings

_AT_ONCE = 1000


async def take_snapshot(settings: Settings, folder: Path, keys: Path) -> str:
    """Write the database's copy into ``folder`` and the file keys it mentions, sorted, a line each, to ``keys``.

    Returns the migration it stands at. Raises BackupError.
    """
    if settings.sqlite_path is not None:
        return await asyncio.to_thread(_of_sqlite, settings.sqlite_path, folder / SQLITE_COPY, keys)
    return await _of_postgresql(settings.database_url, folder / POSTGRESQL_DUMP, keys)


def _of_sqlite(source: Path, target: Path, keys: Path) -> str:
    # one read transaction: in WAL mode neither it nor the writers wait for each other
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    engine = create_engine(f"sqlite:///{target}")
    with engine.connect() as copy, keys.open("w") as listed:
        for row in copy.execution_options(yield_per=_AT_ONCE).execute(_mentioned()):
            listed.write(f"{row[0]}\n")
        schema = str(copy.scalar(text("SELECT version_num FROM alembic_version")))
    engine.dispose()
    return schema


async def _of_postgresql(url: str, target: Path, keys: Path) -> str:
    engine = create_async_engine(async_url(url), isolation_level="REPEATABLE READ")
    async with engine.connect() as connection:
        # pg_dump takes as long as it takes
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = await connection.scalar(text("SELECT pg_export_snapshot()"))
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"]
        await asyncio.to_thread(run_tool, "pg_dump", arguments, url)
        rows = await connection.stream(_mentioned())
        with keys.open("w") as listed:
            async for row in rows:
                listed.write(f"{row[0]}\n")
        schema = str(await connection.scalar(text("SELECT version_num FROM alembic_version")))
    await engine.dispose()
    return schema


def _mentioned() -> CompoundSelect[tuple[str]]:
    """Every key that some row mentions, once, ascending."""
    keys: list[Select[tuple[str]]] = [
        select(column.label("key")).where(column.is_not(None)) for column in file_columns()
    ]
    return union(*keys).order_by(literal_column("key"))
