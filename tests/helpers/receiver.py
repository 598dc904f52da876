"""The far side of callbacks: a small HTTP server that notes what it is sent and answers as it is told."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EXPECTED = b"Hello API Event Received"


@dataclass(frozen=True)
class Received:
    """One callback, as an app's framework would see it."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        form = BytesParser(policy=HTTP).parsebytes(head + self.body)
        parts = form.iter_parts()
        return {p.get_param("name", header="content-disposition"): p.get_content().rstrip("\r\n") for p in parts}

    @property
    def event(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.fields["json"])
        return parsed

    @property
    def event_type(self) -> str:
        return str(self.event["event"]["event_type"])

    @property
    def delivery_id(self) -> str:
        return self._signature["id"]

    @property
    def _signature(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in self.headers["x-paraph-signature"].split(","))

    def is_signed_with(self, api_key: str, *, now: int, tolerance: int = 300) -> bool:
        """Check the signature as docs/events.md tells receivers to."""
        signature = self._signature
        key = hmac.new(api_key.encode(), b"paraph callback signature v1", hashlib.sha256).digest()
        signed = f"{signature['t']}.{signature['id']}.{self.fields['json']}".encode()
        expected = hmac.new(key, signed, hashlib.sha256).hexdigest()
        fresh = abs(now - int(signature["t"])) <= tolerance
        return fresh and hmac.compare_digest(expected, signature["v1"])


@dataclass
class Receiver:
    """``answers`` are used up one by one; then every callback is taken."""

    url: str
    received: list[Received] = field(default_factory=list)
    answers: list[Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    always: Callable[[BaseHTTPRequestHandler], None] | None = None

    def wait_for(self, count: int, seconds: float = 20) -> list[Received]:
        """Return what came once ``count`` callbacks did."""
        end = time.monotonic() + seconds
        while len(self.received) < count:
            assert time.monotonic() < end, f"{len(self.received)} of {count} callbacks came"
            time.sleep(0.01)
        return self.received

    @property
    def types(self) -> list[str]:
        return [one.event_type for one in self.received]


def replies(status: int = 200, body: bytes = EXPECTED, headers: Sequence[tuple[str, str]] = ()) -> Any:
    """Answer with this."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def drips(seconds: float) -> Any:
    """Send the right answer, a byte at a time, over so many seconds."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(EXPECTED)))
        handler.end_headers()
        for number in range(len(EXPECTED)):
            time.sleep(seconds / len(EXPECTED))
            handler.wfile.write(EXPECTED[number : number + 1])
            handler.wfile.flush()

    return reply


def floods(handler: BaseHTTPRequestHandler) -> None:
    """Answer without end."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(5000):
        handler.wfile.write(b"x" * 65_536)


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word."""
    handler.connection.close()


def waits_for(event: threading.Event) -> Any:
    """Answer rightly, once ``event`` is set."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        event.wait(60)
        replies()(handler)

    return reply


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive callbacks on 127.0.0.1 until the block ends."""
    receiver = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if len(body) < int(self.headers["Content-Length"]):
                return  # the sender died while it told us
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            answer = receiver.answers.pop(0) if receiver.answers else receiver.always or replies()
            self.close_connection = True
            with suppress(OSError):  # the sender may have lost patience
                answer(self)

        def log_message(self, *_: Any) -> None:
            return

    class Quiet(ThreadingHTTPServer):
        request_queue_size = 200

        def handle_error(self, *_: Any) -> None:
            return

    server = Quiet(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
