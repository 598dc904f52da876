"""The loop that claims jobs: inside ``paraph serve``, or alone as ``paraph worker``."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from paraph.kit import Kit, trace
from paraph.kit.queue import Runner
from paraph.kit.settings import Settings
from paraph.main import all_jobs, build_kit, open_kit
from paraph.migrations import migrate
from paraph.worker_port import answering


@asynccontextmanager
async def running_worker(kit: Kit) -> AsyncIterator[Runner]:
    """Run jobs in this event loop for as long as the block lasts; those under way are finished at its end."""
    runner = Runner(kit, all_jobs())
    task = asyncio.create_task(runner.run(), name="worker")
    try:
        yield runner
    finally:
        runner.stop()
        await task


async def work(settings: Settings) -> None:
    """Run jobs until the process is told to stop; raises CannotListen for the port of its numbers."""
    settings = replace(settings, embedded_worker=True)  # whatever is served elsewhere: here jobs are run
    await migrate(settings)
    trace.start("paraph-worker")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with open_kit(build_kit(settings)) as kit, running_worker(kit), answering(kit):
        await stopped.wait()
