"""A round-robin balancer of TCP connections: it tries the next server only where none was reached at all."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CONNECT_SECONDS = 1.0
PATIENCE_SECONDS = 15.0
CHUNK = 1 << 16


@dataclass
class Balancer:
    """``url`` is where callers go; ``shared`` counts connections by server."""

    servers: list[tuple[str, int]]
    host: str = "127.0.0.1"
    port: int = 0
    shared: Counter[tuple[str, int]] = field(default_factory=Counter)
    _next: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join one caller with one server until both have said everything."""
        try:
            far_reader, far_writer = await self._connect()
        except TimeoutError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                server = self.servers[self._next % len(self.servers)]
                self._next += 1
                try:
                    async with asyncio.timeout(CONNECT_SECONDS):
                        streams = await asyncio.open_connection(*server)
                except (OSError, TimeoutError):  # refused, or cut off: nothing was said yet
                    await asyncio.sleep(0.01)
                    continue
                self.shared[server] += 1
                return streams


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()


@contextmanager
def balancing(servers: list[tuple[str, int]]) -> Iterator[Balancer]:
    """Balance in a thread until the block ends."""
    balancer = Balancer(servers)
    loop = asyncio.new_event_loop()
    listening = threading.Event()

    async def main() -> None:
        door = await asyncio.start_server(balancer.serve, balancer.host, 0)
        balancer.port = door.sockets[0].getsockname()[1]
        listening.set()

    def run() -> None:
        loop.run_until_complete(main())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    listening.wait(10)
    try:
        yield balancer
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
