"""The loop that claims jobs and runs their handlers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from paraph.kit.log import log, log_failure

from .definition import GiveUp, JobKind, PeriodicKind
from .queue import LEASE_SECONDS, claim, enqueue, fail, finish, renew, repeat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = LEASE_SECONDS / 3
BATCH = 20


class Runner:
    """Runs jobs of the given kinds until stopped."""

    def __init__(self, kit: Kit, kinds: Mapping[str, JobKind]) -> None:
        self._kit = kit
        self._kinds = kinds
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def run(self) -> None:
        """Claim and run jobs; returns after ``stop``, when those under way are done."""
        await self._kit.db.write(self._schedule_periodic)
        while not self._stopping:
            self._kit.queue.woken.clear()
            if not await self._claim_batch():
                await self._wait()
        await asyncio.gather(*self._running, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._kit.queue.woken.set()

    async def run_due(self) -> int:
        """Run everything that is due now, to the end, and return how many jobs ran (tests, command line)."""
        ran = 0
        while batch := await self._kit.db.write(lambda tx: claim(tx, self._kit.clock.now(), BATCH)):
            await asyncio.gather(*(self._run_one(row) for row in batch))
            ran += len(batch)
        return ran

    async def _claim_batch(self) -> int:
        room = self._kit.settings.worker_concurrency - len(self._running)
        if room <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return 1
        try:
            batch = await self._kit.db.write(lambda tx: claim(tx, self._kit.clock.now(), min(room, BATCH)))
        except Exception:  # the database may be restarting: keep the loop alive and say so
            log_failure("queue_unreachable")
            return 0
        for row in batch:
            task = asyncio.create_task(self._run_one(row))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return len(batch)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._kit.queue.woken.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    async def _run_one(self, row: Row[Any]) -> None:
        heartbeat = asyncio.create_task(self._keep_lease(row))
        try:
            kind = self._kinds[row.name]
            await kind.handler(row.payload, self._kit)
        except Exception as error:
            await self._record_failure(row, error)
        else:
            await self._kit.db.write(lambda tx: self._done(tx, row, kind))
        finally:
            heartbeat.cancel()

    async def _keep_lease(self, row: Row[Any]) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self._kit.db.write(lambda tx: renew(tx, row, self._kit.clock.now()))

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
            return repeat(tx, row, now + 300, f"no worker here knows the job {row.name}")
        if isinstance(kind, PeriodicKind):
            return repeat(tx, row, now + kind.every, reason)
        if not isinstance(error, GiveUp) and row.attempts < kind.attempts:
            return repeat(tx, row, now + kind.pause_after(row.attempts), reason)
        fail(tx, row, now, reason)
        log("job_given_up", job=row.name, id=row.id)
        if kind.given_up is not None:
            kind.given_up(tx, row.payload, reason, self._kit)
        return None

    def _schedule_periodic(self, tx: WriteTx) -> None:
        now = self._kit.clock.now()
        for kind in self._kinds.values():
            if isinstance(kind, PeriodicKind):
                enqueue(tx, kind.name, {}, now=now, unique_key=f"periodic:{kind.name}")
