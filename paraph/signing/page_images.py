"""Pictures and words of pages, made when first asked for and kept in a folder that never grows beyond its bound."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

WIDTHS: Final = (480, 800, 1200, 1600)
"""Pixels. Few, so that many kinds of screen share one picture."""
MOST_BYTES: Final = 256 * 1024 * 1024
KEPT_SHARE: Final = 0.8
SWEEP_EVERY: Final = 64
"""New pictures between two looks at the folder's size; with 0.4 MB a picture the bound is passed by 25 MB at most."""

DRAFT: Final = ".draft"
DRAFT_SECONDS: Final = 3600


def nearest_width(asked: int) -> int:
    """Return the smallest width on offer that is not smaller than ``asked``, or the largest."""
    return next((width for width in WIDTHS if width >= asked), WIDTHS[-1])


class PageImages:
    """JPEG pictures and words by the SHA-256 of their document and the page: what is shown is what was hashed."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._drawing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._since_sweep = SWEEP_EVERY

    async def get(self, sha256: str, page: int, width: int, draw: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the picture; ``draw`` is awaited when it is not kept, once for all who ask at the same time."""
        return await self._get(self._folder / f"{sha256}-{page}-{width}.jpg", draw)

    async def words(self, sha256: str, page: int, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """Return the words of a page, kept as its pictures are."""
        return await self._get(self._folder / f"{sha256}-{page}.words", read)

    def forget(self, documents: Iterable[str]) -> None:
        """Drop everything of the documents with these SHA-256."""
        for sha256 in documents:
            for path in self._folder.glob(f"{sha256}-*"):
                path.unlink(missing_ok=True)

    async def _get(self, path: Path, draw: Callable[[], Awaitable[bytes]]) -> bytes:
        lock = self._drawing.setdefault(path.name, asyncio.Lock())
        async with lock:
            kept = await asyncio.to_thread(_read, path)
            if kept is not None:
                return kept
            picture = await draw()
            await asyncio.to_thread(self._keep, path, picture)
            return picture

    def _keep(self, path: Path, picture: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{secrets.token_hex(6)}{DRAFT}")
        draft.write_bytes(picture)
        draft.chmod(0o600)
        draft.replace(path)
        self._since_sweep += 1
        if self._since_sweep >= SWEEP_EVERY:
            self._since_sweep = 0
            self._sweep()

    def _sweep(self) -> None:
        """Drop the pictures that nobody asked for longest, until a fifth of the room is free again."""
        found = [(stat, path) for path in self._folder.iterdir() if (stat := _stat(path)) and not _is_new(path, stat)]
        total = sum(stat.st_size for stat, _ in found)
        if total <= self._most_bytes:
            return
        for stat, path in sorted(found, key=lambda each: each[0].st_mtime_ns):
            path.unlink(missing_ok=True)
            total -= stat.st_size
            if total <= self._most_bytes * KEPT_SHARE:
                return


def _stat(path: Path) -> os.stat_result | None:
    """None for what another thread or process renamed or swept at this moment."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_new(path: Path, stat: os.stat_result) -> bool:
    """True for what somebody is writing now; a draft that a crash left behind is swept."""
    return path.suffix == DRAFT and stat.st_mtime > time.time() - DRAFT_SECONDS


def _read(path: Path) -> bytes | None:
    try:
        picture = path.read_bytes()
        os.utime(path)  # asked for now: the last to be swept
    except FileNotFoundError:
        return None
    return picture
