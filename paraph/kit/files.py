"""Files: one port, one store today (local disk). Rooms keep keys, never paths; uploaded names never become paths.

A file is stored (temporary name, fsync, rename) *before* the transaction that mentions it, so that a row never
points to nothing; a file that no row mentions after a day is an orphan, and is swept.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import shutil
import time
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from .faults import fault_point

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{40}")
_CHUNK = 1 << 20
ABANDONED_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: its key, SHA-256 (hexadecimal) and size in bytes."""

    key: str
    sha256: str
    size: int


class FileStore(Protocol):
    """Where documents live."""

    spool: Path
    """A folder on local disk for what is on its way in."""

    async def put(self, source: Path | bytes) -> StoredFile:
        """Store a copy, durable on return."""
        ...

    async def put_back(self, key: str, source: Path) -> StoredFile:
        """Store a copy under the key that it had (a restore), durable on return."""
        ...

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Give a local path to read the file from; FileNotFoundError when it is gone."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file if it is there."""
        ...

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        """Give an empty folder on the store's disk that is removed afterwards."""
        ...

    def keys_older_than(self, seconds: int) -> Iterator[str]:
        """Yield the keys of files stored longer ago than that (for the sweep of orphans)."""
        ...

    def sweep_spool(self) -> None:
        """Drop what killed processes left half-way in."""
        ...


class LocalFiles:
    """Files under one folder, two levels deep."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / "incoming"
        self.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep_spool()

    async def put(self, source: Path | bytes) -> StoredFile:
        return await asyncio.to_thread(self._put, source, secrets.token_hex(20))

    async def put_back(self, key: str, source: Path) -> StoredFile:
        self._path(key)  # only what is a key
        return await asyncio.to_thread(self._put, source, key)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        path = self._path(key)
        if not path.exists():
            raise FileNotFoundError(key)
        yield path

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._path(key).unlink, True)

    @asynccontextmanager
    async def workspace(self) -> AsyncIterator[Path]:
        folder = self.spool / secrets.token_hex(12)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    def keys_older_than(self, seconds: int) -> Iterator[str]:
        limit = time.time() - seconds
        for path in self.root.glob("??/??/*"):
            with suppress(FileNotFoundError):  # deleted meanwhile
                if _KEY.fullmatch(path.name) and path.stat().st_mtime < limit:
                    yield path.name

    def sweep_spool(self) -> None:
        """What a killed process left half-way in is nobody's; a day is longer than any upload takes."""
        limit = time.time() - ABANDONED_SECONDS
        for path in self.spool.iterdir():
            with suppress(OSError):  # another process may be sweeping too
                if path.stat().st_mtime < limit:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self.root / key[:2] / key[2:4] / key

    def _put(self, source: Path | bytes, key: str) -> StoredFile:
        draft = self.spool / key
        try:
            return self._store(source, key, draft)
        except BaseException:  # a full disk must not fill further
            draft.unlink(missing_ok=True)
            raise

    def _store(self, source: Path | bytes, key: str, draft: Path) -> StoredFile:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
            for chunk in _chunks(source):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            _sync(target)
        fault_point("file.written")
        final = self._path(key)
        _make_folder(final.parent.parent)
        _make_folder(final.parent)
        draft.rename(final)
        _sync_folder(final.parent)
        fault_point("file.placed")
        return StoredFile(key, digest.hexdigest(), size)


def _chunks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync_folder(folder.parent)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A rename is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
