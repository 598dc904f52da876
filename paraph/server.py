"""Serve HTTP: the application on uvicorn, with the worker inside unless it runs elsewhere."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn

from paraph.graceful import ANSWER_SECONDS, GracefulServer
from paraph.kit import Kit
from paraph.kit.settings import Settings
from paraph.main import application, build_kit, open_kit
from paraph.migrations import migrate
from paraph.slow_clients import TimedProtocol, slow_ones_closed
from paraph.worker import running_worker

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75


class CannotListen(Exception):
    """The address is taken, or is not this machine's; the message says which."""


async def serve(settings: Settings) -> None:
    """Serve until the process is told to stop; raises CannotListen, DatabaseUnreachable, SealingIdentityError."""
    try:
        sockets = listening_sockets(settings.host, settings.port)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise CannotListen(f"Cannot listen on {where}: {error.strerror}. Is another server running there?") from error
    await migrate(settings)
    kit = build_kit(settings)
    config = uvicorn.Config(
        application(kit, lambda app: _lifespan(kit)),
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        http=TimedProtocol,
        timeout_graceful_shutdown=ANSWER_SECONDS,
    )
    server = GracefulServer(config, sockets, kit.draining, settings.drain_seconds)
    async with slow_ones_closed(server.server_state):
        await server.serve(sockets=sockets)


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Return bound sockets for every address of ``host`` that this machine has; raises OSError when there is none.

    ``localhost`` is two addresses on most machines, and clients differ in which they try first.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound, failure = [], OSError(f"{host} has no address on this machine")
    for family, kind, protocol, _, address in dict.fromkeys(found):
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listener.bind(address)
        except OSError as error:
            listener.close()
            failure = error
        else:
            listener.listen(BACKLOG)
            listener.setblocking(False)
            bound.append(listener)
    if not bound or (port and len(bound) < len(found) and isinstance(failure, OSError) and failure.errno == 98):
        raise failure
    return bound


@asynccontextmanager
async def _lifespan(kit: Kit) -> AsyncIterator[None]:
    async with open_kit(kit):
        worker: Any = running_worker(kit) if kit.settings.embedded_worker else nullcontext()
        async with worker:
            yield
