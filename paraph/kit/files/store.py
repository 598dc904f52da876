"""The port: what rooms know of where documents live."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from paraph.kit.outages import Outage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{40}")
CHUNK_BYTES = 1 << 20


class FilesUnavailable(Outage):
    """The store of files does not answer, or not in time: callers are told 503, workers try again."""

    def __init__(self, detail: str) -> None:
        super().__init__("files", detail)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: its key, SHA-256 (hexadecimal) and size in bytes."""

    key: str
    sha256: str
    size: int


class FileStore(Protocol):
    """Where documents live. A store on another machine raises FilesUnavailable when that does not answer."""

    spool: Path
    """A folder on local disk for what is on its way in."""

    async def put(self, source: Path | bytes) -> StoredFile:
        """Store a copy, durable on return."""
        ...

    async def take_over(self, source: Path | bytes, sha256: str) -> StoredFile:
        """Store what nobody else needs any more, durable on return; ``sha256`` is known to be its own.

        A file on the store's own disk is moved, neither read nor copied."""
        ...

    async def put_back(self, key: str, source: Path) -> StoredFile:
        """Store a copy under the key that it had (a restore), durable on return."""
        ...

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Give a local path to read the file from; FileNotFoundError when it is gone."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file if it is there; one that cannot be removed just now is left to the sweep of orphans."""
        ...

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        """Give an empty folder on local disk that is removed afterwards."""
        ...

    def keys_older_than(self, seconds: int) -> Iterator[str]:
        """Yield the keys of files stored longer ago than that (for the sweep of orphans)."""
        ...

    def sweep_spool(self) -> None:
        """Drop what killed processes left half-way in."""
        ...


def place_of(key: str) -> str:
    """Where a file stands in its store, on disk and in a bucket alike; FileNotFoundError when it is no key."""
    if not is_key(key):
        raise FileNotFoundError(key)
    return f"{key[:2]}/{key[2:4]}/{key}"


def is_key(text: str) -> bool:
    """Whether ``put`` could have given this key."""
    return _KEY.fullmatch(text) is not None


def chunks_of(source: Path | bytes) -> Iterator[bytes]:
    """Yield the content in pieces of CHUNK_BYTES."""
    if isinstance(source, bytes):
        yield from (source[start : start + CHUNK_BYTES] for start in range(0, len(source), CHUNK_BYTES))
        return
    with source.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
