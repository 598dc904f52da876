"""Connections on which no whole request head comes are closed: they cost a descriptor and a parser each (slow loris).

The web server closes idle connections between two requests by itself; what it lacks is patience with an end for one
that never sends a request, or sends it a byte at a time. One look over all connections every few seconds does it: a
timer for each request would cost every call.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from paraph.kit.log import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from uvicorn.server import ServerState

HEAD_SECONDS = 15.0
"""How long the head of a request may take, from the opening of the connection or from its first byte."""
LOOK_SECONDS = 3.0


class TimedProtocol(HttpToolsProtocol):
    """Remembers since when the head of a request is awaited; None while there is no such wait."""

    head_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.head_since = self.loop.time()
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        self.head_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.head_since = None
        super().on_headers_complete()


@asynccontextmanager
async def slow_ones_closed(state: ServerState) -> AsyncIterator[None]:
    """Close connections that are too slow for as long as the block lasts."""
    task = asyncio.create_task(_look(state))
    try:
        yield
    finally:
        task.cancel()


async def _look(state: ServerState) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        limit = loop.time() - HEAD_SECONDS
        timed = [one for one in state.connections if isinstance(one, TimedProtocol)]
        slow = [one for one in timed if one.head_since is not None and one.head_since < limit]
        for one in slow:
            one.transport.abort()
        if slow:
            log("slow_connections_closed", count=len(slow))
