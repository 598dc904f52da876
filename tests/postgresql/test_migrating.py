"""Migrations beside processes that go on writing: nobody waits long, one does the work, a dead one is replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from paraph import migrations
from paraph.kit.db.unfit import DatabaseUnfit
from paraph.kit.settings import Settings
from paraph.migrations import HEAD, alembic_config, lease, migrate, online
from paraph.migrations import postgresql as climbing
from tests.harness import Cluster

BEFORE = "0008"
"""The schema before the migration that is looked at here, which adds columns and builds indexes on old tables."""
PATIENCE_SECONDS = 60
NUMBERS = count(1)
LONGEST_WAIT = "1s"
"""What a writer of these tests waits for a lock: beyond it its statement fails, and the test with it."""
JOB = (
    "INSERT INTO jobs (name, lane, payload, due_at, attempts, created_at) "
    "SELECT 'a.b', 'work', '{}', n, 0, 0 FROM generate_series(1, $1::int) n"
)


@pytest.fixture(scope="module")
def before(cluster: Cluster) -> str:
    """The name of a database with the schema before."""
    url = cluster.empty_database()
    asyncio.run(climbing.migrate_postgresql(url, BEFORE, migrations._step))
    return url.rpartition("/")[2]


def run(work: Callable[[str], Awaitable[None]], cluster: Cluster, template: str) -> None:
    """Run a test on a copy of this database."""
    name = f"{template}_{next(NUMBERS)}"
    cluster._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    async def whole() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await work(cluster._url(name))

    asyncio.run(whole())


def test_several_migrators_at_once_apply_each_step_once(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    url = cluster.empty_database()
    steps: list[str] = []
    take = migrations._step

    def counted(connection: object) -> None:
        take(connection)  # type: ignore[arg-type]
        steps.append("step")

    monkeypatch.setattr(migrations, "_step", counted)

    async def all_of_them() -> None:
        await asyncio.gather(*(migrate(Settings(database_url=url)) for _ in range(4)))

    asyncio.run(all_of_them())
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(steps) == len(list(scripts.walk_revisions()))
    assert asyncio.run(_version(url)) == HEAD


def test_no_advisory_lock_is_taken() -> None:
    folder = Path(migrations.__file__).parent
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    assert "pg_advisory" not in text and "pg_try_advisory" not in text


def test_writers_go_on_while_an_index_is_built_and_a_killed_build_is_made_anew(cluster: Cluster, before: str) -> None:
    async def work(url: str) -> None:
        writer, old = await asyncpg.connect(url), await asyncpg.connect(url)
        await writer.execute(f"SET lock_timeout = '{LONGEST_WAIT}'")
        await writer.execute(JOB, 20_000)
        # a transaction that has written and does not end: the build of an index on this table must wait for it
        unended = old.transaction()
        await unended.start()
        await old.execute(JOB, 1)
        migrator = _start_migrating(url)
        try:
            building = await _until_building(writer, "ix_jobs_claim")
            for _ in range(50):  # all others do not wait, though they write to the same table
                await writer.execute(JOB, 1)
            assert await writer.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", building) == 1
        finally:
            migrator.send_signal(signal.SIGKILL)
            migrator.wait()
        await writer.execute("SELECT pg_terminate_backend($1)", building)
        await unended.commit()
        await _until(writer, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $1", building)
        assert await _is_valid(writer, "ix_jobs_claim") is False
        # the dead one's lease has run out
        await writer.execute("UPDATE migration_lease SET until = 0")
        await migrate(Settings(database_url=url))
        assert await _is_valid(writer, "ix_jobs_claim") is True
        assert await writer.fetchval("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
        assert await writer.fetchval("SELECT version_num FROM alembic_version") == HEAD
        assert await writer.fetchval("SELECT count(*) FROM jobs") == 20_000 + 50 + 1
        await writer.close()
        await old.close()

    run(work, cluster, before)


def test_a_column_waits_for_readers_in_short_turns_between_which_writers_pass(
    cluster: Cluster, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(climbing, "_SET_LOCAL", "SET LOCAL lock_timeout = 100")
    monkeypatch.setattr(climbing, "LOCK_PAUSE_SECONDS", 0.05)
    tries: list[int] = []
    monkeypatch.setattr(climbing, "log", lambda _what, **more: tries.append(more["tries"]))

    async def work(url: str) -> None:
        reader, writer = await asyncpg.connect(url), await asyncpg.connect(url)
        await writer.execute(f"SET lock_timeout = '{LONGEST_WAIT}'")
        reading = reader.transaction()
        await reading.start()
        await reader.fetch("SELECT * FROM request_words")
        migrating = asyncio.create_task(migrate(Settings(database_url=url)))
        written = 0
        while len(tries) < 3:
            # as a write of the program, it waits behind whoever waits for the table as a whole
            await writer.execute("UPDATE request_words SET title = title")
            written += 1
            await asyncio.sleep(0.005)
        assert written and not migrating.done()
        await reading.commit()
        await migrating
        await reader.close()
        await writer.close()

    run(work, cluster, before)


def test_a_table_that_stays_locked_is_told_in_words(
    cluster: Cluster, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(climbing, "_SET_LOCAL", "SET LOCAL lock_timeout = 50")
    monkeypatch.setattr(climbing, "LOCK_PAUSE_SECONDS", 0)
    monkeypatch.setattr(climbing, "LOCK_TRIES", 2)

    async def work(url: str) -> None:
        reader = await asyncpg.connect(url)
        async with reader.transaction():
            await reader.fetch("SELECT * FROM request_words")
            with pytest.raises(DatabaseUnfit, match="another transaction keeps a table locked"):
                await migrate(Settings(database_url=url))
        # nothing of the step stays, and neither does the lease
        assert await _version(url) == BEFORE
        await migrate(Settings(database_url=url))
        await reader.close()

    run(work, cluster, before)


def test_the_lease_of_a_dead_migrator_runs_out(
    cluster: Cluster, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 2)

    async def work(url: str) -> None:
        connection = await asyncpg.connect(url)
        dead = "UPDATE migration_lease SET holder = 'dead', until = extract(epoch FROM clock_timestamp()) + 2"
        await connection.execute(dead)
        migrating = asyncio.create_task(migrate(Settings(database_url=url)))
        await asyncio.sleep(0.5)
        assert not migrating.done()
        assert await _version(url) == BEFORE
        await migrating
        assert await _version(url) == HEAD
        await connection.close()

    run(work, cluster, before)


def test_an_older_version_goes_on_beside_a_newer_schema(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.new_database()

    async def newer() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        await connection.close()

    asyncio.run(newer())
    asyncio.run(migrate(Settings(database_url=url)))
    assert asyncio.run(_version(url)) == "9999"


def test_a_column_that_older_processes_could_not_fill_is_refused() -> None:
    import sqlalchemy as sa

    with pytest.raises(ValueError, match=r"jobs\.x: processes of the version before"):
        online.add_column("jobs", sa.Column("x", sa.Integer(), nullable=False))


def test_several_processes_bring_up_one_sqlite_file(tmp_path: Path) -> None:
    environment = os.environ | {"PARAPH_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "paraph", "migrate"]
    both = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    assert [one.wait(PATIENCE_SECONDS) for one in both] == [0, 0]


def _start_migrating(url: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PARAPH_DATABASE_URL": url}
    return subprocess.Popen([sys.executable, "-m", "paraph", "migrate"], env=environment)


async def _until_building(connection: asyncpg.Connection, index: str) -> int:
    """The session that builds this index, once it waits for the transactions before it."""
    sql = "SELECT pid FROM pg_stat_activity WHERE query LIKE $1 AND state = 'active' AND wait_event_type = 'Lock'"
    return int(await _until(connection, sql, f"CREATE INDEX CONCURRENTLY {index} %"))


async def _until(connection: asyncpg.Connection, sql: str, value: object) -> object:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := await connection.fetchval(sql, value)):
        assert time.monotonic() < deadline, sql
        await asyncio.sleep(0.02)
    return found


async def _is_valid(connection: asyncpg.Connection, index: str) -> bool | None:
    sql = "SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relname = $1"
    return await connection.fetchval(sql, index)


async def _version(url: str) -> str:
    connection = await asyncpg.connect(url)
    found = await connection.fetchval("SELECT max(version_num) FROM alembic_version")
    await connection.close()
    return str(found)
