"""Files under one folder of this machine, two levels deep.

Folders come from the clock, not from chance: with random ones each of the first ten thousands of files makes a folder
or two, and each folder is two more fsyncs.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import secrets
import time
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from paraph.kit.faults import fault_point

from .spool import sweep_folder, workspace_in
from .store import StoredFile, chunks_of, is_key, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


FOLDER_SECONDS = 600
"""How long files go into the same folder; all 65,536 are used once in 455 days."""


class LocalFiles:
    """The store of one machine: temporary name, rename, fsync of the file and of its folder.

    Renamed before it is synced, so that one commit of the file system's journal holds both. What a crash leaves
    half-way under its final name has a key that nobody was given: an orphan.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spool = root / "incoming"
        self.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep_spool()

    async def put(self, source: Path | bytes) -> StoredFile:
        return await asyncio.to_thread(self._put, source, _new_key())

    async def take_over(self, source: Path | bytes, sha256: str) -> StoredFile:
        return await asyncio.to_thread(self._put, source, _new_key(), sha256)

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

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        return workspace_in(self.spool)

    def keys_older_than(self, seconds: int) -> Iterator[str]:
        limit = time.time() - seconds
        for path in self.root.glob("??/??/*"):
            with suppress(FileNotFoundError):  # deleted meanwhile
                if is_key(path.name) and path.stat().st_mtime < limit:
                    yield path.name

    def sweep_spool(self) -> None:
        sweep_folder(self.spool)

    def _path(self, key: str) -> Path:
        return self.root / place_of(key)

    def _put(self, source: Path | bytes, key: str, sha256: str | None = None) -> StoredFile:
        """``sha256``: of a source that may be moved."""
        draft, final = self.spool / key, self._path(key)
        try:
            _make_folder(final.parent.parent)
            _make_folder(final.parent)
            if sha256 is None or isinstance(source, bytes):
                digest = _copy(source, draft, sha256)
            else:
                digest = sha256
                source.rename(draft)
            fault_point("file.written")
            size = _place(draft, final)
        except BaseException:  # a full disk must not fill further
            draft.unlink(missing_ok=True)
            raise
        fault_point("file.placed")
        return StoredFile(key, digest, size)


def _new_key() -> str:
    folder = int(time.time() / FOLDER_SECONDS) % 0x10000
    return f"{folder:04x}{secrets.token_hex(18)}"


def _copy(source: Path | bytes, draft: Path, sha256: str | None) -> str:
    """Write the content and return its SHA-256, which is not computed where it is known."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as target:
        for chunk in chunks_of(source):
            if sha256 is None:
                digest.update(chunk)
            _write(target, chunk)
    return sha256 or digest.hexdigest()


def _write(target: io.FileIO, chunk: bytes) -> None:
    written = target.write(chunk)
    while written < len(chunk):  # a disk that is nearly full takes what fits, and then says so
        written += target.write(chunk[written:])


def _place(draft: Path, final: Path) -> int:
    """Rename, make it durable, and return the size."""
    draft.rename(final)
    try:
        handle = os.open(final, os.O_RDONLY)
        try:
            os.fsync(handle)
            size = os.fstat(handle).st_size
        finally:
            os.close(handle)
        _sync_folder(final.parent)
    except BaseException:
        final.unlink(missing_ok=True)
        raise
    return size


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """A rename is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
