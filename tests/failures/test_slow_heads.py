"""A connection on which no whole request head comes is closed; one that idles between two requests is not, by us."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn

from paraph import server, slow_clients
from tests.harness import free_port

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def application(scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def test_heads_that_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.TimedProtocol is slow_clients.TimedProtocol
    monkeypatch.setattr(slow_clients, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(slow_clients, "LOOK_SECONDS", 0.1)
    port = free_port()

    async def silent() -> bytes:
        reader, _writer = await asyncio.open_connection("127.0.0.1", port)
        return await reader.read()

    async def dripping(first: bytes = b"") -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        answer = await reader.read(500) if first else b""
        writer.write(HEAD)
        closed = asyncio.ensure_future(reader.read())
        while not closed.done():
            writer.write(b"X-A: b\r\n")
            await asyncio.sleep(0.05)
        return answer + (await closed if closed.exception() is None else b"")

    async def idle() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = b""
        for _ in range(2):
            writer.write(HEAD + b"\r\n")
            answer += await reader.readuntil(b"ok")
            await asyncio.sleep(0.9)
        writer.close()
        return answer

    async def scenario() -> None:
        config = uvicorn.Config(
            application, host="127.0.0.1", port=port, log_config=None, lifespan="off", http=slow_clients.TimedProtocol
        )
        running = uvicorn.Server(config)
        async with asyncio.timeout(20), slow_clients.slow_ones_closed(running.server_state):
            serving = asyncio.create_task(running.serve())
            while not running.started:  # noqa: ASYNC110 - the library has no event for it
                await asyncio.sleep(0.01)
            answers = await asyncio.gather(
                silent(), dripping(), dripping(HEAD + b"\r\n"), idle(), return_exceptions=True
            )
            running.should_exit = True
            await serving
        texts = [b"" if isinstance(answer, ConnectionError) else answer for answer in answers]
        assert [text.count(b"200 OK") for text in texts if isinstance(text, bytes)] == [0, 0, 1, 2]

    asyncio.run(scenario())
