"""What a file is told by: SHA-256 for us, and the entity tag that S3 gives for the same bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .store import chunks_of

if TYPE_CHECKING:
    from pathlib import Path

PART_BYTES = 8 << 20
"""What goes up in one request, and comes down in one; a multiple of CHUNK_BYTES, above the 5 MiB that S3 asks."""
_MD5_TAG = re.compile(r'"?([0-9a-f]{32}(?:-\d+)?)"?')


@dataclass(frozen=True, slots=True)
class Sums:
    """SHA-256 (hexadecimal), size in bytes, and the entity tag of an upload in parts of PART_BYTES."""

    sha256: str
    size: int
    tag: str


def sums_of(source: Path | bytes) -> Sums:
    """Read the content once; a file is never whole in memory."""
    whole, size = hashlib.sha256(), 0
    parts: list[bytes] = []
    part, in_part = _md5(), 0
    for chunk in chunks_of(source):
        whole.update(chunk)
        part.update(chunk)
        size += len(chunk)
        in_part += len(chunk)
        if in_part == PART_BYTES:
            parts.append(part.digest())
            part, in_part = _md5(), 0
    if not goes_in_parts(size):
        tag = (parts[0] if parts else part.digest()).hex()
    else:
        parts += [part.digest()] if in_part else []
        tag = f"{_md5(b''.join(parts)).hexdigest()}-{len(parts)}"
    return Sums(whole.hexdigest(), size, tag)


def goes_in_parts(size: int) -> bool:
    """Whether a file of this size goes up in several requests."""
    return size > PART_BYTES


def same_tag(given: str | None, tag: str) -> bool:
    """Whether the store's entity tag proves that it holds those bytes; a store may use tags of another make."""
    found = _MD5_TAG.fullmatch(given or "")
    return found is not None and found[1] == tag


def _md5(data: bytes = b"") -> hashlib._Hash:
    return hashlib.md5(data, usedforsecurity=False)  # what S3 calls a tag; the proof we rely on is SHA-256
