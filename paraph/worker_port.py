"""A small server beside ``paraph worker``: health, readiness and numbers for machines, and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn

from paraph.listening import CannotListen, listening_sockets
from paraph.main import machine_application

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from paraph.kit import Kit

KEEP_ALIVE_SECONDS = 5


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def answering(kit: Kit) -> AsyncIterator[None]:
    """Answer on PARAPH_WORKER_PORT, if there is one, for as long as the block lasts; raises CannotListen."""
    if not kit.settings.worker_port:
        yield
        return
    try:
        sockets = listening_sockets(kit.settings.host, kit.settings.worker_port)
    except OSError as error:
        where = f"{kit.settings.host}:{kit.settings.worker_port}"
        raise CannotListen(f"Cannot listen on {where}: {error.strerror}.") from error
    config = uvicorn.Config(
        machine_application(kit),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=sockets), name="worker port")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
