"""Files written durably, and their fingerprints. Who calls decides when a draft takes its place."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from paraph.documents.rejected import Rejected

BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    sha256: str
    byte_count: int


def read_upload(path: Path, most: int) -> bytes:
    """All of a file that is not larger than most. Raises Rejected: empty, too_large."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if not data:
        raise Rejected("empty")
    if len(data) > most:
        raise Rejected("too_large")
    return data


def store(path: Path, data: bytes) -> Stored:
    """Write data to path and on to the disk."""
    with path.open("wb") as file:
        file.write(data)
        sync(file)
    return Stored(hashlib.sha256(data).hexdigest(), len(data))


def sync(file: BinaryIO) -> None:
    """Bring what was written to an open file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def fingerprint(path: Path) -> Stored:
    """SHA-256 and size of a file, read in blocks."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return Stored(digest.hexdigest(), size)


def take_place(draft: Path, target: Path) -> None:
    """The draft becomes the target, at once and durably."""
    draft.replace(target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
