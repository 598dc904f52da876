"""Structured logs: one line a fact. Secrets and personal data never appear: callers pass ids, not contents.

Each line of a request or job carries its id (``kit.origin``). Text that this code does not write itself (messages of
exceptions, warnings of libraries) may quote what people sent, so addresses and whatever looks like a key are blotted
out of it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Literal, TextIO

import msgspec

from .origin import present

Level = Literal["debug", "info", "warning", "error"]

_LOGGER = logging.getLogger("paraph")
_LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
_encode = msgspec.json.Encoder(enc_hook=str).encode
_own: Callable[[Level, str, dict[str, Any]], object] | None = None
"""Writes the line of a fact where ``set_up_logging`` sends it."""
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=]+@[^\s@<>\"'(),;]+")
_LONG = re.compile(r"[A-Za-z0-9_-]{32,}")
_PHONE = re.compile(r"\+\d{7,15}\b")


def set_up_logging(shape: Literal["text", "json"], level: Level = "info") -> None:
    """Send the process's log lines, and the warnings of libraries, to standard error in the given shape."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if shape == "json" else _TextLines())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(_LEVELS[level])
    _LOGGER.propagate = False
    global _own
    _own = _writer(handler.stream, _json_line if shape == "json" else _text_line)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def log(event: str, *, level: Level = "info", **fields: Any) -> None:
    """Record ``event`` (a short snake_case name) with its fields."""
    number = _LEVELS[level]
    if not _LOGGER.isEnabledFor(number):
        return
    if _own is not None:
        _own(level, event, _about() | fields)
    else:
        _LOGGER.log(number, event, extra={"fields": _about() | fields})


def log_failure(event: str, **fields: Any) -> None:
    """Record a failure with the traceback of the exception being handled."""
    _LOGGER.error(event, exc_info=True, extra={"fields": _about() | fields})


def blotted(text: str) -> str:
    """The text without mail addresses, numbers of phones, and what looks like a key."""
    return _PHONE.sub("[phone]", _LONG.sub(_unless_a_word, _ADDRESS.sub("[address]", text)))


def _unless_a_word(found: re.Match[str]) -> str:
    """Names of functions can be long too; keys and tokens hold digits."""
    text = found.group()
    return "[secret]" if any(character.isdecimal() for character in text) else text


def _about() -> dict[str, Any]:
    origin = present()
    about: dict[str, Any] = {"request": origin.request_id} if origin.request_id else {}
    return about | {"job": origin.job, "id": origin.job_id} if origin.job else about


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        if record.exc_info:
            fields = fields | {"traceback": blotted(self.formatException(record.exc_info))}
        return _json_line(record.created, record.levelname.lower(), _event(record), fields)


class _TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        text = _text_line(record.created, record.levelname.lower(), _event(record), fields)
        return f"{text}\n{blotted(self.formatException(record.exc_info))}" if record.exc_info else text


def _writer(stream: TextIO, line: Callable[..., str]) -> Callable[[Level, str, dict[str, Any]], None]:
    """What writes a fact, which has no traceback: past the library's records and locks, 5 µs in place of 30."""

    def write(level: Level, event: str, fields: dict[str, Any]) -> None:
        with suppress(OSError, ValueError):  # whoever reads the lines is gone; the work goes on
            stream.write(line(time.time(), level, event, fields) + "\n")

    return write


def _json_line(created: float, level: str, event: str, fields: dict[str, Any]) -> str:
    line = {"time": round(created, 3), "level": level, "event": event} | fields
    try:
        return _encode(line).decode()
    except ValueError:  # half a surrogate pair
        return json.dumps(line, default=str)


def _text_line(created: float, level: str, event: str, fields: dict[str, Any]) -> str:
    pairs = " ".join([f"{key}={value}" for key, value in fields.items() if value is not None])
    return f"{_stamp(int(created))} {level:7} {event} {pairs}".rstrip()


@lru_cache(1)
def _stamp(second: int) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(second))


def _event(record: logging.LogRecord) -> str:
    message = record.getMessage()
    return message if record.name == _LOGGER.name else f"{record.name}: {blotted(message)}"
