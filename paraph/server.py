"""Serve HTTP: the application on uvicorn, with the worker inside unless it runs elsewhere."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn

from paraph.graceful import ANSWER_SECONDS, GracefulServer
from paraph.kit import Kit, trace
from paraph.kit.settings import Settings
from paraph.listening import CannotListen, listening_sockets
from paraph.main import application, build_kit, open_kit
from paraph.migrations import migrate
from paraph.slow_clients import TimedProtocol, slow_ones_closed
from paraph.worker import running_worker

__all__ = ["CannotListen", "serve"]

KEEP_ALIVE_SECONDS = 75


async def serve(settings: Settings) -> None:
    """Serve until the process is told to stop; raises CannotListen, and what opening the kit raises:
    DatabaseUnfit, KeysDiffer, SealingIdentityError."""
    try:
        sockets = listening_sockets(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotListen(f"Cannot listen on {where}: {error.strerror}. Is another server running there?") from error
    await migrate(settings)
    trace.start("paraph")
    kit = build_kit(settings)
    config = uvicorn.Config(
        application(kit),
        lifespan="off",  # what fails while the kit opens is said in words, not in a traceback of uvicorn's
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        http=TimedProtocol,
        timeout_graceful_shutdown=ANSWER_SECONDS,
    )
    server = GracefulServer(config, sockets, _open(kit), kit.draining, settings.drain_seconds)
    async with slow_ones_closed(server.server_state):
        await server.serve(sockets=sockets)


@asynccontextmanager
async def _open(kit: Kit) -> AsyncIterator[None]:
    async with open_kit(kit):
        worker: Any = running_worker(kit) if kit.settings.embedded_worker else nullcontext()
        async with worker:
            # what is loaded by now stays to the end: no collection need look through it again, 4 % of a small call
            gc.collect()
            gc.freeze()
            yield
