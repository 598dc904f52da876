"""End without losing a request: say "not ready" first, take in whoever is at the door, answer them, then go."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from typing import TYPE_CHECKING

import uvicorn

from paraph.kit.log import log

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from types import FrameType

    from paraph.kit.draining import Draining

FRESH_STEP_SECONDS = 0.02
FRESH_STEPS = 50
"""Who has connected and said nothing yet is waited for, a second in all."""
ANSWER_SECONDS = 60
"""What is under way may take so long; then it is cut off."""
CLOSE = (b"connection", b"close")


class GracefulServer(uvicorn.Server):
    """On SIGTERM: not ready and "Connection: close" for ``drain_seconds``, then the end. Another signal: at once.

    ``life`` surrounds what is served; what beginning it raises, ``serve`` raises.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        life: AbstractAsyncContextManager[None],
        draining: Draining,
        drain_seconds: int,
    ) -> None:
        super().__init__(config)
        self._sockets = sockets
        self._life = life
        self._draining = draining
        self._drain_seconds = drain_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM is how restarts begin: the process then ends with 0, as one that has done its work."""
        if sig != signal.SIGTERM or self._draining.begun:
            super().handle_exit(sig, frame)
            return
        self._draining.begun = True
        log("draining", seconds=self._drain_seconds)
        # both lists: uvicorn makes the one from the other each second
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers.append(CLOSE)
        self._ends_at = time.monotonic() + self._drain_seconds
        self.should_exit = self._drain_seconds == 0

    async def on_tick(self, counter: int) -> bool:
        if self._draining.begun and time.monotonic() >= self._ends_at:
            self.should_exit = True
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self._life.__aenter__()
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._close_the_door()
        await super().shutdown(sockets)
        if not self.force_exit:
            await self._life.__aexit__(None, None, None)

    async def _close_the_door(self) -> None:
        """The kernel resets whoever is still in the queue of a socket that closes: accept all of them just before."""
        doors = [socket.socket(fileno=os.dup(each.fileno())) for each in self._sockets]
        for server in self.servers:
            server.close()
        for door in doors:
            await self._accept_all(door)
            door.close()
        for _ in range(FRESH_STEPS):
            if not self._has_fresh_connections():
                return
            await asyncio.sleep(FRESH_STEP_SECONDS)

    async def _accept_all(self, door: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                visitor, _ = door.accept()
            except OSError:  # nobody else is waiting
                return
            visitor.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, visitor)

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _has_fresh_connections(self) -> bool:
        return any(getattr(connection, "cycle", None) is None for connection in self.server_state.connections)
