"""A worker process for the crash test: ``-m tests.events.deliver_once DATA_DIR DATABASE_URL SECONDS_LATER``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from paraph.kit.clock import SystemClock
from paraph.kit.settings import Settings
from paraph.main import build_kit, open_kit
from paraph.worker import running_worker


async def main(folder: str, database_url: str, seconds_later: str) -> None:
    """Deliver until killed, by a clock that is so many seconds ahead."""
    settings = Settings(data_dir=Path(folder), database_url=database_url)
    async with open_kit(build_kit(settings, SystemClock(int(seconds_later)))) as kit, running_worker(kit):
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
