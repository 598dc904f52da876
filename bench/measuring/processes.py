"""Processor time and memory of whole process trees, read out of /proc (Linux)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MIB_IN_KIB = 1024
PROC = Path("/proc")


def tree(roots: Iterable[int]) -> list[int]:
    """These processes and everything below them, each once."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = list(dict.fromkeys(roots))
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.append(pid)
            waiting += children.get(pid, [])
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system time of these trees since they began, with that of children that ended and were waited for.

    In steps of a clock tick (10 ms): measure over seconds.
    """
    total = 0
    for pid in tree(roots):
        fields = _stat(pid)
        total += sum(int(fields[place]) for place in (11, 12, 13, 14)) if fields else 0
    return total / TICKS


def resident_mb(roots: Iterable[int]) -> tuple[float, float]:
    """Resident memory of these trees in MB: the plain sum, and with shared pages counted once over all who share."""
    plain = shared_out = 0
    for pid in tree(roots):
        sizes = _rollup(pid)
        plain += sizes.get("Rss", 0)
        shared_out += sizes.get("Pss", 0)
    return plain / MIB_IN_KIB, shared_out / MIB_IN_KIB


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold spaces; empty once the process is gone."""
    with suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def _rollup(pid: int) -> dict[str, int]:
    sizes: dict[str, int] = {}
    with suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]:
            name, _, rest = line.partition(":")
            sizes[name] = int(rest.split()[0])
    return sizes
