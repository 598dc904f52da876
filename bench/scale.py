"""python -m bench.scale: what calls cost with 10³ and with 10⁶ accounts, tokens and requests, on both engines.

BENCH_SCALE=20000 asks for another large size, BENCH_ROUNDS for more or fewer rounds. The requests all belong to one
account. Figures are the lower quartile of the rounds, in turn on the small and the large database: noise only adds.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from .database import postgres
from .explaining import postgres_plan, read_whole, sqlite_plan, watched
from .measuring import Report, Table, describe_machine, foreign_cores
from .scaled import CASES, World

SMALL, LARGE = 1_000, 1_000_000
ROUNDS = 20
GOAL = 2.0


async def main() -> None:
    """Fill, measure, explain; write the table down."""
    large, rounds = int(os.environ.get("BENCH_SCALE", LARGE)), int(os.environ.get("BENCH_ROUNDS", ROUNDS))
    report = Report()
    report.tell([*describe_machine(), f"lower quartile of {rounds} rounds, in milliseconds", ""])
    with tempfile.TemporaryDirectory(prefix="paraph-scale-") as folder, postgres(max_wal_size="8GB") as server:
        for engine in ("PostgreSQL", "SQLite"):
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
    print(f"written: {report.save('scale')}")


async def _measure(worlds: list[World], rounds: int) -> dict[str, list[list[float]]]:
    """Milliseconds of each case in each world, one for each round."""
    taken: dict[str, list[list[float]]] = {name: [[] for _ in worlds] for name in CASES}
    for number in range(rounds + 1):
        for name, case in CASES.items():
            for place, world in enumerate(worlds):
                begun = time.perf_counter()
                await case(world)
                if number:  # the first round warms up
                    taken[name][place].append((time.perf_counter() - begun) * 1000)
    return taken


def _growth(measured: dict[str, list[list[float]]], large: int) -> Iterable[str]:
    table = Table("", f"{SMALL:,}", f"{large:,}", "ratio", "")
    for name, (small, big) in measured.items():
        low, high = _quartile(small), _quartile(big)
        table.row(name, f"{low:.2f}", f"{high:.2f}", f"{high / low:.2f} x", "" if high / low <= GOAL else "grows")
    return table.lines()


def _quartile(values: list[float]) -> float:
    return statistics.quantiles(values, n=4, method="inclusive")[0] if len(values) > 1 else values[0]


async def _explain(world: World, engine: str) -> list[str]:
    """How each statement finds its rows; those that read a whole table that grows come with their plan."""
    found = []
    connection = await asyncpg.connect(world.url) if world.url else None
    for name, case in CASES.items():
        with watched() as statements:
            await case(world)
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
