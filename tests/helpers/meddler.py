"""A proxy in front of a store that counts what is asked, and meddles with it: slow, failing, damaging."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

FAILURE = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"


@dataclass
class Meddler:
    """What it does next: wait ``delay`` seconds, answer ``failing`` requests with 503, flip a byte up or down."""

    target: str
    url: str = ""
    delay: float = 0
    failing: int = 0
    damages_up: bool = False
    damages_down: bool = False
    seen: list[tuple[str, str]] = field(default_factory=list)

    def asked(self, method: str) -> int:
        """How many requests of this method came by."""
        return sum(one == method for one, _ in self.seen)

    def behave(self) -> None:
        """Meddle no more, and count anew."""
        self.delay, self.failing, self.damages_up, self.damages_down = 0, 0, False, False
        self.seen.clear()


@contextmanager
def meddling(target: str) -> Iterator[Meddler]:
    """Stand in front of ``target`` until the block ends."""
    meddler = Meddler(target)
    door = ThreadingHTTPServer(("127.0.0.1", 0), _handler(meddler))
    door.daemon_threads = True
    meddler.url = f"http://127.0.0.1:{door.server_address[1]}"
    threading.Thread(target=door.serve_forever, daemon=True).start()
    try:
        yield meddler
    finally:
        door.shutdown()
        door.server_close()


def _flipped(body: bytes) -> bytes:
    return body[:-1] + bytes([body[-1] ^ 1]) if body else body


def _handler(meddler: Meddler) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            meddler.seen.append((self.command, self.path))
            time.sleep(meddler.delay)
            if meddler.failing > 0:
                meddler.failing -= 1
                return self.reply(503, {}, FAILURE)
            if meddler.damages_up:
                body = _flipped(body)
            status, headers, content = self.forward(body)
            if meddler.damages_down and self.command == "GET" and status in (200, 206):
                content = _flipped(content)
            return self.reply(status, headers, content)

        def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            link = http.client.HTTPConnection(urlsplit(meddler.target).netloc, timeout=30)
            link.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                link.putheader(name, value)
            link.endheaders(body)
            response = link.getresponse()
            content = response.read()
            link.close()
            return response.status, dict(response.headers.items()), content

        def reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(name, value)
            length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815

    return Handler
