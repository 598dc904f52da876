"""Whether this process can do its work, and what keeps it from it."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paraph.documents import SealWatch
from paraph.kit.log import log_failure
from paraph.kit.queue import oldest_due, queue_counts
from paraph.migrations import HEAD

from .figures import schema_of
from .stuck import stuck_now

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

LONGEST_WAIT_SECONDS = 300
"""A due job that nobody has taken up for so long: no worker runs, or all of them are stuck."""
DATABASE_SECONDS = 5
FILES_SECONDS = 5
LEAST_FREE_BYTES = 64 << 20
"""Below that, uploads and the database are about to fail."""
FILES_BELIEVED_SECONDS = 10.0
NO_SUCH_FILE = "0" * 40


@dataclass(frozen=True, slots=True)
class Readiness:
    """``body`` is for operators; others are told the verdict alone."""

    is_ready: bool
    body: dict[str, Any] = field(default_factory=dict)


class FilesTried:
    """Whether files can be stored and fetched, tried every ten seconds at most."""

    def __init__(self) -> None:
        self._problem: str | None = None
        self._at: float | None = None

    async def problem(self, kit: Kit) -> str | None:
        """Why not, or None."""
        if self._at is None or time.monotonic() - self._at > FILES_BELIEVED_SECONDS:
            self._problem = await _try_files(kit)
            self._at = time.monotonic()
        return self._problem


async def readiness(kit: Kit) -> Readiness:
    """Return the verdict and what stands behind it; each part has bounded time."""
    if kit.draining.begun:
        return Readiness(False, {"draining": True})
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            seal = await kit.service(SealWatch).problem()
            found = await kit.db.read(lambda tx: _look(tx, kit))
    except Exception:  # whatever keeps the database from answering, the answer is "not ready"
        log_failure("not_ready", what="database")
        return Readiness(False, {"database": "does not answer"})
    files = await kit.service(FilesTried).problem(kit)
    free = shutil.disk_usage(kit.settings.data_dir).free
    works = kit.settings.embedded_worker
    checks = {
        "schema": found.pop("schema") >= HEAD,  # a newer one is a rolling upgrade: what is here still works
        "queue": found["queue"]["oldest_wait_seconds"] <= LONGEST_WAIT_SECONDS or not works,
        "seal": seal is None or not works,
        "files": files is None,
        "disk": free >= LEAST_FREE_BYTES,
    }
    body = {
        "database": "answers",
        "schema": "current" if checks["schema"] else "older than this version: run `paraph migrate`",
        "seal": seal or "ready",
        "files": files or "ready",
        "disk_free_bytes": free,
        **found,
    }
    return Readiness(all(checks.values()), body)


def _look(tx: ReadTx, kit: Kit) -> dict[str, Any]:
    now = kit.clock.now()
    counts, oldest = queue_counts(tx, now), oldest_due(tx)
    waited = max(0, now - oldest) if oldest is not None else 0
    return {
        "schema": schema_of(tx),
        "queue": {"due": counts["due"], "oldest_wait_seconds": waited, "failed": counts["failed"]},
        "stuck": [
            {"kind": one.kind, "name": one.name, "total": one.total, "seconds": max(0, now - one.since)}
            for one in stuck_now(tx)
        ],
    }


async def _try_files(kit: Kit) -> str | None:
    """Write where uploads come in, and ask the store for a file that is not there: no answer is no store."""
    try:
        async with asyncio.timeout(FILES_SECONDS), kit.files.workspace() as folder:
            await asyncio.to_thread((folder / "probe").write_bytes, b"paraph")
            with suppress(FileNotFoundError):
                async with kit.files.local(NO_SUCH_FILE):
                    return None
    except Exception as error:
        log_failure("not_ready", what="files")
        return f"files cannot be stored: {type(error).__name__}"
    return None
