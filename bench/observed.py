"""What it costs that every request is watched: a bare ASGI application with and without ``Observed`` around it.

Interleaved rounds in one process, CPU time, medians: microseconds a request. Run: ``python bench/observed.py``.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from paraph.kit.http.observed import ROUTE, Observed

ROUNDS, REQUESTS = 15, 4000
HEADERS = [(name, b"x" * 20) for name in (b"host", b"user-agent", b"accept", b"accept-encoding", b"authorization")]


async def bare(scope: Any, _receive: Any, send: Any) -> None:
    """Answer a line, as a route of the API would."""
    scope[ROUTE] = "/v3/account"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def receive() -> Any:
    return {"type": "http.request"}


async def send(_message: Any) -> None:
    return None


async def microseconds(app: Any) -> float:
    """CPU time of one request."""
    started = time.process_time()
    for _ in range(REQUESTS):
        scope = {"type": "http", "method": "GET", "path": "/v3/account", "scheme": "http", "headers": HEADERS}
        await app(scope, receive, send)
    return (time.process_time() - started) / REQUESTS * 1e6


async def main() -> None:
    """Print the medians."""
    watched = Observed(bare)  # type: ignore[arg-type]
    plain, with_it = [], []
    for _ in range(ROUNDS):
        plain.append(await microseconds(bare))
        with_it.append(await microseconds(watched))
    one, two = statistics.median(plain), statistics.median(with_it)
    print(f"bare {one:.2f} µs, watched {two:.2f} µs: {two - one:.2f} µs a request")


if __name__ == "__main__":
    asyncio.run(main())
