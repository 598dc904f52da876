"""The caller's side: starts the nursery at the first task, bounds how many run, ends what is not needed."""

import asyncio
import itertools
import os
import pickle
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, TypeVar

import msgspec

import paraph
from paraph.documents.limits import Limits
from paraph.documents.rejected import DocumentFailure, Rejected
from paraph.documents.sandbox.protocol import (
    CONTROL,
    END,
    FAILED,
    FRAME,
    MAX_ANSWER_BYTES,
    REJECTED,
    REQUEST,
    RESULT,
    RUN,
    STARTED,
    Hangup,
    frame,
)

T = TypeVar("T")

START_SECONDS: Final = 60.0
"""How long the nursery may take to load its libraries and fork."""
STOP_SECONDS: Final = 5.0
PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""The only variables a child sees: settings and secrets of the server stay with the server."""


class Pool:
    """Runs tasks in sandboxed children. Starts nothing until the first task; usable from any event loop."""

    def __init__(self, limits: Limits, concurrency: int) -> None:
        self._limits = limits
        self._concurrency = concurrency
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots = asyncio.Semaphore(concurrency)

    async def run(self, returns: type[T], task: str, *arguments: object) -> T:
        """The task's result. Raises what the task raised (Rejected, DocumentFailure), or
        Rejected('killed') when limits or the wall clock ended it, or DocumentFailure('worker_stopped') when
        the pool was stopped or the nursery died, which says nothing about the file."""
        async with self._slots_of_this_loop():
            number, connection = self._begin()
            nursery = self._process
            try:
                return await self._converse(connection, returns, task, arguments)
            except (Hangup, ConnectionError) as end:
                if nursery is None or nursery is not self._process or nursery.poll() is not None:
                    raise DocumentFailure("worker_stopped", task) from end
                raise Rejected("killed", f"the child of {task} died") from end
            finally:
                connection.close()
                self._order(END, number)

    async def stop(self) -> None:
        """Ends every child and the nursery; a later task starts them again."""
        with self._lock:
            process, self._process = self._process, None
            self._hang_up()
        if process is not None:
            await asyncio.to_thread(_wait_or_kill, process)

    def _slots_of_this_loop(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._slots = loop, asyncio.Semaphore(self._concurrency)
        return self._slots

    async def _converse(
        self, connection: socket.socket, returns: type[T], task: str, arguments: tuple[object, ...]
    ) -> T:
        request = frame(REQUEST, pickle.dumps((task, self._limits, arguments)))
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.get_running_loop().sock_sendall(connection, request)
                kind, _ = await _read_frame(connection)
        except (TimeoutError, Hangup, ConnectionError) as trouble:
            raise DocumentFailure("worker_failed", "no child could be started") from trouble
        if kind != STARTED:
            raise Hangup
        try:
            async with asyncio.timeout(self._limits.wall_seconds):
                return _decoded(*await _read_frame(connection), returns, self._limits)
        except TimeoutError as late:
            raise Rejected("killed", f"wall clock of {task}") from late

    def _begin(self) -> tuple[int, socket.socket]:
        number = next(self._ids)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            if not self._order(RUN, number, theirs):
                self._order(RUN, number, theirs)  # the nursery had died: a new one was started
        return number, ours

    def _order(self, order: bytes, number: int, handle: socket.socket | None = None) -> bool:
        """False when there was no nursery to hear it. RUN starts one first."""
        with self._lock:
            if order == RUN:
                self._ensure_nursery()
            if self._control is None:
                return False
            handles = [] if handle is None else [handle.fileno()]
            try:
                socket.send_fds(self._control, [CONTROL.pack(order, number)], handles)
            except OSError:
                self._hang_up()
                return False
            return True

    def _ensure_nursery(self) -> None:
        alive = self._process is not None and self._process.poll() is None
        if alive and self._control is not None and self._owner == os.getpid():
            return
        self._hang_up()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = _start_nursery(theirs)
        self._control, self._owner = ours, os.getpid()

    def _hang_up(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None


def _start_nursery(control: socket.socket) -> "subprocess.Popen[bytes]":
    package_parent = str(Path(paraph.__file__).parent.parent)
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, nothing of a user's
        [sys.executable, "-m", "paraph.documents.sandbox.nursery", str(control.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[control.fileno()],
        env={**environment, "PYTHONPATH": package_parent},
        cwd="/",
        start_new_session=True,  # Ctrl-C is for the server, which then stops the nursery
    )


def _wait_or_kill(process: "subprocess.Popen[bytes]") -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _read_frame(connection: socket.socket) -> tuple[bytes, bytes]:
    kind, size = FRAME.unpack(await _read_exactly(connection, FRAME.size))
    if size > MAX_ANSWER_BYTES:
        raise Hangup
    return kind, await _read_exactly(connection, size)


async def _read_exactly(connection: socket.socket, size: int) -> bytes:
    loop, received = asyncio.get_running_loop(), bytearray()
    while len(received) < size:
        part = await loop.sock_recv(connection, min(size - len(received), 1 << 20))
        if not part:
            raise Hangup
        received += part
    return bytes(received)


def _decoded(kind: bytes, payload: bytes, returns: type[T], limits: Limits) -> T:
    try:
        if kind == RESULT:
            return msgspec.msgpack.decode(payload, type=returns)
        reason, detail = msgspec.msgpack.decode(payload, type=tuple[str, str])
    except msgspec.DecodeError as garbled:
        raise DocumentFailure("worker_failed", "a child answered nonsense") from garbled
    if kind == REJECTED:
        raise Rejected(reason, detail, limits)
    if kind == FAILED:
        raise DocumentFailure(reason, detail)
    raise Hangup
