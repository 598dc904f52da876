"""What the figures were measured on, and who else was at work there."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
OURS = ("uvicorn", "starlette", "sqlalchemy", "asyncpg", "pikepdf", "pyhanko", "cryptography")


def describe_machine() -> list[str]:
    """Lines for the head of a result file: when, where, in which state."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}",
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.release()}",
        f"load averages at the start: {load}",
        f"Python {platform.python_version()}, {versions_of(OURS)}",
    ]


def versions_of(names: tuple[str, ...]) -> str:
    """Installed Python packages with their versions."""
    return ", ".join(f"{name} {version(name)}" for name in names)


class _Busy:
    """Processor seconds that the whole machine has worked since it was started."""

    def __init__(self) -> None:
        fields = [int(text) for text in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        idle = fields[3] + fields[4]
        self.seconds = (sum(fields) - idle) / TICKS
        self.at = time.monotonic()


class foreign_cores:  # noqa: N801 — reads as a function: with foreign_cores() as others
    """Cores that others took while a block ran: all its work without ``own`` (seconds, set before the end)."""

    def __enter__(self) -> foreign_cores:
        self._begin = _Busy()
        self.own = 0.0
        self.cores = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        end = _Busy()
        worked = end.seconds - self._begin.seconds - self.own
        self.cores = max(0.0, worked / max(end.at - self._begin.at, 0.001))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return answer.stdout.strip() or "unknown"
