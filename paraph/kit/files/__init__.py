"""Files: one port, two stores (local disk, S3). Rooms keep keys, never paths; uploaded names never become paths.

A file is stored durably *before* the transaction that mentions it, so that a row never points to nothing; a file that
no row mentions after a day is an orphan, and is swept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .local import LocalFiles
from .spool import ABANDONED_SECONDS
from .store import FileStore, FilesUnavailable, StoredFile

if TYPE_CHECKING:
    from paraph.kit.settings import Settings

__all__ = ["ABANDONED_SECONDS", "FileStore", "FilesUnavailable", "LocalFiles", "StoredFile", "open_files"]


def open_files(settings: Settings) -> FileStore:
    """Return the store that the settings ask for; nothing is asked of a remote one yet."""
    if not settings.s3_bucket:
        return LocalFiles(settings.data_dir / "files")
    from .s3 import S3Files  # the client is loaded only where it is used: it costs memory

    return S3Files.from_settings(settings)
