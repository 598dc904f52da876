"""The loop that claims jobs and runs their handlers."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any

from paraph.kit.faults import fault_point
from paraph.kit.log import log, log_failure

from .definition import GiveUp, JobKind, PeriodicKind
from .queue import LEASE_SECONDS, claim, fail, finish, renew, repeat, schedule

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
NETWORK_JOBS = 64
"""Jobs that wait for other machines, at once in one process."""
UNKNOWN_JOB_SECONDS = 300


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
        await asyncio.gather(*self._running, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._kit.queue.woken.set()

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
        busy = Counter(self._running.values())
        room = {lane: min(most - busy[lane], BATCH) for lane, most in self._lanes.items()}
        if max(room.values()) <= 0:
            return 0
        batch = await self._kit.db.write(lambda tx: claim(tx, self._kit.clock.now(), room))
        for row in batch:
            task = asyncio.create_task(self._run_one(row))
            self._running[task] = row.lane
            task.add_done_callback(self._ended)
        return len(batch)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._kit.queue.woken.set()  # there is room for another

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._kit.queue.woken.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _run_one(self, row: Row[Any]) -> None:
        heartbeat = asyncio.create_task(self._keep_lease(row))
        try:
            kind = self._kinds[row.name]
            if row.attempts > kind.attempts and not isinstance(kind, PeriodicKind):
                raise GiveUp("the worker died each time it ran this")
            fault_point("job.claimed", row.name)
            await kind.handler(row.payload, self._kit)
            fault_point("job.done", row.name)
            await self._kit.db.write(lambda tx: self._done(tx, row, kind))
        except Exception as error:
            await self._record_failure(row, error)
        finally:
            heartbeat.cancel()

    async def _keep_lease(self, row: Row[Any]) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._kit.db.write(lambda tx: renew(tx, row, self._kit.clock.now()))
            except Exception:  # the next beat may still be in time
                log_failure("lease_not_renewed", job=row.name, id=row.id)

    def _done(self, tx: WriteTx, row: Row[Any], kind: JobKind) -> None:
        if isinstance(kind, PeriodicKind):
            repeat(tx, row, self._kit.clock.now() + kind.every)
        else:
            finish(tx, row)

    async def _record_failure(self, row: Row[Any], error: Exception) -> None:
        reason = str(error) or type(error).__name__
        log_failure("job_failed", job=row.name, id=row.id, attempt=row.attempts)
        try:
            await self._kit.db.write(lambda tx: self._failed(tx, row, error, reason))
        except Exception:  # the lease will run out, and the job is tried again
            log_failure("job_failure_not_recorded", job=row.name, id=row.id)

    def _failed(self, tx: WriteTx, row: Row[Any], error: Exception, reason: str) -> None:
        now = self._kit.clock.now()
        kind = self._kinds.get(row.name)
        if kind is None:
            return repeat(tx, row, now + UNKNOWN_JOB_SECONDS, f"no worker here knows the job {row.name}")
        if isinstance(kind, PeriodicKind):
            return repeat(tx, row, now + kind.every, reason)
        if not isinstance(error, GiveUp) and row.attempts < kind.attempts:
            return repeat(tx, row, now + kind.pause_after(row.attempts), reason)
        return self._give_up(tx, row, kind, reason)

    def _give_up(self, tx: WriteTx, row: Row[Any], kind: JobKind, reason: str) -> None:
        if not fail(tx, row, self._kit.clock.now(), reason):
            return  # another worker has it now
        log("job_given_up", job=row.name, id=row.id)
        if kind.given_up is not None:
            kind.given_up(tx, row.payload, reason, self._kit)

    def _schedule_periodic(self, tx: WriteTx) -> None:
        now = self._kit.clock.now()
        for name in self._kinds:
            if self._is_periodic(name):
                schedule(tx, name, now=now)

    def _is_periodic(self, name: str) -> bool:
        return isinstance(self._kinds.get(name), PeriodicKind)
