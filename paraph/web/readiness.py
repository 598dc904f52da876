"""Whether the server can do its work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paraph.kit.queue import oldest_due, queue_counts

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx

LONGEST_WAIT_SECONDS = 300
"""A due job that nobody has taken up for so long: no worker runs, or all of them are stuck."""


@dataclass(frozen=True, slots=True)
class Readiness:
    is_ready: bool
    body: dict[str, Any]


def readiness(tx: ReadTx, now: int, seal_problem: str | None) -> Readiness:
    """Return the verdict and what stands behind it; that the query runs at all proves the database.

    ``seal_problem`` says why nothing can be sealed (T27). Jobs given up are for a person to look at; they do not
    make the server unready.
    """
    counts = queue_counts(tx, now)
    oldest = oldest_due(tx)
    waited = max(0, now - oldest) if oldest is not None else 0
    is_ready = waited <= LONGEST_WAIT_SECONDS and seal_problem is None
    body = {
        "ready": is_ready,
        "database": "answers",
        "seal": seal_problem or "ready",
        "queue": {"due": counts["due"], "oldest_wait_seconds": waited, "failed": counts["failed"]},
    }
    return Readiness(is_ready, body)
