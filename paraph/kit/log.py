"""Structured logs: one line a fact. Secrets and personal data never appear: callers pass ids, not contents."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, Literal

_LOGGER = logging.getLogger("paraph")


def set_up_logging(shape: Literal["text", "json"]) -> None:
    """Send the process's log lines to standard error in the given shape."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if shape == "json" else _TextLines())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.propagate = False


def log(event: str, **fields: Any) -> None:
    """Record ``event`` (a short snake_case name) with its fields."""
    _LOGGER.info(event, extra={"fields": fields})


def log_failure(event: str, **fields: Any) -> None:
    """Record a failure with the traceback of the exception being handled."""
    _LOGGER.error(event, exc_info=True, extra={"fields": fields})


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%H:%M:%S", time.gmtime(record.created))
        pairs = " ".join(
            f"{key}={value}" for key, value in getattr(record, "fields", {}).items() if value is not None
        )
        text = f"{stamp} {record.levelname.lower():5} {record.getMessage()} {pairs}".rstrip()
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text
