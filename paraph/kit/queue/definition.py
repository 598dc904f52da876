"""How a room declares its jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from paraph.kit.db import WriteTx
from paraph.kit.outages import outage_kind

if TYPE_CHECKING:
    from types import ModuleType

    from paraph.kit import Kit

Handler = Callable[[dict[str, Any], "Kit"], Awaitable[None]]
Lane = Literal["work", "mail", "network"]
"""``work`` keeps this machine busy; ``mail`` waits for the mail server, ``network`` for anybody else's machines. Each
has room of its own, so however slow those machines are, they never hold up another lane."""

GivenUp = Callable[[WriteTx, dict[str, Any], str, "Kit"], None]

FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 3600
LONGEST_WAIT_SECONDS = 300
"""Between two looks whether what a job waits for is there again."""
DEADLY_ATTEMPTS = 12
"""Tries after which a job that ends its worker each time is left alone."""
ALONE_ATTEMPTS = 4
"""The last of them, which it has to itself: what ran beside a deadly job died as often, and is not to blame."""

Surroundings = Literal[
    "database", "storage", "files", "mail_server", "text_gateway", "seal", "timestamps", "office", "documents"
]


class GiveUp(Exception):
    """Raised by a handler: trying again is pointless; the message is the reason an operator reads."""


class WaitsFor(Exception):
    """Raised by a handler: something that this server stands on is not there, and the job is not to blame.

    It is tried for ever, every few minutes, and at once when another job finds that ``what`` is there again.
    """

    def __init__(self, what: Surroundings, reason: str) -> None:
        super().__init__(reason)
        self.what: Surroundings = what


@dataclass(frozen=True)
class JobKind:
    """A named handler: how often it is tried, and what to record (in one transaction) when it is given up.

    ``attempts`` None, the rule: it is never given up. A number only where giving up means something to people
    (``given_up`` tells them); what is not there (WaitsFor, an outage) does not count against it.
    """

    name: str
    handler: Handler
    attempts: int | None = None
    given_up: GivenUp | None = None

    def pause_after(self, attempts: int) -> int:
        """Seconds until the next try: doubling from 5 s up to an hour."""
        return _doubled(attempts, LONGEST_PAUSE_SECONDS)

    def wait_after(self, attempts: int) -> int:
        """The same for a job that waits for the server's surroundings: up to five minutes."""
        return _doubled(attempts, LONGEST_WAIT_SECONDS)

    def is_deadly(self, attempts: int, error: str | None) -> bool:
        """Whether the worker died too often on this job; ``error`` is what the last try that ended left."""
        return attempts > (self.attempts or DEADLY_ATTEMPTS) and (self.attempts is not None or error is None)

    def is_suspect(self, attempts: int, error: str | None) -> bool:
        """Whether it is to run alone, because workers have died while they ran it."""
        return attempts > 1 and self.is_deadly(attempts + ALONE_ATTEMPTS, error)


@dataclass(frozen=True)
class PeriodicKind(JobKind):
    """A job that is due again ``every`` seconds after it ran; one runs at a time in the whole installation."""

    every: int = 60


def job(name: str, *, attempts: int | None = None, given_up: GivenUp | None = None) -> Callable[[Handler], JobKind]:
    """Declare a handler as the job ``room.verb``; rooms enqueue it by that name."""
    return lambda handler: JobKind(name, handler, attempts, given_up)


def periodic(name: str, *, every: int) -> Callable[[Handler], PeriodicKind]:
    """Declare a handler that runs every so many seconds, with an empty payload."""
    return lambda handler: PeriodicKind(name, handler, every=every)


def jobs_in(modules: Iterable[ModuleType]) -> dict[str, JobKind]:
    """Collect the jobs that the given ``jobs`` modules declare, by name."""
    found = [value for module in modules for value in vars(module).values() if isinstance(value, JobKind)]
    return {kind.name: kind for kind in found}


def waits_for(error: BaseException) -> str | None:
    """Return what a job that failed so waits for, or None when the failure is its own."""
    return error.what if isinstance(error, WaitsFor) else outage_kind(error)


def _doubled(attempts: int, longest: int) -> int:
    return int(min(FIRST_PAUSE_SECONDS * 2 ** min(max(0, attempts - 1), 20), longest))
