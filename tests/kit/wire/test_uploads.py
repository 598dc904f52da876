"""Large uploads: flat memory, exact bytes, and nothing left behind however the request ends."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paraph.kit.errors import BadRequest, ParaphError
from paraph.kit.wire import DEFAULT_LIMITS, FilePart, Limits, TooLarge, encode, error_body, read_body
from tests.kit.wire.clients import BOUNDARY, MULTIPART, chunked, multipart

MIB = 1024 * 1024
CHUNK = bytes(range(256)) * 256  # 64 KB


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def upload(megabytes: int, *, end: bytes = f"\r\n--{BOUNDARY}--\r\n".encode()) -> AsyncIterator[bytes]:
    yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files[0]"; filename="a.pdf"\r\n\r\n'.encode()
    for _ in range(megabytes * 16):
        yield CHUNK
    yield end


async def read_files(
    chunks: AsyncIterator[bytes], folder: Path, limits: Limits = DEFAULT_LIMITS
) -> list[tuple[int, str, bool]]:
    async with read_body(chunks, content_type=MULTIPART, spool_dir=folder, limits=limits) as body:
        files = body.tree["files"]
        assert isinstance(files, list)
        return [(part.size, part.sha256, part.path is not None) for part in files if isinstance(part, FilePart)]


def test_40_megabytes_in_flat_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        [(size, digest, on_disk)] = asyncio.run(read_files(upload(40), tmp_path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (size, on_disk) == (40 * MIB, True)
    assert digest == hashlib.sha256(CHUNK * 640).hexdigest()
    assert peak < 6 * MIB
    assert left_in(tmp_path) == []


def test_many_files_share_one_megabyte_of_memory(tmp_path: Path) -> None:
    async def run() -> list[tuple[int, str, bool]]:
        parts = [(f'name="files[{i}]"; filename="{i}.pdf"', b"x" * (300 * 1024)) for i in range(20)]
        return await read_files(chunked(multipart(*parts)), tmp_path)

    files = asyncio.run(run())
    assert len(files) == 20
    assert sum(size for size, _, on_disk in files if not on_disk) <= MIB
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_the_bytes_come_back_as_they_were_sent(size: int, tmp_path: Path) -> None:
    content = (b"\r\n--" + BOUNDARY.encode()[:-1] + b"\r\n\r") * (size // 14 + 1)

    async def run() -> None:
        data = multipart(('name="files[0]"; filename="a.pdf"', content[:size]))
        async with read_body(chunked(data, 4099), content_type=MULTIPART, spool_dir=tmp_path) as body:
            files = body.tree["files"]
            assert isinstance(files, list)
            [part] = files
            assert isinstance(part, FilePart)
            for _ in range(2):
                with part.open() as stream:
                    assert stream.read() == content[:size]
            assert part.sha256 == hashlib.sha256(content[:size]).hexdigest()
            assert (part.path is not None) == (size > MIB)

    asyncio.run(run())
    assert left_in(tmp_path) == []


def test_a_large_file_waits_where_only_its_owner_can_read_it(tmp_path: Path) -> None:
    async def run() -> None:
        async with read_body(upload(2), content_type=MULTIPART, spool_dir=tmp_path):
            [folder] = left_in(tmp_path)
            assert folder.stat().st_mode & 0o777 == 0o700

    asyncio.run(run())


async def lost(megabytes: int) -> AsyncIterator[bytes]:
    async for chunk in upload(megabytes, end=b""):
        yield chunk
    raise ConnectionResetError


def test_nothing_is_left_after_any_failure(tmp_path: Path) -> None:
    async def handler_fails() -> None:
        async with read_body(upload(3), content_type=MULTIPART, spool_dir=tmp_path):
            assert len(left_in(tmp_path)) == 1
            raise LookupError

    async def cancelled() -> None:
        async def never() -> AsyncIterator[bytes]:
            async for chunk in upload(3, end=b""):
                yield chunk
            await asyncio.sleep(60)

        async with asyncio.timeout(0.3):
            await read_files(never(), tmp_path)

    small = Limits(body_bytes=2 * MIB)
    for failure, run in [
        (LookupError, handler_fails()),
        (ConnectionResetError, read_files(lost(3), tmp_path)),
        (BadRequest, read_files(upload(3, end=b""), tmp_path)),
        (TooLarge, read_files(upload(3), tmp_path, limits=small)),
        (TimeoutError, cancelled()),
    ]:
        with pytest.raises(failure):
            asyncio.run(run)
        assert left_in(tmp_path) == []


def test_an_announced_size_is_refused_before_reading() -> None:
    async def unread() -> AsyncIterator[bytes]:
        yield pytest.fail("the body was read")

    async def run() -> None:
        async with read_body(unread(), content_type=MULTIPART, content_length=200 * MIB):
            pass

    with pytest.raises(TooLarge, match="larger than the limit of 100 MB") as caught:
        asyncio.run(run())
    assert caught.value.status == 413


def test_hostile_bodies_are_refused_quickly() -> None:
    headers = b"--" + BOUNDARY.encode() + b"\r\n"
    hostile = [
        b"\r\n--" * 2_000_000,
        headers + b"A: b\r\n" * 1_000_000,
        headers + b"A" * 5_000_000,
        (headers + b"\r\n\r\n") * 500_000,
        headers + b"Content-Disposition: form-data" + b"; " * 3_000 + b"\r\n\r\n",
        headers + b"Content-Disposition: form-data; name=" + b'"\\' * 3_000 + b"\r\n\r\n",
    ]

    async def run(data: bytes) -> None:
        async with read_body(chunked(data), content_type=MULTIPART):
            pass

    for data in hostile:
        started = time.monotonic()
        with pytest.raises(ParaphError):
            asyncio.run(run(data))
        assert time.monotonic() - started < 2


@contextmanager
def running(limits: Limits) -> Iterator[str]:
    """A real server whose one page reads the body under ``limits``."""

    async def page(request: Request) -> Response:
        try:
            length = int(request.headers.get("content-length", "0")) or None
            async with read_body(
                request.stream(),
                content_type=request.headers.get("content-type"),
                content_length=length,
                limits=limits,
            ) as body:
                return Response(encode({"names": sorted(body.tree)}))
        except ParaphError as error:
            return Response(encode(error_body(error)), error.status)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(Starlette(routes=[Route("/", page, methods=["POST"])]), log_level="critical")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("announced", [True, False])
def test_the_sender_of_too_much_reads_why(announced: bool) -> None:
    body = multipart(('name="files[0]"; filename="a.pdf"', bytes(8 * MIB)))

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    with running(Limits(body_bytes=4 * MIB)) as url, httpx.Client(timeout=20) as client:
        answer = client.post(url, content=body if announced else pieces(), headers={"content-type": MULTIPART})
        assert answer.status_code == 413
        assert answer.json()["error"] == {
            "error_msg": "The request body is larger than the limit of 4 MB.",
            "error_name": "bad_request",
        }
        assert client.post(url, data={"title": "NDA"}).json() == {"names": ["title"]}
