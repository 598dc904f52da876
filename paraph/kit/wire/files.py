"""Uploaded files while their request lasts: small ones in memory, the rest in a private temporary folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

LONGEST_FILENAME_CHARS = 255


class FilePart:
    """One uploaded file. Lives exactly as long as the ``read_body`` block it came from.

    ``filename`` is the last segment of what the client sent, for display only: empty when it sent none, never
    a path. ``content_type`` is the client's claim, lower case, without parameters; sniff the bytes instead of
    trusting it. ``size`` is in bytes, ``sha256`` 64 hex digits. ``path`` is None while they are in memory.
    """

    __slots__ = ("_held", "content_type", "filename", "name", "path", "sha256", "size")

    def __init__(
        self,
        name: str,
        filename: str,
        content_type: str,
        *,
        size: int,
        sha256: str,
        held: bytes = b"",
        path: Path | None = None,
    ) -> None:
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.size = size
        self.sha256 = sha256
        self.path = path
        self._held = held

    def open(self) -> BinaryIO:
        """The bytes from the start, as a new binary stream; the caller closes it."""
        return self.path.open("rb") if self.path else BytesIO(self._held)

    @property
    def content(self) -> Path | bytes:
        """Where the bytes are: the file on disk, or the bytes themselves. Whoever keeps the file may move it away."""
        return self.path or self._held

    def __repr__(self) -> str:
        return f"FilePart({self.name!r}, {self.filename!r}, {self.size} bytes)"


class Spool:
    """Holds the files of one request: together at most ``memory_bytes`` in memory, everything else on disk.

    One file is open at a time, so a thousand parts cost no descriptors. ``close`` removes all of it.
    """

    def __init__(self, memory_bytes: int, directory: Path | None) -> None:
        self._memory_left = memory_bytes
        self._parent = directory
        self._folder: Path | None = None
        self._writer: FileWriter | None = None
        self._count = 0

    def begin(self, name: str, filename: str, content_type: str) -> FileWriter:
        self._writer = FileWriter(self, name, filename, content_type)
        return self._writer

    def reserve(self, size: int) -> bool:
        """True when ``size`` more bytes may stay in memory."""
        if size > self._memory_left:
            return False
        self._memory_left -= size
        return True

    def release(self, size: int) -> None:
        self._memory_left += size

    def new_path(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="paraph-upload-", dir=self._parent))
        self._count += 1
        return self._folder / str(self._count)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.abandon()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class FileWriter:
    """Takes the bytes of one file part; ``finish`` turns them into a FilePart."""

    def __init__(self, spool: Spool, name: str, filename: str, content_type: str) -> None:
        self._spool = spool
        self._labels = (name, filename, content_type)
        self._held = bytearray()
        self._path: Path | None = None
        self._stream: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, chunk: bytes) -> None:
        self._hash.update(chunk)
        self._size += len(chunk)
        if self._stream is None and self._spool.reserve(len(chunk)):
            self._held += chunk
            return
        self._on_disk().write(chunk)

    def finish(self) -> FilePart:
        self.abandon()
        name, filename, content_type = self._labels
        return FilePart(
            name,
            filename,
            content_type,
            size=self._size,
            sha256=self._hash.hexdigest(),
            held=bytes(self._held),
            path=self._path,
        )

    def abandon(self) -> None:
        """Closes the file on disk, if there is one; harmless twice."""
        if self._stream is not None:
            self._stream.close()

    def _on_disk(self) -> BinaryIO:
        if self._stream is None:
            self._path = self._spool.new_path()
            # moved into the store as it is: for its owner only
            self._stream = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            self._stream.write(self._held)
            self._spool.release(len(self._held))
            self._held.clear()
        return self._stream


def display_name(raw: str) -> str:
    """What a client called its file, cut down to one harmless path segment."""
    last = raw.replace("\\", "/").rpartition("/")[2]
    printable = "".join(char for char in last if char.isprintable()).strip()
    if printable in {".", ".."}:
        return ""
    return printable[-LONGEST_FILENAME_CHARS:]
