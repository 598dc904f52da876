"""What is looked up before a transaction, together with others, and transactions that begin late."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from bench.explaining import watched
from paraph.kit import Kit
from paraph.kit.db import GuardedChain, Lookup, Prepared, ReadTx, WriteTx, prepared_insert
from paraph.kit.limits import limit_windows
from paraph.kit.queue.models import jobs
from tests.kit.ground import Ground

W = limit_windows.c
BY_KEY = Lookup(select(W.key, W.used), W.key)
COUNTED = Prepared(select(W.used))
ADDED = prepared_insert(limit_windows, {name: name for name in ("key", "starts_at", "used", "ends_at")})


def row(key: str, used: int = 0) -> dict[str, Any]:
    return {"key": key, "starts_at": 1, "used": used, "ends_at": 2}


async def put(kit: Kit, *keys: str) -> None:
    for used, key in enumerate(keys):
        await kit.db.write(lambda tx, key=key, used=used: ADDED.changed(tx, **row(key, used)))  # type: ignore[misc]


def test_each_of_many_askers_gets_its_own_rows(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        keys = [f"key {number}" for number in range(40)]
        await put(kit, *keys)
        asked = [*keys, *keys, "nobody"] * 3
        with watched() as statements:
            reads = [
                kit.db.read(lambda tx, key=key: BY_KEY.found_one(tx, key), ahead=BY_KEY.asked(key)) for key in asked
            ]  # type: ignore[misc]
            found = await asyncio.gather(*reads)
        assert [None if one is None else (one.key, one.used) for one in found] == [
            None if key == "nobody" else (key, keys.index(key)) for key in asked
        ]
        if kit.db.name == "postgresql":
            assert len(statements.seen) < 10, "they went together"

    ground.run(scenario)


def test_a_query_that_wants_more_gets_it(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await put(kit, "a", "b")
        runs: list[str] = []

        def query(tx: ReadTx) -> Any:
            runs.append("run")
            first = BY_KEY.found_one(tx, "b").used
            return first, sorted(one.used for one in COUNTED.all(tx)), len(tx.all(select(W.key)))

        assert await kit.db.read(query, ahead=BY_KEY.asked("b")) == (1, [0, 1], 2)
        assert len(runs) == 2
        assert await kit.db.read(lambda tx: BY_KEY.found_one(tx, "a").used, ahead=BY_KEY.asked("b")) == 0, (
            "another key"
        )

    ground.run(scenario)


def test_what_was_committed_before_the_call_is_seen_by_it(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        async def look(key: str) -> Any:
            return await kit.db.read(lambda tx: BY_KEY.found_one(tx, key), ahead=BY_KEY.asked(key))

        async def put_and_look(number: int) -> None:
            key = f"fresh {number}"
            assert await look(key) is None
            await kit.db.write(lambda tx: ADDED.changed(tx, **row(key)))
            assert (await look(key)).key == key

        await asyncio.gather(*(put_and_look(number) for number in range(30)))

    ground.run(scenario)


def test_a_failure_is_told_to_all_and_the_next_are_answered(postgres_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await put(kit, "a")
        asks = [kit.db.read(lambda tx: BY_KEY.found_one(tx, "\x00"), ahead=BY_KEY.asked("\x00")) for _ in range(5)]
        failed = await asyncio.gather(*asks, return_exceptions=True)
        assert all(isinstance(one, DBAPIError) for one in failed), failed
        assert (await kit.db.read(lambda tx: BY_KEY.found_one(tx, "a"), ahead=BY_KEY.asked("a"))).key == "a"

    postgres_ground.run(scenario)


def test_a_write_that_fails_leaves_nothing_whether_it_began_late_or_not(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await put(kit, "a")

        def fails(tx: WriteTx) -> None:
            assert BY_KEY.found_one(tx, "a").used == 0
            ADDED.changed(tx, **row("b"))
            raise RuntimeError

        def fails_at_once(tx: WriteTx) -> None:
            raise RuntimeError

        for verb in (fails, fails_at_once):
            with pytest.raises(RuntimeError):
                await kit.db.write(verb, ahead=BY_KEY.asked("a"))
        assert await kit.db.read(lambda tx: [one.key for one in tx.all(select(W.key))]) == ["a"]
        assert await kit.db.write(lambda tx: None) is None

    ground.run(scenario)


CHAIN = GuardedChain(
    free=(jobs.c.id == 1) & jobs.c.error.is_(None),
    marks={jobs.c.error: "marked"},
    made=(jobs, {name: name for name in ("name", "payload", "lane", "due_at", "created_at")}),
    kept_in=jobs.c.due_at,
    hanging=(
        "made_pk",
        {limit_windows: {"key": "key", "starts_at": "starts_at", "used": "made_pk", "ends_at": "ends_at"}},
    ),
)
JOB = {"name": "n", "payload": {}, "lane": "work", "due_at": 5, "created_at": 5}


def test_of_many_one_uses_the_row_and_all_that_hangs_on_it_has_its_key(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        assert await kit.db.write(lambda tx: tx.insert(jobs, JOB)) == 1

        def use(number: int) -> Any:
            values = JOB | row(f"of {number}") | {"marked": str(number)}
            return kit.db.write(lambda tx: CHAIN.did(tx, used_pk=1, **values))

        won = await asyncio.gather(*(use(number) for number in range(20)))
        (made,) = [key for key in won if key is not None]
        assert await kit.db.read(lambda tx: tx.all(select(jobs.c.id, jobs.c.due_at).order_by(jobs.c.id))) == [
            (1, made),
            (made, 5),
        ]
        hanging = await kit.db.read(lambda tx: tx.all(select(W.key, W.used)))
        assert hanging == [(f"of {won.index(made)}", made)]

    ground.run(scenario)


def test_nothing_follows_the_statement_that_was_alone(postgres_ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(lambda tx: tx.insert(jobs, JOB))

        def goes_on(tx: WriteTx) -> None:
            CHAIN.did(tx, used_pk=1, **(JOB | row("a") | {"marked": "x"}))
            ADDED.changed(tx, **row("b"))

        with pytest.raises(AssertionError, match="alone"):
            await kit.db.write(goes_on)

        def goes_before(tx: WriteTx) -> int | None:
            ADDED.changed(tx, **row("c"))
            return CHAIN.did(tx, used_pk=1, **(JOB | row("d") | {"marked": "y"}))

        assert await kit.db.write(goes_before) is None, "used before: the transaction goes on and is committed"
        assert await kit.db.read(lambda tx: {one.key for one in tx.all(select(W.key))}) == {"a", "c"}

    postgres_ground.run(scenario)
