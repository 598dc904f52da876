"""Limits: exact within a process, never exceeded over several, whatever the key."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import func, select

from paraph.kit import Kit
from paraph.kit import limits as kit_limits
from paraph.kit.limits import Count, count_all, counted, limit_windows
from tests.kit.ground import Ground


def test_a_limit_is_reached_and_opens_again_with_the_next_window(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        ground.clock.move(60 - ground.clock.now() % 60)
        answers = [await kit.limits.take("k", 10, 60) for _ in range(12)]
        assert [answer.allowed for answer in answers] == [True] * 10 + [False] * 2
        assert [answer.remaining for answer in answers] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
        assert {answer.resets_at for answer in answers} == {ground.clock.now() + 60}
        assert (await kit.limits.take("other", 10, 60)).allowed
        ground.clock.move(59)
        assert not (await kit.limits.take("k", 10, 60)).allowed
        ground.clock.move(1)
        assert (await kit.limits.take("k", 10, 60)).allowed

    ground.run(scenario)


def test_many_at_once(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        answers = await asyncio.gather(*(kit.limits.take("k", 30, 60) for _ in range(100)))
        assert sum(answer.allowed for answer in answers) == 30

    ground.run(scenario)


def test_most_calls_ask_no_database(lite_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        writes = 0
        real = kit.db.write

        async def counting(verb: object) -> object:
            nonlocal writes
            writes += 1
            return await real(verb)  # type: ignore[arg-type]

        kit.db.write = counting  # type: ignore[assignment,method-assign]
        for _ in range(1000):
            await kit.limits.take("k", 2000, 60)
        assert writes <= 10

    lite_ground.run(scenario)


def test_two_processes_share_one_limit(postgres_ground: Ground) -> None:
    program = textwrap.dedent(
        """
        import asyncio, json, sys
        from pathlib import Path
        from tests.kit.ground import Ground

        async def scenario(kit):
            taken = 0
            for _ in range(100):
                taken += (await kit.limits.take("k", 120, 3600)).allowed
                await asyncio.sleep(0)
            print(json.dumps(taken))

        Ground(Path(sys.argv[1]), sys.argv[2]).run(scenario)
        """
    )

    async def nothing(kit: Kit) -> None:
        """Only the tables, which two processes cannot both create."""

    postgres_ground.run(nothing)
    command = [sys.executable, "-c", program, str(postgres_ground.folder), postgres_ground.database_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    taken = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(taken) == 120, "exactly the limit, whoever counts"

    async def used(kit: Kit) -> int:
        return int(await kit.db.read(lambda tx: tx.scalar(select(func.sum(limit_windows.c.used)))))

    assert postgres_ground.run(used) == 120


@pytest.mark.parametrize("key", ["k" * 5000, "log-in:a\x00b", "log-in:ü@example.com", "log-in:\ud800", ""])
def test_keys_may_hold_what_a_person_typed(ground: Ground, key: str) -> None:
    async def scenario(kit: Kit) -> None:
        now = kit.clock.now()
        assert await kit.db.write(lambda tx: kit_limits.count(tx, key, now, 60)) == 1
        assert await kit.db.write(lambda tx: kit_limits.count(tx, key, now, 60)) == 2
        assert await kit.db.read(lambda tx: kit_limits.counted(tx, key, now, 60)) == 2
        assert await kit.db.read(lambda tx: kit_limits.counted(tx, key + "x", now, 60)) == 0
        assert (await kit.limits.take(key, 3, 60)).allowed
        await kit.db.write(lambda tx: kit_limits.clear(tx, key))
        assert await kit.db.read(lambda tx: kit_limits.counted(tx, key, now, 60)) == 0

    ground.run(scenario)


def test_windows_that_are_over_are_swept(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        now = kit.clock.now()
        await kit.db.write(lambda tx: kit_limits.count(tx, "k", now, 60))
        await kit.db.write(lambda tx: kit_limits.sweep(tx, now))
        rows = select(func.count()).select_from(limit_windows)
        assert await kit.db.read(lambda tx: tx.scalar(rows)) == 1
        await kit.db.write(lambda tx: kit_limits.sweep(tx, now + 121))
        assert await kit.db.read(lambda tx: tx.scalar(rows)) == 0

    ground.run(scenario)


def test_several_are_counted_at_once_whatever_their_windows(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        counts = [Count("day", 86_400, 3), Count("hour", 3600), Count("\N{SNOWMAN}" * 200, 3600), Count("hour", 3600)]
        now = ground.clock.now()

        async def once() -> dict[str, int]:
            return await kit.db.write(lambda tx: count_all(tx, counts, now))

        assert set((await once()).values()) == {3, 1}
        several = await asyncio.gather(*(once() for _ in range(9)))
        assert max(one["day"] for one in several) == 30
        assert max(one["hour"] for one in several) == 10
        assert await kit.db.read(lambda tx: counted(tx, "\N{SNOWMAN}" * 200, now, 3600)) == 10

    ground.run(scenario)
