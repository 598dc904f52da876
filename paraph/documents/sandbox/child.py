"""One task in a process of its own: read the request, give up rights, work, answer, end."""

import contextlib
import pickle
import socket
import traceback

import msgspec

from paraph.documents.rejected import DocumentFailure, Rejected
from paraph.documents.sandbox.confine import confine
from paraph.documents.sandbox.line import open_line
from paraph.documents.sandbox.protocol import FAILED, REJECTED, RESULT, STARTED, Hangup, frame, read_frame

DETAIL_CHARACTERS = 2000


def preload() -> None:
    """Load in the nursery what every child needs, so that a fork has it at once.

    The table of tasks as well, which the rehearsal does without: imported in each child it cost 20 ms a task."""
    from paraph.documents import tasks  # noqa: F401
    from paraph.documents.rehearsal import rehearse

    rehearse()


def run(connection: socket.socket) -> None:
    """Answers exactly once, unless the limits end the process first."""
    with connection, contextlib.suppress(Hangup, BrokenPipeError, ConnectionResetError):
        _, request = read_frame(connection)
        name, limits, arguments = pickle.loads(request)  # noqa: S301 - from our own caller
        confine(limits)
        open_line(connection)
        connection.sendall(frame(STARTED))
        connection.sendall(_answer(name, limits, arguments))


def _answer(name: str, limits: object, arguments: tuple[object, ...]) -> bytes:
    from paraph.documents.tasks import TASKS

    try:
        return frame(RESULT, msgspec.msgpack.encode(TASKS[name](limits, *arguments)))
    except Rejected as rejected:
        return frame(REJECTED, msgspec.msgpack.encode((rejected.reason, rejected.detail)))
    except MemoryError:
        return frame(REJECTED, msgspec.msgpack.encode(("killed", "memory limit")))
    except DocumentFailure as failure:
        return frame(FAILED, msgspec.msgpack.encode((failure.reason, failure.detail)))
    except Exception:  # whatever a library raises ends here: the caller must get an answer
        detail = traceback.format_exc()[-DETAIL_CHARACTERS:]
        return frame(FAILED, msgspec.msgpack.encode(("worker_failed", detail)))
