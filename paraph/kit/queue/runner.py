"""The loop that claims jobs and runs their handlers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter as Tally
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from paraph.kit import origin, trace
from paraph.kit.db import unhurried
from paraph.kit.faults import fault_point
from paraph.kit.log import log, log_failure
from paraph.kit.metrics import LONG_SECONDS, Counter, Gauge, Histogram

from .clock_steps import ClockSetBack, ClockWatch, put_right
from .definition import GiveUp, JobKind, PeriodicKind, waits_for
from .queue import (
    LEASE_SECONDS,
    attempts_of_its_own,
    claim,
    fail,
    finish,
    release,
    renew,
    repeat,
    schedule,
    wait,
    wake_waiting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .definition import Lane

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = LEASE_SECONDS / 3
BATCH = 20
MAIL_JOBS = 8
NETWORK_JOBS = 256
"""Jobs that wait for other machines, at once in one process; a slow receiver of events may hold five of them."""
UNKNOWN_JOB_SECONDS = 300
SETTLING_SECONDS = 60
"""How soon a periodic job is looked at again that waits for the clock to prove itself."""
WORK_OFF_SECONDS = 30
"""What a worker that was told to end gives its jobs."""
WAKE_SECONDS = 10
"""What waits for the same thing is woken at most so often by one worker."""

JOBS = Counter("paraph_jobs_run", "Jobs that ran to an end of any kind.", "job", "outcome")
JOB_SECONDS = Histogram("paraph_job_seconds", "How long one try of a job took.", "job", bounds=LONG_SECONDS)
RUNNING = Gauge("paraph_jobs_running", "Jobs that this process is running.", "lane")


class Runner:
    """Runs jobs of the given kinds until stopped."""

    def __init__(self, kit: Kit, kinds: Mapping[str, JobKind]) -> None:
        self._kit = kit
        self._kinds = kinds
        self._lanes: dict[Lane, int] = {
            "work": kit.settings.worker_concurrency,
            "mail": MAIL_JOBS,
            "network": NETWORK_JOBS,
        }
        self._running: dict[asyncio.Task[None], Lane] = {}
        self._woken_at: dict[str, float] = {}
        self._lone: asyncio.Task[None] | None = None
        self._clock_watch = ClockWatch(kit.clock)
        self._is_right = False  # nobody knows what the clock did while no worker ran
        self._stopping = False

    async def run(self) -> None:
        """Claim and run jobs; returns after ``stop``, when those under way are done."""
        scheduled = False
        while not self._stopping:
            self._kit.queue.woken.clear()
            try:
                if not scheduled:
                    await self._kit.db.write(self._schedule_periodic)
                    scheduled = True
                claimed = await self._claim_batch()
            except Exception:  # the database may be restarting: keep the loop alive and say so
                log_failure("queue_unreachable")
                claimed = 0
            if not claimed:
                await self._wait()
        await self._work_off()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._kit.queue.woken.set()

    async def _work_off(self) -> None:
        """Let jobs under way end; who takes too long is broken off, and another worker begins it again at once."""
        if self._running:
            await asyncio.wait(self._running, timeout=WORK_OFF_SECONDS)
        left = list(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def run_due(self) -> int:
        """Run everything that is due now, to the end, and return how many jobs ran (tests, command line)."""
        ran = 0
        await self._kit.db.write(self._schedule_periodic)
        room: dict[Lane, int] = dict.fromkeys(self._lanes, BATCH)
        while batch := await self._kit.db.write(lambda tx: claim(tx, self._kit.clock.now(), room)):
            await asyncio.gather(*(self._run_one(row) for row in batch))
            ran += sum(row.name in self._kinds and not self._is_periodic(row.name) for row in batch)
        return ran

    async def _claim_batch(self) -> int:
        busy = Tally(self._running.values())
        room = {lane: min(most - busy[lane], BATCH) for lane, most in self._lanes.items()}
        if max(room.values()) <= 0 or self._lone in self._running:
            return 0
        await self._look_at_the_clock()
        batch = await self._kit.db.write(lambda tx: self._claimed(tx, room))
        for row in batch:
            task = asyncio.create_task(self._run_one(row))
            self._lone = task if self._is_suspect(row) else None
            self._running[task] = row.lane
            task.add_done_callback(self._ended)
        return len(batch)

    async def _look_at_the_clock(self) -> None:
        if step := self._clock_watch.look():
            log("clock_stepped", level="warning", seconds=step)
            self._is_right = False
        if not self._is_right:
            await self._kit.db.write(self._put_right)
            self._is_right = True

    def _claimed(self, tx: WriteTx, room: Mapping[Lane, int]) -> list[Row[Any]]:
        """Claim what there is room for; a suspect only by itself, so that nothing else goes down with it."""
        take_over = not self._clock_watch.is_unsure
        batch = claim(tx, self._kit.clock.now(), room, take_over=take_over)
        suspects = [row for row in batch if self._is_suspect(row)]
        if not suspects:
            return batch
        alone = suspects[:1] if not self._running else []
        for row in batch:
            if row not in alone:
                release(tx, row, row.due_at)  # once it has ended, or what runs has made room for it
        return alone

    def _is_suspect(self, row: Row[Any]) -> bool:
        kind = self._kinds.get(row.name)
        if kind is None or isinstance(kind, PeriodicKind):
            return False
        return kind.is_suspect(attempts_of_its_own(row), row.error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._kit.queue.woken.set()  # there is room for another

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._kit.queue.woken.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _run_one(self, row: Row[Any]) -> None:
        request_id, _, link = (row.origin or "").partition(" ")
        before = origin.enter(origin.Origin(request_id.strip("-"), row.name, row.id))
        about = {"messaging__system": "paraph", "messaging__operation__type": "process"}
        started = time.perf_counter()
        RUNNING.add(1, row.lane)
        heartbeat = asyncio.create_task(self._keep_lease(row))
        try:
            with trace.span(
                f"process {row.name}", "consumer", link=link, messaging__destination__name=row.name, **about
            ):
                outcome = await self._try(row)
        finally:
            heartbeat.cancel()
            RUNNING.add(-1, row.lane)
            origin.leave(before)
        self._tell(row, outcome, time.perf_counter() - started)

    async def _try(self, row: Row[Any]) -> str:
        """Run it once; return what became of it."""
        try:
            kind = self._kinds[row.name]
            if kind.is_deadly(attempts_of_its_own(row), row.error) and not isinstance(kind, PeriodicKind):
                raise GiveUp("the worker died each time it ran this")
            fault_point("job.claimed", row.name)
            if isinstance(kind, PeriodicKind) and self._clock_watch.is_settling:
                await self._kit.db.write(lambda tx: repeat(tx, row, self._kit.clock.now() + SETTLING_SECONDS))
                return "waits"
            with unhurried() if isinstance(kind, PeriodicKind) else nullcontext():
                await kind.handler(row.payload, self._kit)
            fault_point("job.done", row.name)
            await self._kit.db.write(lambda tx: self._done(tx, row, kind))
        except Exception as error:
            return await self._record_failure(row, error)
        except asyncio.CancelledError:
            await self._kit.db.write(lambda tx: release(tx, row, self._kit.clock.now()))
            raise
        await self._wake_others(row)
        return "done"

    async def _wake_others(self, row: Row[Any]) -> None:
        """What this job had waited for is there again: nothing else needs to wait for it."""
        what, now = row.waits_for, time.monotonic()
        if what is None or now - self._woken_at.get(what, -WAKE_SECONDS) < WAKE_SECONDS:
            return
        self._woken_at[what] = now
        try:
            woken = await self._kit.db.write(lambda tx: wake_waiting(tx, what, self._kit.clock.now()))
        except Exception:  # they look for themselves before long
            log_failure("waiting_jobs_not_woken", what=what)
            return
        log("there_again", what=what, jobs=woken)
        self._kit.queue.woken.set()

    def _tell(self, row: Row[Any], outcome: str, seconds: float) -> None:
        name = row.name if row.name in self._kinds else "unknown"
        JOBS.add(name, outcome)
        JOB_SECONDS.observe(seconds, name)
        usual = outcome == "done" and self._is_periodic(row.name)
        request_id = (row.origin or "").partition(" ")[0].strip("-") or None
        fields = {"job": name, "id": row.id, "attempt": row.attempts, "outcome": outcome, "request": request_id}
        log("job", level="debug" if usual else "info", **fields, ms=round(seconds * 1000, 1))

    async def _keep_lease(self, row: Row[Any]) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._kit.db.write(lambda tx: renew(tx, row, self._kit.clock.now()))
            except Exception:  # the next beat may still be in time
                log_failure("lease_not_renewed")

    def _done(self, tx: WriteTx, row: Row[Any], kind: JobKind) -> None:
        if isinstance(kind, PeriodicKind):
            repeat(tx, row, self._kit.clock.now() + kind.every)
        else:
            finish(tx, row)

    async def _record_failure(self, row: Row[Any], error: Exception) -> str:
        what = waits_for(error)
        if what is None:
            log_failure("job_failed", attempt=row.attempts)
        else:
            log("job_waits", level="warning", waits_for=what, attempt=row.attempts)
        try:
            return await self._kit.db.write(lambda tx: self._failed(tx, row, error, what))
        except Exception:  # the lease will run out, and the job is tried again
            log_failure("job_failure_not_recorded")
            return "lost"

    def _failed(self, tx: WriteTx, row: Row[Any], error: Exception, what: str | None) -> str:
        now, reason = self._kit.clock.now(), str(error) or type(error).__name__
        kind = self._kinds.get(row.name)
        if kind is None:
            repeat(tx, row, now + UNKNOWN_JOB_SECONDS, f"no worker here knows the job {row.name}")
            return "unknown"
        if isinstance(kind, PeriodicKind):
            repeat(tx, row, now + kind.every, reason)
            return "failed"
        tries = attempts_of_its_own(row)
        if what is not None:
            wait(tx, row, now + kind.wait_after(row.attempts if row.waits_for else 1), what, reason)
            return "waits"
        if isinstance(error, GiveUp) or (kind.attempts is not None and tries >= kind.attempts):
            self._give_up(tx, row, kind, reason)
            return "given_up"
        repeat(tx, row, now + kind.pause_after(tries), reason)
        return "failed"

    def _give_up(self, tx: WriteTx, row: Row[Any], kind: JobKind, reason: str) -> None:
        if not fail(tx, row, self._kit.clock.now(), reason):
            return  # another worker has it now
        log("job_given_up", level="warning")
        if kind.given_up is not None:
            kind.given_up(tx, row.payload, reason, self._kit)

    def _schedule_periodic(self, tx: WriteTx) -> None:
        now = self._kit.clock.now()
        for name in self._kinds:
            if self._is_periodic(name):
                schedule(tx, name, now=now)

    def _put_right(self, tx: WriteTx) -> None:
        now = self._kit.clock.now()
        every = {name: kind.every for name, kind in self._kinds.items() if isinstance(kind, PeriodicKind)}
        put_right(tx, now, LEASE_SECONDS, every)
        self._kit.facts.publish(tx, ClockSetBack(now), self._kit)

    def _is_periodic(self, name: str) -> bool:
        return isinstance(self._kinds.get(name), PeriodicKind)
