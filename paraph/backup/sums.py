"""``SHA256SUMS``: one line a file, sorted by path, as ``sha256sum --check`` reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .manifest import SUMS, BackupError

_CHUNK = 1 << 20


class Sum(NamedTuple):
    """A file's path in the backup and its SHA-256 in hexadecimal."""

    path: str
    sha256: str

    @property
    def line(self) -> str:
        return f"{self.sha256}  {self.path}\n"


def sum_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def read_sums(folder: Path) -> Iterator[Sum]:
    """Yield the sums in the order of the file; raises BackupError."""
    try:
        with (folder / SUMS).open(encoding="utf-8") as lines:
            for line in lines:
                sha256, gap, path = line.rstrip("\n").partition("  ")
                if len(sha256) != 64 or not gap or not path or ".." in Path(path).parts or path.startswith("/"):
                    raise BackupError(f"{folder / SUMS} is damaged: a line of it cannot be read.")
                yield Sum(path, sha256)
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{folder / SUMS} cannot be read: {error}") from error


class Earlier:
    """The sums of an earlier backup, asked for in ascending order of path: a million lines need no memory."""

    def __init__(self, folder: Path | None) -> None:
        self._lines = iter(()) if folder is None else read_sums(folder)
        self._next: Sum | None = next(self._lines, None)

    def sha256(self, path: str) -> str | None:
        """Return the sum that the earlier backup has for this path, or None."""
        while self._next is not None and self._next.path < path:
            self._next = next(self._lines, None)
        return self._next.sha256 if self._next is not None and self._next.path == path else None
