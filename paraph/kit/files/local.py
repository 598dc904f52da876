"""Files under one folder of this machine, two levels deep."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import time
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from paraph.kit.faults import fault_point

from .spool import sweep_folder, workspace_in
from .store import StoredFile, chunks_of, is_key, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


class LocalFiles:
    """The store of one machine: temporary name, fsync, rename."""

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
            for chunk in chunks_of(source):
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
