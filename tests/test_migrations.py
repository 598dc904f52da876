"""The schema that migrations make is the one that the code declares."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from paraph.kit.settings import Settings
from paraph.migrations import HEAD, alembic_config, migrate
from paraph.migrations.tables import metadata
from tests.harness import Cluster


def test_head_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_sqlite_schema_is_the_declared_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    asyncio.run(migrate(settings))
    with create_engine(f"sqlite:///{settings.sqlite_path}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_postgresql_schema_is_the_declared_one(cluster: Cluster) -> None:
    url = cluster.new_database()

    async def differences() -> list[object]:
        from sqlalchemy.ext.asyncio import create_async_engine

        from paraph.kit.db.address import async_url

        engine = create_async_engine(async_url(url))
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
            )

    assert asyncio.run(differences()) == []


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    asyncio.run(migrate(settings))
    asyncio.run(migrate(settings))


def test_evidence_cannot_be_rewritten(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    asyncio.run(migrate(settings))
    with create_engine(f"sqlite:///{settings.sqlite_path}").connect() as connection:
        triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
    assert any("audit" in name for name in triggers)
