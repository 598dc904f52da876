"""Two real Paraph processes over one PostgreSQL and one folder, and a hand in their database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx

from paraph import accounts
from paraph.kit import Kit
from paraph.kit.settings import Settings, load_settings
from paraph.main import build_kit, open_kit
from paraph.migrations import migrate
from tests.helpers.process import Installation, Process, installation, serving

T = TypeVar("T")
_NUMBERS = count(1)


@dataclass
class Pair:
    """Two processes; ``alone`` runs a scenario on a kit of the test's own over the same database."""

    place: Installation
    processes: list[Process]
    settings: Settings

    def alone(self, scenario: Callable[[Kit], Awaitable[T]]) -> T:
        async def within() -> T:
            async with open_kit(build_kit(self.settings)) as kit:
                return await scenario(kit)

        return asyncio.run(within())

    def account(self) -> tuple[int, str]:
        """A new confirmed account: its internal key and its API key."""
        address = f"pair{next(_NUMBERS)}@example.com"
        wanted = accounts.NewAccount(
            email_address=address, name="Pat", password_hash=None, confirmed=True, operator=False
        )

        async def make(kit: Kit) -> tuple[int, str]:
            account, key = await kit.db.write(lambda tx: accounts.create_account(tx, wanted, kit=kit))
            return account.pk, key

        return self.alone(make)

    def at_once(self, ask: Callable[[str, int], httpx.Response], times: int) -> list[httpx.Response]:
        """Ask both processes in turn, several at a time; ``ask`` is given an address and a number."""
        with ThreadPoolExecutor(6) as pool:
            urls = [self.processes[number % len(self.processes)].url for number in range(times)]
            return list(pool.map(ask, urls, range(times)))


@contextmanager
def pair(folder: Path, database_url: str, **settings: str) -> Iterator[Pair]:
    """Serve twice until the block ends; jobs are run by nobody."""
    place = installation(
        folder, database_url=database_url, embedded_worker="false", public_url="http://localhost:1", **settings
    )
    mine = load_settings({key: text for key, text in place.environment.items() if key.startswith("PARAPH_")})
    asyncio.run(migrate(mine))
    with ExitStack() as stack:
        first = stack.enter_context(serving(place))  # makes the keys
        running = [first, stack.enter_context(serving(place))]
        yield Pair(place, running, mine)


def windows(answers: list[httpx.Response]) -> set[Any]:
    """The windows that the answers were counted in: two when the minute ended meanwhile."""
    return {answer.headers["x-ratelimit-reset"] for answer in answers}
