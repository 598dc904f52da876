"""The database schema, forwards only: Alembic, run at every start and by ``paraph migrate``."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from paraph.kit.db.postgresql import async_url
from paraph.kit.settings import Settings

LOCK_NUMBER = 7_273_041  # any fixed number: it names this lock among the database's others


async def migrate(settings: Settings) -> None:
    """Bring the schema up to this version; several processes may do so at once, one does the work."""
    if settings.sqlite_path is not None:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{settings.sqlite_path}")
        with engine.begin() as connection:
            _upgrade(connection)
        engine.dispose()
        return
    async_engine = create_async_engine(async_url(settings.database_url))
    async with async_engine.begin() as async_connection:
        await async_connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
        await async_connection.run_sync(_upgrade)
    await async_engine.dispose()


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, on ``connection`` when given."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")
