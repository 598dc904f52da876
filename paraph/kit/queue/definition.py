"""How a room declares its jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from paraph.kit.db import WriteTx

if TYPE_CHECKING:
    from types import ModuleType

    from paraph.kit import Kit

Handler = Callable[[dict[str, Any], "Kit"], Awaitable[None]]
Lane = Literal["work", "mail", "network"]
"""``work`` keeps this machine busy; ``mail`` waits for the mail server, ``network`` for anybody else's machines. Each
has room of its own, so however slow those machines are, they never hold up another lane."""

GivenUp = Callable[[WriteTx, dict[str, Any], str, "Kit"], None]

DEFAULT_ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 3600


class GiveUp(Exception):
    """Raised by a handler: trying again is pointless; the message is the reason an operator reads."""


@dataclass(frozen=True)
class JobKind:
    """A named handler: how often it is tried, and what to record (in one transaction) when it is given up."""

    name: str
    handler: Handler
    attempts: int = DEFAULT_ATTEMPTS
    given_up: GivenUp | None = None

    def pause_after(self, attempts: int) -> int:
        """Seconds until the next try: doubling from 5 s up to an hour."""
        return int(min(FIRST_PAUSE_SECONDS * 2 ** max(0, attempts - 1), LONGEST_PAUSE_SECONDS))


@dataclass(frozen=True)
class PeriodicKind(JobKind):
    """A job that is due again ``every`` seconds after it ran; one runs at a time in the whole installation."""

    every: int = 60


def job(
    name: str, *, attempts: int = DEFAULT_ATTEMPTS, given_up: GivenUp | None = None
) -> Callable[[Handler], JobKind]:
    """Declare a handler as the job ``room.verb``; rooms enqueue it by that name."""
    return lambda handler: JobKind(name, handler, attempts, given_up)


def periodic(name: str, *, every: int) -> Callable[[Handler], PeriodicKind]:
    """Declare a handler that runs every so many seconds, with an empty payload."""
    return lambda handler: PeriodicKind(name, handler, every=every)


def jobs_in(modules: Iterable[ModuleType]) -> dict[str, JobKind]:
    """Collect the jobs that the given ``jobs`` modules declare, by name."""
    found = [value for module in modules for value in vars(module).values() if isinstance(value, JobKind)]
    return {kind.name: kind for kind in found}
