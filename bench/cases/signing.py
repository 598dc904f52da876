"""A signer's last press, the seal, events, and all of it together, with real mail and real callbacks.

For the press and the seal apart, workers are held (SIGSTOP) while people press, and let go afterwards: what is
measured then is theirs alone.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.measuring import Table, cpu_seconds, foreign_cores, percentile, tree
from bench.outside import DOWNLOADABLE, World, people, world
from bench.paraphs import Paraph, paraph
from bench.setting import Setting
from paraph import events
from paraph.kit import Kit
from paraph.kit.db import WriteTx

HEAD = ("case", "who", "count", "rate /s", "p50 ms", "p95 ms", "p99 ms", "CPU ms")
POSTGRES, SQLITE = "PostgreSQL, 2 web + 2 workers", "SQLite, 1 process"
FULL_SIGNERS, QUICK_SIGNERS = 100, 24
FULL_IDLE, QUICK_IDLE = 40, 10
FULL_EVENTS, QUICK_EVENTS = 3000, 500
AT_ONCE = 8
BREATH_SECONDS = 0.7
"""Between presses on the idle server: longer than a worker's own rhythm, and not a multiple of it."""
PATIENCE_SECONDS = 300


def run(setting: Setting) -> None:
    """Measure on both engines, and say the table."""
    table = Table(*HEAD, words=2)
    with foreign_cores() as others, world(setting.folder) as outside:
        url = setting.postgres.database("signing")
        options = outside.mail_settings
        with paraph(setting.folder / "postgres", url, webs=2, workers=2, settings=options) as found:
            found.seeder.post_events_to(outside.callback)
            _press_and_seal(setting, found, outside, table)
            _deliver(setting, found, outside, table)
            _idle(setting, POSTGRES, found, outside, table)
        with paraph(setting.folder / "sqlite", settings=options) as found:
            found.seeder.post_events_to(outside.callback)
            _idle(setting, SQLITE, found, outside, table)
    setting.report.say("Signing: a PDF of 31 KB, one signer, certificate pages, B-B seal; mail and callbacks arrive")
    setting.report.tell(table.lines())
    setting.report.say(f"noise: {others.cores:.1f} cores were busy in all, load and servers included")
    setting.report.say("goals: press to downloadable event p95 at most 1 s embedded; completion at most 60 ms CPU")


def _press_and_seal(setting: Setting, found: Paraph, outside: World, table: Table) -> None:
    count = QUICK_SIGNERS if setting.rounds.is_quick else FULL_SIGNERS
    prepared = people(found, outside, "prepare", count=count, at_once=AT_ONCE)
    database, workers = setting.postgres.pid, found.workers.pids
    with _held(found):
        before = cpu_seconds([*found.host.pids, database])
        pressed = people(found, outside, "finish", ready=prepared.ready, at_once=AT_ONCE)
        used = cpu_seconds([*found.host.pids, database]) - before
        before, begin = cpu_seconds([*workers, database]), time.time()
    came = outside.wait_for(DOWNLOADABLE, set(pressed.pressed), PATIENCE_SECONDS)
    sealing = cpu_seconds([*workers, database]) - before
    errors = [*prepared.errors, *pressed.errors]
    _row(table, "sign submit", POSTGRES, _Figures(pressed.ms, pressed.seconds, used, errors))
    waits = [(at - begin) * 1000 for at in came.values()]
    sealed = _Figures(waits, max(waits, default=0) / 1000, sealing, errors)
    _row(table, "completion, all waiting at once", POSTGRES, sealed)


def _deliver(setting: Setting, found: Paraph, outside: World, table: Table) -> None:
    """Events recorded while nobody delivers, then delivered."""
    count = QUICK_EVENTS if setting.rounds.is_quick else FULL_EVENTS
    database, workers = setting.postgres.pid, found.workers.pids
    with _held(found):
        _record_events(found, count)
        first, before, begin = len(outside.events()), cpu_seconds([*workers, database]), time.time()
    fresh: list[tuple[str, str, float]] = []
    while len(fresh) < count and time.time() < begin + PATIENCE_SECONDS:
        time.sleep(0.1)
        fresh = outside.events(first)
    used = cpu_seconds([*workers, database]) - before
    waits = [(at - begin) * 1000 for _, _, at in fresh]
    errors = [] if len(waits) == count else [f"{len(waits)} events came instead of {count}"]
    _row(table, "events to one receiver", POSTGRES, _Figures(waits, max(waits, default=0) / 1000, used, errors))


def _idle(setting: Setting, name: str, found: Paraph, outside: World, table: Table) -> None:
    """One press at a time: how long until the app hears that the sealed file is there."""
    count = QUICK_IDLE if setting.rounds.is_quick else FULL_IDLE
    prepared = people(found, outside, "prepare", count=count, at_once=AT_ONCE)
    time.sleep(BREATH_SECONDS * 3)
    pids = [*found.host.pids, *found.workers.pids, setting.postgres.pid]
    before = cpu_seconds(pids)
    pressed = people(found, outside, "finish", ready=prepared.ready, at_once=1, pause=BREATH_SECONDS)
    came = outside.wait_for(DOWNLOADABLE, set(pressed.pressed), PATIENCE_SECONDS)
    used = cpu_seconds(pids) - before
    waits = [(at - pressed.pressed[request]) * 1000 for request, at in came.items()]
    _row(table, "press to event, idle", name, _Figures(waits, 0, used, [*prepared.errors, *pressed.errors]))


@dataclass(frozen=True, slots=True)
class _Figures:
    """Milliseconds of each, seconds for all (0: they had no rate), processor seconds of all, what went wrong."""

    milliseconds: list[float]
    seconds: float
    cpu: float
    errors: list[str]


def _row(table: Table, case: str, who: str, found: _Figures) -> None:
    if found.errors or not found.milliseconds:
        table.row(case, who, f"{len(found.errors)} ERRORS: {found.errors[:1]}")
        return
    count = len(found.milliseconds)
    rate = f"{count / found.seconds:.1f}" if found.seconds else ""
    shares = [f"{percentile(found.milliseconds, share):.0f}" for share in (0.5, 0.95, 0.99)]
    table.row(case, who, str(count), rate, *shares, f"{found.cpu * 1000 / count:.1f}")


@contextmanager
def _held(found: Paraph) -> Iterator[None]:
    """Workers stand still while the block runs."""
    below = tree(found.workers.pids)
    _signal(below, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(below, signal.SIGCONT)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def _record_events(found: Paraph, count: int) -> None:
    owner = events.Audience(
        account_pk=found.seeder.owner_pk, account_id=found.seeder.owner, hash_key=found.seeder.api_key
    )
    body = {"signature_request": {"signature_request_id": "ab" * 20, "title": "Lease", "message": "x" * 2000}}

    def verb(tx: WriteTx, kit: Kit) -> None:
        for _ in range(count):
            events.record_event(tx, event_type="signature_request_viewed", body=body, audience=[owner], kit=kit)

    found.seeder.write(verb)
