"""The fuzz targets with bounded examples: refused by name or taken, in time, and nothing grows.

``make fuzz`` runs the same targets by coverage, for as long as it is asked to (tests/hostile/fuzz).
"""

from __future__ import annotations

import gc
import os
import random
import resource
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .fuzz import targets
from .fuzz.seeds import seeds

EXAMPLES = {"picture": 60, "pdf": 2, "sealed": 4}
SECONDS_AN_INPUT = 2.0
"""Of processor time, many times what any takes."""
INPUTS = int(os.environ.get("PARAPH_GROWTH_INPUTS", "10000"))
MOST_GROWTH_BYTES = 12 * 1024 * 1024
LIGHT = tuple(name for name in targets.TARGETS if name not in targets.HEAVY)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Bytes that were right once: some changed, cut out, doubled or moved."""
    changed = bytearray(data)
    for _ in range(chance.randint(0, 6)):
        at, length = chance.randrange(len(changed) + 1), chance.randint(1, 24)
        act = chance.randrange(5)
        if act == 0 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif act == 1:
            del changed[at : at + length]
        elif act == 2:
            changed[at:at] = changed[at : at + length]
        elif act == 3:
            changed[at:at] = chance.choice(
                (b"\x00", b"\xff", b"9" * 30, b"[", b"{", b'"', b"\r\n", b"|", b"(", "é".encode())
            )
        else:
            del changed[at:]
    return bytes(changed)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_whatever_comes_is_taken_or_refused_by_name(name: str) -> None:
    target, known = targets.TARGETS[name], seeds(name)
    for seed in known[: 3 if name in targets.HEAVY else 40]:
        _in_time(target, seed)

    @settings(
        max_examples=EXAMPLES.get(name, 150),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(
        place=st.integers(0, len(known) - 1),
        chance=st.randoms(use_true_random=False),
        raw=st.none() | st.binary(max_size=200),
    )
    def one(place: int, chance: random.Random, raw: bytes | None) -> None:
        _in_time(target, raw if raw is not None else mutated(known[place], chance))

    one()


def _in_time(target: targets.Target, data: bytes) -> None:
    begun = time.process_time()
    target(data)
    taken = time.process_time() - begun
    assert taken < SECONDS_AN_INPUT, (taken, data[:200])


def test_nothing_grows_over_ten_thousand_inputs() -> None:
    """Memory and temporary files, once caches are warm."""
    chance = random.Random(7)
    known = {name: seeds(name) for name in LIGHT}

    def feed(count: int) -> None:
        for number in range(count):
            name = LIGHT[number % len(LIGHT)]
            targets.TARGETS[name](mutated(chance.choice(known[name]), chance))
        gc.collect()

    feed(INPUTS // 4)
    before, files = _resident(), _open_files()
    feed(INPUTS)
    assert _resident() - before < MOST_GROWTH_BYTES
    assert _open_files() <= files
    assert not os.listdir(targets.SPOOLS)


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
