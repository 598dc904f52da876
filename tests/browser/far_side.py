"""An app's own site: where people come back to, and where its events arrive."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = b"<!doctype html><html lang=en><title>Back</title><link rel=icon href=data:,><h1>Welcome back</h1></html>"
RECEIVED = b"Hello API Event Received"


@dataclass
class FarSide:
    """What arrived: the addresses people came back to (path with query), and the events in order."""

    address: str
    visits: list[str] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def last_query(self) -> dict[str, str]:
        """The query of the last visit."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.visits[-1]).query).items()}

    @property
    def event_types(self) -> list[str]:
        return [event["event"]["event_type"] for event in self.events]


@contextmanager
def far_side() -> Iterator[FarSide]:
    """Listen on this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            side.visits.append(self.path)
            self._answer(PAGE, "text/html; charset=utf-8")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            side.events.append(_json_field(self.headers["Content-Type"], body))
            self._answer(RECEIVED, "text/plain")

        def _answer(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    side = FarSide(f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield side
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json_field(content_type: str, body: bytes) -> dict[str, Any]:
    """The field ``json`` of a multipart form: how events are sent."""
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    for part in message.walk():
        if part.get_param("name", header="content-disposition") == "json":
            found: dict[str, Any] = json.loads(part.get_payload(decode=True))  # type: ignore[arg-type]
            return found
    raise AssertionError("the event has no field json")
