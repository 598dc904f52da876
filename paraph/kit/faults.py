"""Fault points: steps at which a test kills, stops or fails this very process (docs/durability.md, tests/crash).

Off, a fault point is one look at a variable. It is on only where PARAPH_FAULT_POINTS names it, and the settings
refuse that unless PARAPH_TESTING says that this server is there to be broken.

``job.done[mail.deliver]#2=stop`` is the second passing of ``job.done`` for that job; ``#n`` is 1 and ``=action`` is
``kill`` unless given. Several are set apart by commas; each strikes once in the life of a process.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn, cast

if TYPE_CHECKING:
    from pathlib import Path

Action = Literal["kill", "stop", "fail"]

LABELS = {
    "file.written": "a file is whole under its temporary name, and may not be durable",
    "file.placed": "a file is in the store, and nobody has its key yet",
    "commit.before": "a write transaction is done, and not committed",
    "commit.after": "a write transaction is committed, and its caller does not know yet",
    "send.files_stored": "the uploads of a request are stored; no row mentions them",
    "send.recorded": "a request is written, and not committed",
    "send.committed": "a request is durable; its sender has no answer yet",
    "job.claimed": "a worker has the lease of a job and has not begun",
    "job.done": "a job has done all it should; its row is still there",
    "prepare.taken_in": "the children have made PDFs of the uploads; nothing is stored",
    "prepare.files_stored": "the PDFs of a request are stored; no row mentions them",
    "prepare.recorded": "request, invitations and event are written, and not committed",
    "mail.taken": "the mail server has taken a mail; that is not recorded",
    "mail.recorded": "that a mail was taken is written, and not committed",
    "sign.checked": "the signer has pressed the button, and the bytes are what they were; nothing is written",
    "sign.recorded": "signature, evidence and event are written, and not committed",
    "sign.committed": "a signature is durable; its signer has no answer yet",
    "progress.file_stored": "the file with the signatures so far is stored; no row mentions it",
    "progress.recorded": "the new file is written to its request, and not committed",
    "seal.assembled": "a child has stamped the pages and put certificate and chain in; another is to seal",
    "seal.fetched": "a timestamp authority has answered; its token is in no file yet",
    "seal.sealed": "the sealed file is whole, under a temporary name in a workspace",
    "complete.file_stored": "the sealed file is stored; no row mentions it",
    "complete.recorded": "seal, event and copies are written, and not committed",
    "deliver.claimed": "an event is leased for delivery, and not posted",
    "deliver.posted": "the receiver has taken an event; that is not recorded",
    "deliver.recorded": "what became of a delivery is written, and not committed",
    "token.recorded": "tokens for a code or a refresh token are written, and not committed",
    "token.committed": "tokens are durable; the app has no answer yet",
}
"""Every fault point of the program. What is in square brackets says of what: the name of a job, a grant type."""

KILLED_BY = signal.SIGKILL
STOPPED_AT = "stopped-at-fault-point"
"""A file in the data folder; a process that was stopped goes on once it is removed."""
LOOK_SECONDS = 0.01
_POINT = re.compile(r"([a-z_.]+)(?:\[([\w.:]*)\])?(?:#([1-9][0-9]{0,5}))?(?:=(kill|stop|fail))?")


class FaultInjected(Exception):
    """What a fault point raises when it is told to ``fail``."""


@dataclass(frozen=True, slots=True)
class Point:
    """Where to strike: the label, what it is of (empty: of anything), at which passing, and how."""

    label: str
    of: str = ""
    passing: int = 1
    action: Action = "kill"


class Armed:
    """The points of this process, and how often each was passed."""

    def __init__(self, points: tuple[Point, ...], folder: Path) -> None:
        self._left = {point: point.passing for point in points}
        self._folder = folder
        self._lock = threading.Lock()  # files are stored, and SQLite commits, in threads

    def passed(self, label: str, of: str) -> None:
        """Strike if this is the passing that was asked for."""
        for point in self._due(label, of):
            _ACTIONS[point.action](self._folder, label)

    def _due(self, label: str, of: str) -> list[Point]:
        with self._lock:
            met = [one for one in self._left if one.label == label and one.of in ("", of)]
            for point in met:
                self._left[point] -= 1
            return [point for point in met if self._left[point] == 0]


_armed: Armed | None = None


def fault_point(label: str, of: str = "") -> None:
    """Pass the step ``label`` of LABELS; ``of`` says of what, where several things take the same step."""
    if _armed is not None:
        _armed.passed(label, of)


def arm(text: str, folder: Path) -> None:
    """Strike where ``text`` says; with an empty one, nowhere. Raises ValueError for what cannot be read."""
    global _armed
    points = read_points(text)
    _armed = Armed(points, folder) if points else None


def read_points(text: str) -> tuple[Point, ...]:
    """Read PARAPH_FAULT_POINTS; raises ValueError with a sentence."""
    return tuple(_read(part.strip()) for part in text.split(",") if part.strip())


def fault_problem(text: str, clock_offset: int, *, testing: bool) -> str:
    """What is wrong with the settings that break a server on purpose, in a sentence; empty when nothing is."""
    if (text or clock_offset) and not testing:
        return (
            "PARAPH_FAULT_POINTS and PARAPH_CLOCK_OFFSET_SECONDS break a server on purpose: "
            "they need PARAPH_TESTING=true, which no server that people use may have."
        )
    if clock_offset < 0:
        return "PARAPH_CLOCK_OFFSET_SECONDS must be 0 or more."
    try:
        read_points(text)
    except ValueError as error:
        return f"PARAPH_FAULT_POINTS: {error}."
    return ""


def _read(text: str) -> Point:
    found = _POINT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a fault point such as job.done[mail.deliver]#2=stop")
    label, of, passing, action = found.groups()
    if label not in LABELS:
        raise ValueError(f"there is no fault point {label}")
    return Point(label, of or "", int(passing or 1), cast("Action", action or "kill"))


def _kill(_folder: Path, _label: str) -> NoReturn:
    os.kill(os.getpid(), KILLED_BY)
    raise AssertionError("unreachable: nothing outlives that")


def _stop(folder: Path, label: str) -> None:
    marker = folder / STOPPED_AT
    marker.write_text(label)
    while marker.exists():
        time.sleep(LOOK_SECONDS)


def _fail(_folder: Path, label: str) -> NoReturn:
    raise FaultInjected(f"told to fail at {label}")


_ACTIONS = {"kill": _kill, "stop": _stop, "fail": _fail}
