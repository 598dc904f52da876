"""How long one statement may take: people wait for a page, nobody waits for a sweep."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UNHURRIED_SECONDS = 600
"""What a statement of a sweep may take."""

_unhurried: ContextVar[bool] = ContextVar("unhurried", default=False)


@contextmanager
def unhurried() -> Iterator[None]:
    """Statements in this block are housekeeping: they get minutes, where a call gets seconds."""
    token = _unhurried.set(True)
    try:
        yield
    finally:
        _unhurried.reset(token)


def is_unhurried() -> bool:
    """True inside ``unhurried``."""
    return _unhurried.get()
