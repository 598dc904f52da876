"""From the command to the first answered request, beside a bare uvicorn hello in the same run; memory when idle.

Both are started in turn, on a data folder that exists already; the very first start, which makes database and keys,
stands apart.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import BARE
from bench.hosting import Host
from bench.measuring import Table, free_port, median, ratio, resident_mb
from bench.paraphs import ROOT, command, environment_of
from bench.setting import Setting

SETTLING_SECONDS = 2
OURS = "paraph serve, SQLite, web and worker"
GOAL = "goal: start at most 1 s, at most 120 MB resident idle"


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds until an answer, processor seconds until then, and MB a while later: plain, shared counted once."""

    seconds: float
    cpu_seconds: float
    plain_mb: float = 0.0
    shared_out_mb: float = 0.0


def run(setting: Setting) -> None:
    """Start both in turn and say how long it took."""
    first = ours(setting.folder)
    pairs = [(ours(setting.folder), hello(setting.folder)) for _ in range(setting.rounds.count)]
    idle = ours(setting.folder, settle=SETTLING_SECONDS)
    table = Table("cold start", "median s", "best s", "CPU s")
    table.row("first start ever (database, keys)", f"{first.seconds:.2f}", "", f"{first.cpu_seconds:.2f}")
    for name, found in ((OURS, [one for one, _ in pairs]), (BARE, [other for _, other in pairs])):
        times, used = [one.seconds for one in found], median(one.cpu_seconds for one in found)
        table.row(name, f"{median(times):.2f}", f"{min(times):.2f}", f"{used:.2f}")
    compared = [
        median(a.seconds / b.seconds for a, b in pairs),
        median(a.cpu_seconds / b.cpu_seconds for a, b in pairs),
    ]
    table.row("ours : bare", ratio(compared[0], 1), "", ratio(compared[1], 1))
    setting.report.say(f"Cold start: wall clock until the first answer ({GOAL})")
    setting.report.tell(table.lines())
    memory = f"{idle.plain_mb:.0f} MB resident, {idle.shared_out_mb:.0f} MB with shared pages counted once"
    setting.report.say(f"memory idle, {OURS}: {memory}")


def ours(folder: Path, settle: float = 0) -> Started:
    """``paraph serve`` on its data folder."""
    port = free_port()
    return _started(folder, command("serve"), environment_of(folder, port), port, settle)


def hello(folder: Path) -> Started:
    """What uvicorn alone takes."""
    port = free_port()
    program = [sys.executable, "-m", "uvicorn", "bench.peers.bare:app", "--port", str(port)]
    return _started(folder, program, environment_of(folder, port), port, 0)


def _started(folder: Path, program: list[str], environment: dict[str, str], port: int, settle: float) -> Started:
    host = Host(folder / "starts")
    begin = time.perf_counter()
    try:
        host.start(program, environment, cwd=ROOT, port=port)
        seconds, used = time.perf_counter() - begin, host.cpu_seconds()
        time.sleep(settle)
        return Started(seconds, used, *resident_mb(host.pids))
    finally:
        host.stop()
