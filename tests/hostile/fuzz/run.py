"""Coverage-guided fuzzing of one target: ``python -m tests.hostile.fuzz.run body --seconds 60``.

What it finds is kept in ``.fuzz/<target>/`` and used again; an input that breaks something is written there as
``crash-…``, ``timeout-…`` or ``oom-…`` and ends the run with a failure. Needs atheris (``make fuzz`` installs it).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

KEPT = Path(".fuzz")
SECONDS_AN_INPUT = 10
MEGABYTES = 1500
MOST_BYTES = 60_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with atheris.instrument_imports(include=["paraph", "luqum", "multipart"]):
        from . import targets
    from .seeds import seeds

    folder = KEPT / asked.target
    folder.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(seeds(asked.target)):
        (folder / f"seed-{place:03}").write_bytes(seed)
    flags = [
        sys.argv[0],
        f"-max_total_time={asked.seconds}",
        f"-timeout={SECONDS_AN_INPUT}",
        f"-rss_limit_mb={MEGABYTES}",
        f"-max_len={MOST_BYTES}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        str(folder),
    ]
    atheris.Setup(flags, targets.TARGETS[asked.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
