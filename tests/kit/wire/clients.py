"""Sends raw bodies to the decoder the way a server hands them over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

from paraph.kit.wire import DEFAULT_LIMITS, Body, Limits, decode, read_body, strict_flat

CAPTURES = Path(__file__).parent / "captures"
BOUNDARY = "b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

T = TypeVar("T")


async def chunked(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
    yield b""


def capture(name: str) -> tuple[str, bytes]:
    """Content type and body of a recorded request; the first line of the file is the content type."""
    content_type, _, body = (CAPTURES / name).read_bytes().partition(b"\n")
    return content_type.decode(), body


def read(content_type: str | None, data: bytes, *, size: int = 65_536, limits: Limits = DEFAULT_LIMITS) -> Body:
    """The body. Its files are gone, but their names, sizes and hashes stay readable."""

    async def run() -> Body:
        async with read_body(chunked(data, size), content_type=content_type, limits=limits) as body:
            return body

    return asyncio.run(run())


def read_as(into: type[T], content_type: str | None, data: bytes, *, size: int = 65_536) -> T:
    return decode(read(content_type, data, size=size).tree, into)


def flat(content_type: str | None, data: bytes) -> tuple[dict[str, str], str]:
    async def run() -> tuple[dict[str, str], str]:
        return await strict_flat(chunked(data), content_type=content_type)

    return asyncio.run(run())


def multipart(*parts: tuple[str, bytes | str], boundary: str = BOUNDARY) -> bytes:
    """A multipart body. A part is the rest of its Content-Disposition (and further headers), and its content."""
    body = b""
    for disposition, content in parts:
        raw = content.encode() if isinstance(content, str) else content
        body += f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode() + raw + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()
