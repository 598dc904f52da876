"""kill -9 of web, worker and database at every labelled step, on both engines; what was acknowledged is there (T28).

``make crash`` runs hundreds of random rounds besides: PARAPH_CRASH_ROUNDS of them, from PARAPH_CRASH_SEED.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from paraph.kit.faults import LABELS
from tests.long import LONG

from .checks import check, settle
from .installing import far_side, new_world, remove
from .plan import Round, database_rounds, every_round, random_rounds
from .processes import KillableCluster
from .world import Far, World

PATIENCE_SECONDS = 90.0
RANDOM_PATIENCE_SECONDS = 5.0
ROUNDS_A_WORLD = 12
"""A job whose worker dies more often than it may be tried is given up: no more deaths than that."""
RANDOM_ROUNDS = int(os.environ.get("PARAPH_CRASH_ROUNDS", "0"))


@pytest.fixture(scope="module")
def far() -> Iterator[Far]:
    """What stays alive."""
    folder = Path(tempfile.mkdtemp(prefix="paraph-crash-"))
    folder.chmod(0o755)
    cluster = KillableCluster(folder / "postgresql")
    cluster.start()
    try:
        with far_side(folder, cluster) as far:
            yield far
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def go_through(far: Far, folder: Path, engine: str, rounds: list[Round], patience: float) -> World:
    """A fresh installation lives through these rounds, and every promise is checked."""
    far.receiver.received.clear()
    far.postbox.clear()
    world = new_world(far, folder, far.cluster.new_database() if engine == "postgresql" else "")
    try:
        world.open_doors()
        world.run(rounds, patience)
        settle(world)
        check(world)
    finally:
        world.stop()
    return world


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_acknowledged_is_lost_wherever_a_process_is_killed(engine: str, far: Far, tmp_path: Path) -> None:
    rounds = every_round()
    if not RANDOM_ROUNDS:  # each label once; `make crash` has every job and process that passes it
        rounds = list({one.label: one for one in rounds}.values())
    if engine == "sqlite":  # one process is both
        rounds = [one for one in rounds if one.role == "web" or (Round("web", one.point) not in rounds)]
    else:  # the steps are the same on both engines; that the database itself dies is not
        rounds = [*(rounds if LONG or RANDOM_ROUNDS else []), *database_rounds()]
    world = go_through(far, tmp_path / "crash", engine, rounds, PATIENCE_SECONDS)
    assert world.missed == []
    assert world.deaths == Counter(one.name for one in rounds)
    assert engine == "postgresql" or {one.label for one in rounds} == set(LABELS)
    print(f"\n{engine}: {sum(world.deaths.values())} deaths, {dict(world.ledger.counts)}")


@pytest.mark.skipif(not RANDOM_ROUNDS, reason="long: make crash")
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_random_deaths(engine: str, far: Far, tmp_path: Path) -> None:
    seed = int(os.environ.get("PARAPH_CRASH_SEED", time.time_ns() % 1_000_000))
    deaths: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    missed, worlds = 0, -(-RANDOM_ROUNDS // ROUNDS_A_WORLD)
    for number in range(worlds):
        chance = random.Random(f"{seed}:{engine}:{number}")
        rounds = random_rounds(chance, ROUNDS_A_WORLD, databases=engine == "postgresql")
        print(f"\n{engine}, world {number + 1} of {worlds}, seed {seed}", flush=True)
        folder = tmp_path / f"world{number}"
        world = go_through(far, folder, engine, rounds, RANDOM_PATIENCE_SECONDS)
        deaths += world.deaths
        counts += world.ledger.counts
        counts["requests acknowledged"] += len(world.ledger.requests)
        missed += len(world.missed)
        print(f"{sum(world.deaths.values())} as planned, {len(world.missed)} elsewhere", flush=True)
        remove(folder)
    print(f"{engine}: {sum(deaths.values())} deaths as planned, {missed} elsewhere; {dict(sorted(counts.items()))}")
    for name, count in sorted(deaths.items()):
        print(f"  {count:4} {name}")
