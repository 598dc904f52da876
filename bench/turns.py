"""Contenders take turns, round after round, so that a busy moment of the machine hits all alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .contenders import BARE, HELLO, Contender
from .measuring import Slice, Slices, Table, cpu_seconds, foreign_cores, ratio, spread
from .setting import Setting

HEAD = ("case", "who", "rate /s", "p50 ms", "p99 ms", "of hello", "CPU ms", "ours : it", "CPU it : ours")
WARMING_UP = -1
LOOK_SECONDS = 0.1
IDLE_SHARE = 0.2
PATIENCE_SECONDS = 20
Turn = Callable[[Contender, int], Slice]
"""One contender's turn in the round of this number."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One case: everybody's turns by name, and the cores that strangers took meanwhile."""

    title: str
    slices: dict[str, Slices]
    foreign: float


def take_turns(setting: Setting, title: str, contenders: Sequence[Contender], turn: Turn) -> Measured:
    """Measure a case; the turns of the first round, in which everybody warms up, do not count."""
    slices = {contender.name: Slices() for contender in contenders}
    with foreign_cores() as others:
        before = _own_seconds(setting)
        for number in range(WARMING_UP, setting.rounds.count):
            for contender in contenders:
                found = _timed(contender, turn, number)
                if number != WARMING_UP:
                    slices[contender.name].turns.append(found)
        others.own = _own_seconds(setting) - before
    return Measured(title, slices, others.cores)


def fill(table: Table, measured: Measured, reference: str) -> None:
    """Add the rows of a case; ``reference`` is whom the others are compared with."""
    ours, ceiling = measured.slices[reference], measured.slices.get(HELLO)
    for place, (name, found) in enumerate(measured.slices.items()):
        share = f"{found.share_of(ceiling):.1%}" if ceiling else ""
        is_other = name not in (reference, HELLO, BARE)
        compared = [ratio(ours.rate, found.rate), ratio(found.cpu_ms, ours.cpu_ms)] if is_other else []
        failed = f"{found.errors} ERRORS in {sum(1 for turn in found.turns if turn.errors or not turn.calls)} turns"
        title = measured.title if place == 0 else ""
        if not found.good:
            table.row(title, name, failed)
            continue
        figures = [_rate(found.rate), f"{found.p50_ms:.1f}", f"{found.p99_ms:.1f}", share, f"{found.cpu_ms:.2f}"]
        table.row(title, name, *figures, *compared)
        if found.errors:
            table.row("", f"  ({failed} are not counted)")
    table.rule()


def noise(measured: Sequence[Measured]) -> list[str]:
    """How much the ceiling moved, and what strangers took, case by case."""
    lines = []
    for one in measured:
        rates = [turn.rate for turn in one.slices[HELLO].turns] if HELLO in one.slices else []
        moved = f"hello {min(rates):,.0f} to {max(rates):,.0f}/s, ±{spread(rates):.0%}; " if rates else ""
        lines.append(f"noise, {one.title}: {moved}others took {one.foreign:.1f} of {os.cpu_count()} cores")
    return lines


def _timed(contender: Contender, turn: Turn, number: int) -> Slice:
    before = contender.cpu_seconds()
    found = turn(contender, number)
    used = contender.cpu_seconds() - before
    _wait_until_idle(contender)
    return replace(found, cpu_ms=used * 1000 / found.calls) if found.calls else found


def _wait_until_idle(contender: Contender) -> None:
    """What the load generator left half done must not weigh on the next one's turn."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    before = contender.cpu_seconds()
    while time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
        now = contender.cpu_seconds()
        if now - before <= IDLE_SHARE * LOOK_SECONDS:
            return
        before = now


def _own_seconds(setting: Setting) -> float:
    # the database server is not below this process
    return cpu_seconds([os.getpid(), setting.postgres.pid])


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2f}"
