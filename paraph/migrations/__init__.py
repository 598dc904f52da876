"""The database schema, forwards only: Alembic, run at every start and by ``paraph migrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError

from paraph.kit.db.unfit import DatabaseUnreachable
from paraph.kit.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"
"""The newest migration; a test holds it against the scripts."""
SQLITE_BUSY_SECONDS = 60
"""How long a process waits for another that is bringing up the same file."""


async def migrate(settings: Settings) -> None:
    """Bring the schema up to this version; several processes may do so at once, one does the work.

    Raises DatabaseUnfit, and DatabaseUnreachable.
    """
    try:
        await _migrate(settings)
    except (OSError, OperationalError, InterfaceError) as error:
        raise DatabaseUnreachable(str(settings.sqlite_path or "PARAPH_DATABASE_URL"), error) from error


async def _migrate(settings: Settings) -> None:
    if settings.sqlite_path is not None:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        _migrate_sqlite(settings.sqlite_path)
        return
    from .postgresql import migrate_postgresql  # its driver costs a third of the start, for nothing on SQLite

    await migrate_postgresql(settings.database_url, HEAD, _step)


def _migrate_sqlite(path: Path) -> None:
    """All in one transaction: killed, it leaves nothing behind."""
    waits = {"timeout": SQLITE_BUSY_SECONDS, "isolation_level": None}
    engine = create_engine(f"sqlite:///{path}", connect_args=waits, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if is_current(connection):  # most starts: no need to load Alembic
                return
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                if not is_current(connection):
                    _upgrade(connection)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, on ``connection`` when given."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def is_current(connection: Connection) -> bool:
    """True when the schema is this version's, or a newer one's, beside which this one goes on."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    version = connection.scalar(text("SELECT max(version_num) FROM alembic_version"))
    return version is not None and str(version) >= HEAD


def _upgrade(connection: Connection) -> None:
    from alembic import command

    from .models import migration_lease

    migration_lease.create(connection, checkfirst=True)
    command.upgrade(alembic_config(connection), "head")


def _step(connection: Connection) -> None:
    """Apply the next migration."""
    from alembic import command

    command.upgrade(alembic_config(connection), "+1")
