"""What the caller, the nursery and the children say to each other.

Control socket (caller to nursery, SEQPACKET): RUN with one socket attached, or END, each with a task id.
Task socket: the caller sends one frame with the pickled request (we trust the caller); the child answers
STARTED, then one frame. The answer is MessagePack decoded into the declared type, never pickle: a child
that a file has taken over must not be able to take over the caller. Before its answer the child of a task
that was given a network may send FETCH any number of times; each is answered by one FETCHED.
"""

import socket
import struct
from typing import Final

CONTROL: Final = struct.Struct("!cQ")
RUN: Final = b"R"
END: Final = b"E"

FRAME: Final = struct.Struct("!cQ")
REQUEST: Final = b"Q"
STARTED: Final = b"S"
RESULT: Final = b"="
REJECTED: Final = b"J"
FAILED: Final = b"F"
FETCH: Final = b"?"
FETCHED: Final = b"!"

WITH_NETWORK: Final = "with-network"
"""Second argument of a nursery whose children may reach a key token."""

MAX_ANSWER_BYTES: Final = 64 << 20


class Hangup(Exception):
    """The other side ended before it said all."""


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    return FRAME.pack(kind, len(payload)) + payload


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """Blocking read of size bytes. Raises Hangup."""
    received = bytearray()
    while len(received) < size:
        part = connection.recv(min(size - len(received), 1 << 20))
        if not part:
            raise Hangup
        received += part
    return bytes(received)


def read_frame(connection: socket.socket) -> tuple[bytes, bytes]:
    """Blocking read of one frame: its kind and payload. Raises Hangup."""
    kind, size = FRAME.unpack(read_exactly(connection, FRAME.size))
    return kind, read_exactly(connection, size)
