"""Transactions: what commits together, what does not, and who may write."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from paraph.kit import Kit
from paraph.kit.db import Prepared, ReadTx, WriteTx, insert_or_ignore, upsert
from paraph.kit.db.sqlite import SqliteDatabase
from paraph.kit.errors import ParaphError
from paraph.kit.limits import count, limit_windows
from paraph.kit.outages import outage_kind
from tests.kit.ground import Ground


def add(key: str, used: int = 1) -> Any:
    return lambda tx: tx.insert(limit_windows, {"key": key, "starts_at": 0, "used": used, "ends_at": 0})


def keys(tx: ReadTx) -> set[str]:
    return {row.key for row in tx.all(select(limit_windows.c.key))}


def failing(key: str, error: BaseException) -> Any:
    def verb(tx: WriteTx) -> None:
        add(key)(tx)
        raise error

    return verb


def test_a_failure_takes_back_its_own_writes_and_nobody_elses(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(add("taken"))
        outcomes = await asyncio.gather(
            *(kit.db.write(add(f"before{number}")) for number in range(10)),
            kit.db.write(failing("fails", ValueError("no"))),
            kit.db.write(failing("refused", ParaphError("no"))),
            kit.db.write(failing("kept", ParaphError("recorded, and refused", keeps_writes=True))),
            kit.db.write(add("taken")),
            *(kit.db.write(add(f"after{number}")) for number in range(10)),
            return_exceptions=True,
        )
        failures = [type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)]
        assert failures[:3] == [ValueError, ParaphError, ParaphError]
        assert issubclass(failures[3], IntegrityError)
        found = await kit.db.read(keys)
        assert found == {f"{when}{number}" for when in ("before", "after") for number in range(10)} | {
            "kept",
            "taken",
        }

    ground.run(scenario)


def test_what_waits_for_the_commit_runs_only_after_one(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        told: list[str] = []

        def tells(name: str, then: Any) -> Any:
            def verb(tx: WriteTx) -> None:
                tx.after_commit(lambda: told.append(name))
                then(tx)

            return verb

        await asyncio.gather(
            kit.db.write(tells("commits", add("a"))),
            kit.db.write(tells("fails", failing("b", ValueError()))),
            kit.db.write(tells("keeps", failing("c", ParaphError("", keeps_writes=True)))),
            return_exceptions=True,
        )
        await asyncio.sleep(0)
        assert sorted(told) == ["commits", "keeps"]

    ground.run(scenario)


def test_a_failing_hook_does_not_take_the_answer_away(ground: Ground) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    async def scenario(kit: Kit) -> None:
        def verb(tx: WriteTx) -> str:
            tx.after_commit(fails)
            return "answer"

        assert await kit.db.write(verb) == "answer"
        assert await kit.db.write(lambda tx: "goes on") == "goes on"

    ground.run(scenario)


def test_a_verb_that_leaks_stop_iteration_stops_nobody_else(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        with pytest.raises(RuntimeError):
            await kit.db.write(lambda tx: next(iter(())))
        await kit.db.write(add("goes on"))

    ground.run(scenario)


def test_a_client_that_goes_away_stops_nobody_else(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        leaving = asyncio.create_task(kit.db.write(add("leaving")))
        await asyncio.sleep(0)
        leaving.cancel()
        await kit.db.write(add("staying"))
        assert "staying" in await kit.db.read(keys)

    ground.run(scenario)


def test_a_savepoint_survives_a_clash(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        def verb(tx: WriteTx) -> None:
            add("one")(tx)
            with pytest.raises(IntegrityError), tx.savepoint():
                add("one")(tx)
            with tx.savepoint():
                add("two")(tx)

        await kit.db.write(verb)
        assert await kit.db.read(keys) == {"one", "two"}

    ground.run(scenario)


def test_concurrent_writers_lose_no_increment(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        totals = await asyncio.gather(*(kit.db.write(lambda tx: count(tx, "k", 60, 60)) for _ in range(50)))
        assert sorted(totals) == list(range(1, 51))

    ground.run(scenario)


def test_insert_or_ignore_and_upsert(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        values = {"key": "k", "starts_at": 5, "used": 1, "ends_at": 9}
        unique = ("key", "starts_at")

        def verb(tx: WriteTx) -> tuple[bool, bool, Any]:
            first = insert_or_ignore(tx, limit_windows, values, unique=unique)
            second = insert_or_ignore(tx, limit_windows, values, unique=unique)
            upsert(tx, limit_windows, values, unique=unique, changes={"used": limit_windows.c.used + 41})
            return first, second, tx.scalar(select(limit_windows.c.used))

        assert await kit.db.write(verb) == (True, False, 42)

    ground.run(scenario)


def test_long_reads_see_what_is_committed(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(add("k"))
        counted = select(func.count()).select_from(limit_windows)
        found = await asyncio.gather(*(kit.db.read(lambda tx: tx.scalar(counted), long=True) for _ in range(6)))
        assert found == [1] * 6

    ground.run(scenario)


def test_a_read_on_sqlite_cannot_write(lite_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        for long in (False, True):
            with pytest.raises(DBAPIError, match="readonly"):
                await kit.db.read(lambda tx: tx.execute(limit_windows.delete()), long=long)

    lite_ground.run(scenario)


def test_another_process_may_write_at_the_same_time(ground: Ground) -> None:
    """The command line beside a running server."""
    other = textwrap.dedent(
        """
        import sys
        from tests.kit.ground import Ground
        from pathlib import Path
        from paraph.kit.limits import count

        async def scenario(kit):
            for _ in range(40):
                await kit.db.write(lambda tx: count(tx, "shared", 60, 60))

        Ground(Path(sys.argv[1]), sys.argv[2]).run(scenario)
        """
    )

    async def scenario(kit: Kit) -> None:
        command = [sys.executable, "-c", other, str(ground.folder), ground.database_url]
        process = asyncio.create_task(asyncio.to_thread(subprocess.run, command, timeout=30))
        for _ in range(40):
            await kit.db.write(lambda tx: count(tx, "shared", 60, 60))
            await asyncio.sleep(0.02)
        assert (await process).returncode == 0
        assert await kit.db.write(lambda tx: count(tx, "shared", 60, 60)) == 81

    ground.run(scenario)


def test_a_lock_held_by_another_process_delays_but_does_not_fail(lite_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        other = sqlite3.connect(lite_ground.folder / "paraph.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(kit.db.write(add("late")))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        assert await kit.db.read(keys) == set(), "reads go on meanwhile"
        other.execute("COMMIT")
        other.close()
        await waiting

    lite_ground.run(scenario)


def test_a_full_disk_fails_the_group_and_the_writer_goes_on(lite_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=60"))
        big = "x" * 3_000_000
        outcomes = await asyncio.gather(
            kit.db.write(add("small")),
            kit.db.write(lambda tx: add(big)(tx)),
            kit.db.write(add("later")),
            return_exceptions=True,
        )
        assert any(isinstance(outcome, Exception) for outcome in outcomes)
        await kit.db.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count=100000"))
        await kit.db.write(add("afterwards"))
        found = await kit.db.read(keys)
        assert "afterwards" in found
        assert big not in found

    lite_ground.run(scenario)


GOODBYE = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
"""What PostgreSQL says on a session that it ends."""


def hears_goodbye(tx: ReadTx) -> None:
    """The server's last words are there, and the end of the connection is not yet."""
    driver: Any = tx.driver
    raw = getattr(driver, "_driver", driver)._raw
    raw._protocol.data_received(b"E" + (len(GOODBYE) + 4).to_bytes(4, "big") + GOODBYE)


def test_a_connection_that_the_server_is_ending_is_given_up_and_the_work_done_on_another(
    postgres_ground: Ground,
) -> None:
    async def scenario(kit: Kit) -> None:
        compiled = Prepared(select(limit_windows.c.key))
        for query in (keys, compiled.all):
            await kit.db.read(hears_goodbye)
            await kit.db.read(query)
        await kit.db.read(hears_goodbye)
        await kit.db.write(add("begun on another"))

        tries: list[str] = []

        def cut_off_once(tx: WriteTx) -> None:
            tries.append("again")
            if len(tries) == 1:
                hears_goodbye(tx)
            add("amid")(tx)

        await kit.db.write(cut_off_once)

        def cut_off_at_the_end(tx: WriteTx) -> None:
            add("never")(tx)
            hears_goodbye(tx)

        with pytest.raises(DBAPIError) as raised:
            await kit.db.write(cut_off_at_the_end)
        assert outage_kind(raised.value) == "database", "whether it was committed is open, so it is not tried again"
        assert await kit.db.read(keys) == {"begun on another", "amid"}

    postgres_ground.run(scenario)


def test_a_long_read_on_sqlite_ends_in_time_and_the_next_one_is_answered(tmp_path: Path) -> None:
    """As a statement on PostgreSQL does: who asks too much is told to come again, and others get their turn."""
    endless = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")

    async def ask() -> Any:
        database = SqliteDatabase(tmp_path / "a.sqlite3", statement_seconds=0.05)
        await database.open()
        with pytest.raises(DBAPIError) as ended:
            await database.read(lambda tx: tx.scalar(endless), long=True)
        assert outage_kind(ended.value) == "database"
        found = [await database.read(lambda tx: tx.scalar(select(1)), long=long) for long in (True, True, False)]
        await database.close()
        return found

    assert asyncio.run(ask()) == [1, 1, 1]
