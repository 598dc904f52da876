"""What uvicorn alone answers."""

from typing import Any

HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"17")]
BODY = b'{"hello":"world"}'


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
