"""Load beyond capacity is refused at the door, what matters least first: sends, then reads, then pages of signers.

Health answers always. Whoever is refused is told so at once, and when to come again; what was taken in is finished.
Three signs tell that there is too much to do: how many calls are under way, how late the event loop is (a standing
queue, as CoDel looks at one: a burst is no load), and how many jobs wait for a worker. Idle, none of them costs
anything but a counter.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from starlette.datastructures import Headers
from starlette.requests import Request

from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _
from paraph.kit.log import log
from paraph.kit.outages import Unavailable, unavailable
from paraph.kit.queue.waiting import waiting_jobs

from .observed import ROUTE
from .slow_bodies import patient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from paraph.kit import Kit

    from .refusal import Refusal

Rank = Literal["health", "signing", "read", "send"]

BODILESS = frozenset(("GET", "HEAD"))
HEALTH = frozenset(("/healthz", "/readyz", "/metrics"))
OF_SIGNERS = ("/sign/", "/draw/", "/static/")
RETRY_SECONDS = 2
LOOK_SECONDS = 0.1
"""How often the lateness of the event loop is measured while there is something to do."""
STANDING_SECONDS = 1.0
"""A queue that was not empty for so long is a standing one."""
LEAST_LOOKS = 2
"""And was seen so more than once: a single stall, however long, is over by the time it is seen."""
LATE_SECONDS: dict[Rank, float] = {"send": 0.5, "read": 2.0}
"""How late the loop may stand before a rank is shed."""
COUNT_AGAIN_SECONDS = 1.0
OLD_SECONDS = 10.0
"""A count of waiting jobs that is older is not believed."""
RESERVED_BYTES = 32 << 20
"""Of the disk, for what people sign and for the database: nothing is sent into it."""
UNKNOWN_UPLOAD_BYTES = 1 << 20
"""Set apart for a body that does not say how long it is."""
TOO_MUCH = N_("This server has more to do than it can just now. Try again in a few seconds.")


@dataclass(slots=True)
class Load:
    """What is under way in this process."""

    calls: int = 0
    signing: int = 0
    sends: int = 0
    upload_bytes: int = 0


class Shedding:
    """ASGI middleware: lets a request in, or has it refused with 503 and Retry-After.

    ``costly`` are (method, beginning of the path) of what makes documents.
    """

    def __init__(self, app: ASGIApp, kit: Kit, costly: Sequence[tuple[str, str]], refusal: Refusal) -> None:
        self._app, self._kit, self._refusal = app, kit, refusal
        self._costly = {method: tuple(path for m, path in costly if m == method) for method, _path in costly}
        self.load = Load()
        self._lateness = Lateness(lambda: not (self.load.calls or self.load.signing))
        self._backlog = Backlog(kit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH:
            return await self._app(scope, receive, send)
        rank = self.rank(scope["method"], scope["path"])
        upload = _upload_bytes(scope) if rank == "send" else 0
        if rank == "send" and has_no_room(self._kit.settings.data_dir, upload):
            return await self._turn_away("no_room", lambda: unavailable("storage"), scope, receive, send)
        if self._is_full(rank, upload) or (rank == "send" and await self._backlog.is_too_long()):
            return await self._turn_away(rank, _too_much, scope, receive, send)
        if not self._lateness.is_watched:
            self._lateness.watch()
        if scope["method"] not in BODILESS:
            receive = patient(receive)
        if rank == "send":
            return await self._take_in(upload, scope, receive, send)
        return await self._let_in(rank == "signing", scope, receive, send)

    def rank(self, method: str, path: str) -> Rank:
        """How much a request matters when not all can be answered."""
        if path.startswith(OF_SIGNERS):
            return "signing"
        return "send" if path.startswith(self._costly.get(method, ())) else "read"

    def _is_full(self, rank: Rank, upload: int) -> bool:
        load, settings = self.load, self._kit.settings
        if rank == "signing":
            return load.signing >= settings.calls_at_once
        if load.calls >= settings.calls_at_once or self._lateness.is_over(LATE_SECONDS[rank]):
            return True
        if rank == "read":
            return False
        # a single upload is let in however large: its own limit is for whoever reads it
        is_crowded = load.upload_bytes > 0 and load.upload_bytes + upload > settings.upload_bytes_at_once
        return load.sends >= settings.sends_at_once or is_crowded

    async def _take_in(self, upload: int, scope: Scope, receive: Receive, send: Send) -> None:
        load = self.load
        load.sends += 1
        load.upload_bytes += upload
        try:
            await self._let_in(False, scope, receive, send)
        finally:
            load.sends -= 1
            load.upload_bytes -= upload

    async def _let_in(self, of_signers: bool, scope: Scope, receive: Receive, send: Send) -> None:
        load = self.load
        if of_signers:
            load.signing += 1
        else:
            load.calls += 1
        try:
            await self._app(scope, receive, send)
        finally:
            if of_signers:
                load.signing -= 1
            else:
                load.calls -= 1

    async def _turn_away(
        self, why: str, error: Callable[[], Unavailable], scope: Scope, receive: Receive, send: Send
    ) -> None:
        log("shed", why=why, calls=self.load.calls, sends=self.load.sends)
        scope[ROUTE] = "shed"
        response = self._refusal(Request(scope, receive), error)
        await response(scope, receive, send)


class Lateness:
    """How late the event loop runs what is due, looked at only while something is under way."""

    def __init__(self, is_idle: Callable[[], bool]) -> None:
        self._is_idle = is_idle
        self.is_watched = False
        self._due = 0.0
        self._least = 0.0
        """The least lateness of the last interval that is over; 0 once nothing is late."""
        self._current = (float("inf"), 0.0)
        self._looks = 0

    def watch(self) -> None:
        """Measure until nothing is under way any more."""
        loop = asyncio.get_running_loop()
        self.is_watched = True
        self._begin(loop.time())
        self._look_again(loop)

    def is_over(self, seconds: float) -> bool:
        """True when the loop was never less late than that for a whole interval."""
        return self._least > seconds

    def _begin(self, now: float) -> None:
        self._current, self._looks = (float("inf"), now + STANDING_SECONDS), 0

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + LOOK_SECONDS
        loop.call_later(LOOK_SECONDS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._is_idle():
            self.is_watched, self._least = False, 0.0
            return
        now = loop.time()
        least, ends = self._current
        least = min(least, now - self._due)
        self._looks += 1
        if least < LOOK_SECONDS:  # the queue was empty: what is late from here on is a new one
            self._least = 0.0
            self._begin(now)
        elif now >= ends and self._looks >= LEAST_LOOKS:
            self._least = least
            self._begin(now)
        else:
            self._current = (least, ends)
        self._look_again(loop)


class Backlog:
    """How many jobs wait for a worker, asked at most once a second and only when something is to be sent."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._waiting = 0
        self._counted_at = float("-inf")
        self._count: asyncio.Task[None] | None = None

    async def is_too_long(self) -> bool:
        """True when more jobs wait than the settings allow. An old count is renewed while this one is used."""
        most = self._kit.settings.waiting_jobs
        if not most:
            return False
        age = time.monotonic() - self._counted_at
        if age > COUNT_AGAIN_SECONDS and self._count is None:
            self._count = asyncio.create_task(self._renew(most))
        if age > OLD_SECONDS and self._count is not None:
            await asyncio.shield(self._count)
        return self._waiting > most

    async def _renew(self, most: int) -> None:
        try:
            now = self._kit.clock.now()
            self._waiting = await self._kit.db.read(lambda tx: waiting_jobs(tx, now, "work", most + 1))
        except Exception as error:  # a database that does not answer says so itself
            self._waiting = 0
            log("backlog_unknown", error=type(error).__name__)
        finally:
            self._counted_at = time.monotonic()
            self._count = None


def has_no_room(folder: Path, upload: int) -> bool:
    """True when an upload would fill the disk, or it cannot be written: signatures need the rest of it."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return True
    return bool(disk.f_flag & os.ST_RDONLY) or disk.f_bavail * disk.f_frsize < upload + RESERVED_BYTES


def _too_much() -> Unavailable:
    return Unavailable(_(TOO_MUCH), retry_after=RETRY_SECONDS)


def _upload_bytes(scope: Scope) -> int:
    announced = Headers(scope=scope).get("content-length", "")
    return int(announced) if announced.isdecimal() and len(announced) < 16 else UNKNOWN_UPLOAD_BYTES
