"""The child's line to the caller, who fetches what a task may ask for: the child itself has no network."""

import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from paraph.documents.sandbox.protocol import FETCH, FETCHED, Hangup, frame, read_frame

_open: list[socket.socket] = []


class NoAnswer(Exception):
    """Nobody answered; the message says why, in words for an operator."""


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """An HTTP request. body None: GET, else POST. seconds: how long the whole may take."""

    url: str
    headers: dict[str, str]
    body: bytes | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """status 0: no answer, and the body says why."""

    status: int
    body: bytes


def open_line(connection: socket.socket) -> None:
    """From here on `fetch` speaks through this connection."""
    _open[:] = [connection]


def fetch(url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> bytes:
    """The body of a good answer. Raises NoAnswer."""
    if not _open:
        raise NoAnswer("this process has no network")
    order = FetchOrder(url, dict(headers), body, seconds)
    with _clock_stopped():
        _open[0].sendall(frame(FETCH, msgspec.msgpack.encode(order)))
        kind, payload = read_frame(_open[0])
    if kind != FETCHED:
        raise Hangup
    answer = msgspec.msgpack.decode(payload, type=Fetched)
    if answer.status == 0:
        raise NoAnswer(answer.body.decode(errors="replace"))
    if answer.status != 200:
        raise NoAnswer(f"it answered with status {answer.status}")
    return answer.body


@contextmanager
def _clock_stopped() -> Iterator[None]:
    """Waiting for others is not the task's own time; the caller bounds it."""
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
