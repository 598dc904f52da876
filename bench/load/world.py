"""The world outside, in a process of its own: takes callbacks and mails, and tells the bench what came when.

    python -m bench.load.world HTTP_PORT SMTP_PORT

Both servers do as little as they can, so that what is measured is the sender. ``GET /events/5`` tells the events from
the fifth on as ``[type, request id, time]``; ``GET /links`` the signing links by address, each once.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

EXPECTED = b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nHello API Event Received"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TYPE = re.compile(rb'"event_type": ?"(\w+)"')
_REQUEST = re.compile(rb'"signature_request_id": ?"(\w+)"')
_LINK = re.compile(rb"https?://[^/\s]+(/sign/[^\s\"<>]+)")
_SOFT_BREAK = re.compile(rb"=\r\n")


class Came:
    """What came, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, float]] = []
        self.links: dict[str, str] = {}

    def event(self, body: bytes) -> None:
        kind, request = _TYPE.search(body), _REQUEST.search(body)
        told = [found.group(1).decode() if found else "" for found in (kind, request)]
        self.events.append((told[0], told[1], time.time()))

    def mail(self, address: str, text: bytes) -> None:
        link = _LINK.search(_SOFT_BREAK.sub(b"", text).replace(b"=3D", b"="))
        if link:
            self.links[address] = link.group(1).decode()


class Callbacks(asyncio.Protocol):
    """Just enough HTTP: any POST is an event, any GET asks what came."""

    def __init__(self, came: Came) -> None:
        self._came, self._buffer = came, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, length = self._buffer[:end], _LENGTH.search(self._buffer[:end])
            whole = end + 4 + (int(length.group(1)) if length else 0)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + 4 : whole], self._buffer[whole:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST"):
            self._came.event(body)
            self._transport.write(EXPECTED)
            return
        what, _, first = head.split()[1].decode().strip("/").partition("/")
        told = json.dumps(self._came.links if what == "links" else self._came.events[int(first) :]).encode()
        if what == "links":
            self._came.links = {}
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told))


async def take_mail(came: Came, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Just enough SMTP (RFC 5321) to be given mails."""
    writer.write(b"220 bench\r\n")
    address = ""
    while line := await reader.readline():
        word = line[:4].upper()
        if word == b"DATA":
            writer.write(b"354 go on\r\n")
            came.mail(address, await reader.readuntil(b"\r\n.\r\n"))
        elif word == b"RCPT":
            address = line.partition(b"<")[2].partition(b">")[0].decode()
        writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 OK\r\n")
        if word == b"QUIT":
            break
    writer.close()


async def main(http_port: int, smtp_port: int) -> None:
    """Serve until killed."""
    came = Came()
    loop = asyncio.get_running_loop()
    http = await loop.create_server(lambda: Callbacks(came), "127.0.0.1", http_port, backlog=1000)
    smtp = await asyncio.start_server(
        lambda reader, writer: take_mail(came, reader, writer), "127.0.0.1", smtp_port, limit=1 << 22
    )
    await asyncio.gather(http.serve_forever(), smtp.serve_forever())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
