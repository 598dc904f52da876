"""The whole flow, for as long as asked: send, sign, seal, events; requests an hour, and memory over the time."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field

from bench.measuring import Table, cpu_seconds, percentile, resident_mb, spread
from bench.outside import DOWNLOADABLE, people, world
from bench.paraphs import Paraph, paraph
from bench.setting import Setting

QUICK_SECONDS, FULL_SECONDS = 20, 120
AT_ONCE = 8
SAMPLES = 10
PATIENCE_SECONDS = 600
WHO = "Paraph, PostgreSQL, 2 web + 2 workers"
GOAL = "goal: at least 10,000 an hour on 2 cores, flat memory"


@dataclass(slots=True)
class Memory:
    """MB of web processes, workers and their children, shared pages counted once, over the run."""

    found: Paraph
    every: float
    samples: list[tuple[float, float]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        """Look until it is over."""
        begin = time.monotonic()
        while True:
            megabytes = resident_mb([*self.found.host.pids, *self.found.workers.pids])[1]
            self.samples.append((time.monotonic() - begin, megabytes))
            if self._over.wait(self.every):
                return

    def end(self) -> None:
        self._over.set()


def run(setting: Setting) -> None:
    """Run it for ``BENCH_SOAK_SECONDS``, and say what came of it."""
    short = QUICK_SECONDS if setting.rounds.is_quick else FULL_SECONDS
    seconds = float(os.environ.get("BENCH_SOAK_SECONDS") or short)
    with world(setting.folder) as outside:
        url = setting.postgres.database("flow")
        with paraph(setting.folder / "postgres", url, webs=2, workers=2, settings=outside.mail_settings) as found:
            found.seeder.post_events_to(outside.callback)
            memory = Memory(found, max(1.0, seconds / SAMPLES))
            watcher = threading.Thread(target=memory.watch)
            pids = [*found.host.pids, *found.workers.pids, setting.postgres.pid]
            before, begin = cpu_seconds(pids), time.time()
            watcher.start()
            outcome = people(found, outside, "flow", seconds=seconds, at_once=AT_ONCE)
            came = outside.wait_for(DOWNLOADABLE, set(outcome.pressed), PATIENCE_SECONDS)
            took, used = max(came.values()) - begin, cpu_seconds(pids) - before
            memory.end()
            watcher.join()
    waits = [came[request] - at for request, at in outcome.pressed.items()]
    _say(setting, len(came), took, used, waits)
    if outcome.errors:
        setting.report.say(f"{len(outcome.errors)} ERRORS, so this is no measurement: {outcome.errors[0]}")
    _say_memory(setting, memory)


def _say(setting: Setting, count: int, took: float, used: float, waits: list[float]) -> None:
    table = Table("whole flow", "requests", "seconds", "an hour", "CPU ms each", "press to event p50 s", "p95 s")
    shares = [f"{percentile(waits, share):.2f}" for share in (0.5, 0.95)]
    hourly = f"{count / took * 3600:,.0f}"
    table.row(WHO, str(count), f"{took:.0f}", hourly, f"{used * 1000 / count:.0f}", *shares)
    setting.report.say(f"Whole flow: send, sign, seal, mails, events; {AT_ONCE} people without a pause; {GOAL}")
    setting.report.tell(table.lines())


def _say_memory(setting: Setting, memory: Memory) -> None:
    """From the second half on it should be flat."""
    told = "  ".join(f"{at:.0f}s: {megabytes:.0f}" for at, megabytes in memory.samples)
    setting.report.say(f"memory, MB of all processes with shared pages counted once: {told}")
    half = [megabytes for _, megabytes in memory.samples[len(memory.samples) // 2 :]]
    setting.report.say(f"second half: {half[0]:.0f} to {half[-1]:.0f} MB, ±{spread(half):.1%}")
