"""The caller's side: starts the nursery at the first task, bounds how many run, ends what is not needed."""

import asyncio
import itertools
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

import msgspec

import paraph
from paraph.documents.limits import Limits
from paraph.documents.rejected import DocumentFailure, Rejected
from paraph.documents.sandbox.line import Fetched, FetchOrder
from paraph.documents.sandbox.protocol import (
    CONTROL,
    END,
    FAILED,
    FETCH,
    FETCHED,
    FRAME,
    MAX_ANSWER_BYTES,
    REJECTED,
    REQUEST,
    RESULT,
    RUN,
    STARTED,
    WITH_NETWORK,
    Hangup,
    frame,
)
from paraph.kit import trace
from paraph.kit.metrics import LONG_SECONDS, Counter, Histogram

T = TypeVar("T")

START_SECONDS: Final = 60.0
"""How long the nursery may take to load its libraries and fork."""
STOP_SECONDS: Final = 5.0
PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""The only variables a child sees: settings and secrets of the server stay with the server."""
OWN_SETTINGS: Final = "PARAPH_"
MAX_FETCHES: Final = 100
"""For one task."""
FETCH_GRACE_SECONDS: Final = 5.0


CHILDREN = Histogram(
    "paraph_child_seconds", "How long one task in a sandboxed child took.", "task", bounds=LONG_SECONDS
)
ENDED = Counter("paraph_children", "Tasks in sandboxed children.", "task", "outcome")


class Network(Protocol):
    """What fetches for children, under the caller's rules on whom to call."""

    async def fetch(self, order: FetchOrder) -> Fetched:
        """Never raises for what the far side does: a status of 0 and words tell."""


class Pool:
    """Runs tasks in sandboxed children. Starts nothing until the first task; usable from any event loop.

    with_network: the children keep the network and the server's environment (less its settings), which the
    driver of a key token may need."""

    def __init__(self, limits: Limits, concurrency: int, *, with_network: bool = False) -> None:
        self._limits = limits
        self._concurrency = concurrency
        self._with_network = with_network
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._slots = asyncio.Semaphore(concurrency)
        self.running = 0

    async def run(self, returns: type[T], task: str, *arguments: object, network: Network | None = None) -> T:
        """The task's result; with a network, the task may have things fetched, which is not its own time.

        Raises what the task raised (Rejected, DocumentFailure), or Rejected('killed') when limits or the
        wall clock ended it, or DocumentFailure('worker_stopped') when the pool was stopped or the nursery
        died, which says nothing about the file."""
        async with self._slots_of_this_loop():
            with trace.span(f"child {task}"), _measured(self, task):
                return await self._run_child(returns, task, arguments, network)

    async def _run_child(
        self, returns: type[T], task: str, arguments: tuple[object, ...], network: Network | None
    ) -> T:
        number, connection = self._begin()
        nursery = self._process
        try:
            await self._start(connection, task, arguments)
            kind, payload = await self._answer(connection, task, network)
            return _decoded(kind, payload, returns, self._limits)
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

    async def _start(self, connection: socket.socket, task: str, arguments: tuple[object, ...]) -> None:
        request = frame(REQUEST, pickle.dumps((task, self._limits, arguments)))
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.get_running_loop().sock_sendall(connection, request)
                kind, _ = await _read_frame(connection)
        except (TimeoutError, Hangup, ConnectionError) as trouble:
            raise DocumentFailure("worker_stopped", "no child could be started") from trouble
        if kind != STARTED:
            raise Hangup

    async def _answer(self, connection: socket.socket, task: str, network: Network | None) -> tuple[bytes, bytes]:
        """The frame that ends the conversation."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limits.wall_seconds) as clock:
                for _ in range(MAX_FETCHES):
                    kind, payload = await _read_frame(connection)
                    if kind != FETCH or network is None:
                        return kind, payload
                    until, asked_at = clock.when() or 0.0, loop.time()
                    clock.reschedule(None)
                    fetched = await _fetched(network, payload)
                    clock.reschedule(until + loop.time() - asked_at)
                    await loop.sock_sendall(connection, frame(FETCHED, msgspec.msgpack.encode(fetched)))
        except TimeoutError as late:
            raise Rejected("killed", f"wall clock of {task}") from late
        raise Hangup

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
            self._process = _start_nursery(theirs, self._with_network)
        self._control, self._owner = ours, os.getpid()

    def _hang_up(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None


@contextmanager
def _measured(pool: Pool, task: str) -> Iterator[None]:
    started, outcome = time.perf_counter(), "failed"
    pool.running += 1
    try:
        yield
        outcome = "done"
    except Rejected as rejected:
        outcome = "killed" if rejected.reason == "killed" else "rejected"
        raise
    finally:
        pool.running -= 1
        CHILDREN.observe(time.perf_counter() - started, task)
        ENDED.add(task, outcome)


def _start_nursery(control: socket.socket, with_network: bool) -> "subprocess.Popen[bytes]":
    package_parent = str(Path(paraph.__file__).parent.parent)
    passed_on = [name for name in os.environ if not name.startswith(OWN_SETTINGS)] if with_network else PASSED_ON
    environment = {name: os.environ[name] for name in passed_on if name in os.environ}
    nursery = [sys.executable, "-m", "paraph.documents.sandbox.nursery", str(control.fileno())]
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, nothing of a user's
        [*nursery, WITH_NETWORK] if with_network else nursery,
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


async def _fetched(network: Network, payload: bytes) -> Fetched:
    try:
        order = msgspec.msgpack.decode(payload, type=FetchOrder)
    except msgspec.DecodeError as garbled:
        raise Hangup from garbled
    try:
        async with asyncio.timeout(order.seconds + FETCH_GRACE_SECONDS):
            return await network.fetch(order)
    except TimeoutError:
        return Fetched(0, f"no full answer within {order.seconds:g} seconds".encode())


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
