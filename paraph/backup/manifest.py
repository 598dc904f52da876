"""``manifest.json``: what a backup is of. It is written last, so a folder without one is not a backup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

FORMAT = 1
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
SQLITE_COPY, POSTGRESQL_DUMP = "database.sqlite3", "database.dump"
KEYS, FILES = "keys", "files"


class BackupError(Exception):
    """A backup or restore cannot be done; the message says why and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the backup holds; moments are RFC 3339 in UTC, sizes bytes."""

    format: int
    paraph: str
    """Version of the program that made it."""
    engine: Literal["sqlite", "postgresql"]
    schema: str
    """Migration that the database stands at."""
    taken_at: str
    public_url: str
    server_key: str
    """Fingerprint of the server secret, without which the sealed columns cannot be read."""
    files: int
    bytes: int
    sums_sha256: str
    outside: tuple[str, ...] = ()
    """Settings that name secrets kept elsewhere: they are not in the backup."""

    @property
    def database(self) -> str:
        """Name of the database's copy in the folder."""
        return SQLITE_COPY if self.engine == "sqlite" else POSTGRESQL_DUMP


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make the folder a backup, durably."""
    draft = folder / f"{MANIFEST}.partial"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    os.sync()  # thousands of files: one call for all of them
    draft.rename(folder / MANIFEST)
    os.sync()


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup; raises BackupError."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BackupError(f"{folder} is not a backup, or one that was broken off: it has no {MANIFEST}.") from None
    except (OSError, msgspec.DecodeError) as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupError(
            f"{folder} is a backup of format {manifest.format}; this version reads {FORMAT}. Use a newer Paraph."
        )
    return manifest
