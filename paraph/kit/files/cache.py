"""Copies on local disk of files that live elsewhere: bounded, least recently used first out.

A reader is given a hard link of its own, so that whoever makes room, in this process or another, takes nothing away
from under it.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

LONGEST_READ_SECONDS = 86_400
"""A link that is older was left by a killed process."""
KEPT_SECONDS = 86_400
"""A copy goes after a day: elsewhere its file may have been deleted, and a copy must not outlive it for long."""
TIDY_SECONDS = 3600
COUNT_AGAIN = 64
"""Other processes may share the folder: every so many files the true sum is taken."""


class Cache:
    """A folder of copies, at most ``limit`` bytes, besides what is being read right now."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.limit = limit
        self._kept, self._read, self._drafts = (folder / name for name in ("kept", "read", "drafts"))
        for each in (self._kept, self._read, self._drafts):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._bytes = 0
        self._since_count = COUNT_AGAIN
        self._tidied_at = 0.0

    def borrow(self, key: str) -> Path | None:
        """Return a path of the caller's own to the copy, to be unlinked after use; None when there is no copy."""
        self._tidy_at_times()
        link = self._read / f"{int(time.time())}-{secrets.token_hex(8)}"
        try:
            os.link(self._kept / key, link)
        except FileNotFoundError:
            return None
        with suppress(FileNotFoundError):
            # the last use; the other time stays that of the download
            os.utime(self._kept / key, (time.time(), link.stat().st_mtime))
        return link

    def draft(self) -> Path:
        """Return a new name for a copy on its way in."""
        return self._drafts / secrets.token_hex(12)

    def make_room(self, size: int) -> None:
        """Drop the copies that were not read for longest until so many bytes fit under the limit."""
        self._since_count += 1
        if self._bytes + size <= self.limit and self._since_count < COUNT_AGAIN:
            return
        copies = sorted(self._copies(), key=lambda copy: copy[1].st_atime)
        self._bytes, self._since_count = sum(state.st_size for _, state in copies), 0
        for path, state in copies:
            if self._bytes + size <= self.limit:
                break
            path.unlink(missing_ok=True)
            self._bytes -= state.st_size

    def keep(self, key: str, draft: Path) -> None:
        """Make a finished draft the copy of this file."""
        self._bytes += draft.stat().st_size
        draft.rename(self._kept / key)

    def forget(self, key: str) -> None:
        """Drop the copy, if there is one."""
        (self._kept / key).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Drop copies of yesterday, and what killed processes left."""
        self._tidied_at = now = time.time()
        for path, state in self._copies():
            if state.st_mtime < now - KEPT_SECONDS:
                path.unlink(missing_ok=True)
        for link in self._read.iterdir():
            if int(link.name.split("-")[0]) < now - LONGEST_READ_SECONDS:
                link.unlink(missing_ok=True)
        for draft in self._drafts.iterdir():
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < now - LONGEST_READ_SECONDS:
                    draft.unlink(missing_ok=True)

    def _tidy_at_times(self) -> None:
        if time.time() - self._tidied_at > TIDY_SECONDS:
            self.tidy()

    def _copies(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for entry in os.scandir(self._kept):
            with suppress(FileNotFoundError):  # another process made room
                found.append((Path(entry.path), entry.stat()))
        return found
