"""On whose behalf this code runs: the request or job that log lines, traces and new jobs refer to."""

from __future__ import annotations

import itertools
import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

LONGEST_ID = 64
_FIT = re.compile(rb"[A-Za-z0-9._-]{1,%d}" % LONGEST_ID)
_PROCESS = secrets.token_hex(6)
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Origin:
    """``request_id`` names the HTTP request that began it, empty for what the server does by itself; ``job`` and
    ``job_id`` are set while a job runs."""

    request_id: str = ""
    job: str = ""
    job_id: int = 0


NOBODY = Origin()
_present: ContextVar[Origin] = ContextVar("paraph_origin", default=NOBODY)

present = _present.get
enter = _present.set
leave = _present.reset


def new_request_id() -> str:
    """Return an id that no other request of any process has."""
    return f"{_PROCESS}-{next(_numbers):x}"


def is_request_id(value: bytes) -> bool:
    """Whether an id that a caller sent can be taken over: short, and harmless in a log."""
    return _FIT.fullmatch(value) is not None
