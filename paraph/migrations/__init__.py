"""The database schema, forwards only: Alembic, run at every start and by ``paraph migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError

from paraph.kit.db.address import async_url
from paraph.kit.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0008"
"""The newest migration; a test holds it against the scripts."""
LOCK_NUMBER = 7_273_041  # any fixed number: it names this lock among the database's others


class DatabaseUnreachable(Exception):
    """The database cannot be reached; the message says which and what to do."""


async def migrate(settings: Settings) -> None:
    """Bring the schema up to this version; several processes may do so at once, one does the work.

    Raises DatabaseUnreachable.
    """
    try:
        await _migrate(settings)
    except (OSError, OperationalError, InterfaceError) as error:
        where = settings.sqlite_path or "PARAPH_DATABASE_URL"
        raise DatabaseUnreachable(
            f"The database ({where}) cannot be reached: {_first_line(error)}. `paraph doctor` says more."
        ) from error


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


async def _migrate(settings: Settings) -> None:
    if settings.sqlite_path is not None:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{settings.sqlite_path}")
        with engine.begin() as connection:
            _upgrade(connection)
        engine.dispose()
        return
    from sqlalchemy.ext.asyncio import create_async_engine

    async_engine = create_async_engine(async_url(settings.database_url))
    async with async_engine.begin() as async_connection:
        await async_connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
        await async_connection.run_sync(_upgrade)
    await async_engine.dispose()


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, on ``connection`` when given."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def is_current(connection: Connection) -> bool:
    """True when the schema is already this version's."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == HEAD)


def _upgrade(connection: Connection) -> None:
    if is_current(connection):  # most starts: no need to load Alembic
        return
    from alembic import command

    command.upgrade(alembic_config(connection), "head")
