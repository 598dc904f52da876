"""What this room tells the rooms above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FilesDeleted:
    """Retention took the files of a request; ``sha256``: of the documents that signers looked at."""

    sha256: tuple[str, ...]
