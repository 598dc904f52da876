"""The kit alone, on a real database with only the kit's tables: no rooms, no HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from paraph.kit import Kit
from paraph.kit.clock import MovableClock
from paraph.kit.db import metadata
from paraph.kit.settings import Settings
from paraph.main import build_kit

T = TypeVar("T")
START = 1_790_000_000
TABLES = ("jobs", "mails", "limit_windows", "deletion_holds")
PATIENCE_SECONDS = 60


@dataclass
class Ground:
    """``run(scenario)`` opens a kit, awaits ``scenario(kit)`` and closes it; the database and clock stay."""

    folder: Path
    database_url: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    clock: MovableClock = field(default_factory=lambda: MovableClock(START))

    def run(self, scenario: Callable[[Kit], Awaitable[T]], **settings: Any) -> T:
        """Return what ``scenario`` returns."""

        async def within() -> T:
            async with asyncio.timeout(PATIENCE_SECONDS), self.kit(**settings) as kit:
                return await scenario(kit)

        return asyncio.run(within())

    @asynccontextmanager
    async def kit(self, **settings: Any) -> Any:
        chosen = self.settings | settings
        resolved = Settings(data_dir=self.folder, database_url=self.database_url, **chosen)
        kit = build_kit(resolved, self.clock)
        await kit.db.open()
        await kit.db.write(_create_tables)
        try:
            yield kit
        finally:
            await kit.outbound.close()
            await kit.db.close()


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that another task does."""
    for _ in range(1000):
        if await done():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never happened")


def _create_tables(tx: Any) -> None:
    metadata.create_all(tx.connection, tables=[metadata.tables[name] for name in TABLES])
