"""python -m bench.scale: what calls cost with 10³ and with 10⁶ accounts, tokens and requests, on both engines.

BENCH_SCALE=20000 asks for another large size, BENCH_ROUNDS for more or fewer rounds, BENCH_ENGINES=SQLite for one of
the two. The requests all belong to one account. Figures are the lower quartile of the rounds, in turn on the small
and the large database: noise only adds.
"""

from __future__ import annotations

import asyncio
import math
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from .database import postgres
from .explaining import postgres_plan, read_whole, sqlite_plan, watched
from .measuring import Report, Table, describe_machine, foreign_cores, ratio
from .scaled import CASES, Case, Unanswered, World

SMALL, LARGE = 1_000, 1_000_000
ROUNDS = 20
ENGINES = "PostgreSQL SQLite"
OPTIONS = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "maintenance_work_mem": "512MB",
    # a million of everything is written for the bench alone; growth is a ratio of two databases on the same server
    "fsync": "off",
    "synchronous_commit": "off",
}
GOAL = 2.0


async def main() -> None:
    """Fill, measure, explain; write the table down."""
    large, rounds = int(os.environ.get("BENCH_SCALE", LARGE)), int(os.environ.get("BENCH_ROUNDS", ROUNDS))
    report = Report()
    report.tell([*describe_machine(), f"lower quartile of {rounds} rounds, in milliseconds", ""])
    with tempfile.TemporaryDirectory(prefix="paraph-scale-") as folder, postgres(**OPTIONS) as server:
        for engine in os.environ.get("BENCH_ENGINES", ENGINES).split():
            async with AsyncExitStack() as stack:
                worlds = []
                for size in (SMALL, large):
                    here = Path(folder) / f"{engine}{size}"
                    url = server.database(f"scale{size}") if engine == "PostgreSQL" else ""
                    worlds.append(await stack.enter_async_context(World.filled(here, url, size, report.say)))
                with foreign_cores() as others:
                    measured = await _measure(worlds, rounds)
                report.say(f"{engine} ({server if engine == 'PostgreSQL' else sqlite3.sqlite_version})")
                report.tell(_growth(measured, large))
                report.say(f"cores at work meanwhile, ours included: {others.cores:.1f}")
                report.say()
                report.tell(await _explain(worlds[-1], engine))
                report.say()
    print(f"written: {report.save(os.environ.get('BENCH_DESCRIPTION', 'scale'))}")


async def _measure(worlds: list[World], rounds: int) -> dict[str, list[list[float]]]:
    """Milliseconds of each case in each world, one for each round."""
    taken: dict[str, list[list[float]]] = {name: [[] for _ in worlds] for name in CASES}
    for number in range(rounds + 1):
        for name, case in CASES.items():
            for place, world in enumerate(worlds):
                milliseconds = await _timed(case, world)
                if number:  # the first round warms up
                    taken[name][place].append(milliseconds)
    return taken


async def _timed(case: Case, world: World) -> float:
    """Infinite when the call was not answered: it took longer than a statement may."""
    begun = time.perf_counter()
    try:
        await case(world)
    except Unanswered:
        return math.inf
    return (time.perf_counter() - begun) * 1000


def _growth(measured: dict[str, list[list[float]]], large: int) -> Iterable[str]:
    table = Table("", f"{SMALL:,}", f"{large:,}", "ratio", "")
    for name, (small, big) in measured.items():
        low, high = _quartile(small), _quartile(big)
        told = f"{high:.2f}" if high < math.inf else "503"
        table.row(name, f"{low:.2f}", told, ratio(high, low), "" if high / low <= GOAL else "grows")
    return table.lines()


def _quartile(values: list[float]) -> float:
    return sorted(values)[len(values) // 4]


async def _explain(world: World, engine: str) -> list[str]:
    """How each statement finds its rows; those that read a whole table that grows come with their plan."""
    found = []
    connection = await asyncpg.connect(world.url) if world.url else None
    for name, case in CASES.items():
        with watched() as statements:
            await _timed(case, world)
        whole = 0
        for sql, values in statements.seen.items():
            if connection is not None:
                plan = await postgres_plan(connection, sql, values)
            else:
                plan = sqlite_plan(world.path, sql, values)
            if tables := read_whole(plan):
                whole += 1
                found += [f"  {name} reads all of {', '.join(tables)}: {' '.join(sql.split())}", *_indented(plan)]
        found.append(
            f"  {name}: {len(statements.seen)} statements, {whole} of them read a growing table from end to end"
        )
    if connection is not None:
        await connection.close()
    return [f"EXPLAIN on {engine}, at the large size", *found]


def _indented(plan: Iterable[str]) -> list[str]:
    return [f"      {line}" for line in plan]


if __name__ == "__main__":
    asyncio.run(main())
