"""Statements that run on the driver: the same transaction, rows and failures as any other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from paraph.kit import Kit
from paraph.kit.db import Guarded, Prepared, ReadTx, WriteTx
from paraph.kit.limits import limit_windows
from paraph.kit.queue.models import jobs
from tests.kit.ground import Ground

W = limit_windows.c
BY_KEY = Prepared(select(W.key, W.used).where(W.key == bindparam("wanted")))
ADDED = Prepared(insert(limit_windows).values({c.name: bindparam(c.name, type_=c.type) for c in W}))
TAKEN = Guarded(
    update(limit_windows).where(W.key == bindparam("wanted"), W.used == 0).values(used=1),
    {limit_windows: {"key": "winner", "starts_at": "at", "used": "at", "ends_at": "at"}},
)


def row(key: str, used: int = 0) -> dict[str, Any]:
    return {"key": key, "starts_at": 1, "used": used, "ends_at": 2}


def test_it_joins_the_transaction_it_is_given(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        def verb(tx: WriteTx) -> None:
            assert ADDED.changed(tx, **row("a", 7)) == 1
            assert tx.scalar(select(W.used).where(W.key == "a")) == 7, "the Core sees it"
            found = BY_KEY.one_or_none(tx, wanted="a")
            assert (found.key, found.used, dict(found._mapping)) == ("a", 7, {"key": "a", "used": 7})
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await kit.db.write(verb)
        assert await kit.db.read(lambda tx: BY_KEY.all(tx, wanted="a")) == []

    ground.run(scenario)


def test_its_failures_are_those_of_any_statement(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        def twice(tx: WriteTx) -> None:
            ADDED.changed(tx, **row("a"))
            with pytest.raises(IntegrityError), tx.savepoint():
                ADDED.changed(tx, **row("a"))

        await kit.db.write(twice)
        broken = Prepared(select(bindparam("x", type_=W.used.type).label("x")).where(W.key == bindparam("no")))
        await kit.db.read(lambda tx: broken.all(tx, x=1, no="b"))
        if kit.db.name == "sqlite":
            with pytest.raises(OperationalError, match="readonly"):
                await kit.db.read(lambda tx: ADDED.changed(tx, **row("c")))  # type: ignore[arg-type]

    ground.run(scenario)


def test_of_many_at_once_one_wins_and_only_it_inserts(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        await kit.db.write(lambda tx: ADDED.changed(tx, **row("prize")))

        def race(number: int) -> Any:
            return kit.db.write(lambda tx: TAKEN.did(tx, wanted="prize", winner=f"winner {number}", at=5))

        won = await asyncio.gather(*(race(number) for number in range(20)))
        assert won.count(True) == 1
        keys = await kit.db.read(lambda tx: {r.key for r in tx.all(select(W.key))})
        assert keys == {"prize", f"winner {won.index(True)}"}

    ground.run(scenario)


def test_a_row_is_inserted_with_its_types_and_gives_its_key(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        values = {"name": "n", "payload": {"a": [1, True]}, "lane": "work", "due_at": 5, "created_at": 5}

        def verb(tx: WriteTx) -> tuple[int, int]:
            return tx.insert(jobs, values), tx.insert(limit_windows, row("no number of its own"))

        key, none = await kit.db.write(verb)
        found = await kit.db.read(lambda tx: tx.one_or_none(select(jobs).where(jobs.c.id == key)))
        assert found is not None and found.payload == {"a": [1, True]}
        assert none == 0

    ground.run(scenario)


def test_what_is_kept_lasts_as_long_as_the_view(ground: Ground) -> None:
    async def scenario(kit: Kit) -> None:
        def keeps(tx: ReadTx) -> Any:
            tx.keep("what", 1)
            return tx.kept("what")

        assert await kit.db.read(keeps) == 1
        assert await kit.db.read(lambda tx: tx.kept("what")) is None
        assert await kit.db.write(keeps) is None, "what may change is asked for each time"

    ground.run(scenario)
