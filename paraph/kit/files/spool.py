"""The folder for what is on its way in or out: uploads, and work on copies."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ABANDONED_SECONDS = 86_400


@asynccontextmanager
async def workspace_in(spool: Path) -> AsyncIterator[Path]:
    """Give an empty folder that is removed afterwards."""
    folder = spool / secrets.token_hex(12)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)


def sweep_folder(spool: Path) -> None:
    """What a killed process left half-way in is nobody's; a day is longer than any upload takes."""
    limit = time.time() - ABANDONED_SECONDS
    for path in spool.iterdir():
        with suppress(OSError):  # another process may be sweeping too
            if path.stat().st_mtime < limit:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
