"""Backup and restore: a consistent copy of one moment, made while Paraph runs, in formats that other tools read.

A backup is a folder: ``manifest.json``, ``SHA256SUMS`` (as ``sha256sum`` writes it), ``database.sqlite3`` or
``database.dump`` (``pg_restore``), ``keys/`` and ``files/``. docs/backup.md describes it.
"""

from .manifest import BackupError, Manifest
from .restore import check_backup, restore
from .take import Taken, take_backup

__all__ = ["BackupError", "Manifest", "Taken", "check_backup", "restore", "take_backup"]
