"""Take a backup while Paraph runs."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from paraph import __version__
from paraph.kit import Kit
from paraph.kit.holds import end_hold, hold_deletions
from paraph.kit.settings import Settings
from paraph.main import build_kit
from paraph.migrations import HEAD, is_current

from .manifest import FILES, FORMAT, KEYS, SUMS, BackupError, Manifest, read_manifest, write_manifest
from .snapshot import take_snapshot
from .sums import Earlier, Sum, sum_of

HOLD_SECONDS = 3600
"""How long files stay after a backup was killed, beyond what their rows ask."""
_AT_ONCE = 16
_OUTSIDE = ("secret_key", "seal_pkcs12", "seal_pkcs11_module", "seal_certificate", "seal_former_roots")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup came to."""

    folder: Path
    manifest: Manifest
    linked: int
    """Files that an earlier backup shares."""


async def take_backup(settings: Settings, folder: Path, previous: Path | None = None) -> Taken:
    """Make ``folder`` a backup of this moment; files that ``previous`` has already are linked, not copied.

    Nothing stops meanwhile: the database is read in one snapshot, and files are not deleted until they are copied.
    Raises BackupError; a folder that was begun is left without a manifest, so that it cannot be taken for a backup.
    """
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        raise BackupError(
            f"There is no database at {settings.sqlite_path}: set PARAPH_DATA_DIR as the server has it."
        )
    _begin(folder)
    earlier = None if previous is None else _earlier(previous, folder)
    try:
        kit = build_kit(settings)
        async with _open(kit), _holding_deletions(kit):
            return await _taken(kit, folder, earlier)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise BackupError(f"The backup was broken off: {said}. {folder} is not complete; delete it.") from error


@asynccontextmanager
async def _open(kit: Kit) -> AsyncIterator[None]:
    """The database alone; raises BackupError for one that another version serves."""
    await kit.db.open()
    try:
        if not await kit.db.read(lambda tx: is_current(tx.connection)):
            raise BackupError(
                f"The database is not at this version's schema ({HEAD}). Take the backup with the version that "
                "serves it, or run `paraph migrate` first."
            )
        yield
    finally:
        await kit.db.close()


def fingerprint_of_key(kit: Kit) -> str:
    """Names the server secret without telling it."""
    return kit.keyring.keyed_hash("backup.fingerprint", "").hex()[:16]


async def _taken(kit: Kit, folder: Path, earlier: Path | None) -> Taken:
    taken_at = datetime.fromtimestamp(kit.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with tempfile.NamedTemporaryFile("w", dir=folder, prefix="mentioned-") as keys:
        schema = await take_snapshot(kit.settings, folder, Path(keys.name))
        copies = _Copies(kit, folder, earlier)
        await asyncio.to_thread(copies.add_fixed)
        await copies.add_files(Path(keys.name))
    await asyncio.to_thread(copies.close)
    manifest = Manifest(
        format=FORMAT,
        paraph=__version__,
        engine="sqlite" if kit.settings.sqlite_path else "postgresql",
        schema=schema,
        taken_at=taken_at,
        public_url=kit.settings.public_url,
        server_key=fingerprint_of_key(kit),
        files=copies.files,
        bytes=copies.bytes,
        sums_sha256=sum_of(folder / SUMS),
        outside=tuple(f"PARAPH_{name.upper()}" for name in _OUTSIDE if getattr(kit.settings, name)),
    )
    await asyncio.to_thread(write_manifest, folder, manifest)
    return Taken(folder, manifest, copies.linked)


def _begin(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)  # it holds keys
        if any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty: give each backup a folder of its own.")
    except OSError as error:
        raise BackupError(f"{folder} cannot be written: {error.strerror}.") from error


def _earlier(previous: Path, folder: Path) -> Path:
    read_manifest(previous)
    if previous.stat().st_dev != folder.stat().st_dev:
        raise BackupError(f"{previous} is on another disk than {folder}: files cannot be linked across disks.")
    return previous


@asynccontextmanager
async def _holding_deletions(kit: Kit) -> AsyncIterator[None]:
    name = f"backup {secrets.token_hex(8)}"

    async def hold() -> None:
        await kit.db.write(lambda tx: hold_deletions(tx, name, kit.clock.now() + HOLD_SECONDS))

    async def go_on() -> None:
        while True:
            await asyncio.sleep(HOLD_SECONDS / 4)
            await hold()

    await hold()
    renewing = asyncio.create_task(go_on())
    try:
        yield
    finally:
        renewing.cancel()
        await kit.db.write(lambda tx: end_hold(tx, name))


class _Copies:
    """The files of a backup and the list of their sums, in ascending order of path."""

    def __init__(self, kit: Kit, folder: Path, earlier: Path | None) -> None:
        self._kit, self._folder, self._earlier = kit, folder, earlier
        self._sums_before = Earlier(earlier)
        self._list = (folder / SUMS).open("w", encoding="utf-8")
        self.files = self.bytes = self.linked = 0

    def add_fixed(self) -> None:
        """The database's copy and the keys: their names come before those of the files."""
        source, target = self._kit.settings.data_dir / KEYS, self._folder / KEYS
        if source.is_dir():
            shutil.copytree(source, target)
        databases = [path for path in self._folder.iterdir() if path.name.startswith("database.")]
        for path in databases:
            path.chmod(0o600)
            self._list.write(Sum(path.name, sum_of(path)).line)

    async def add_files(self, keys: Path) -> None:
        """Copy or link every file whose key is listed, some at once, then the sums of the keys' folder."""
        with keys.open() as lines:
            while batch := [line.strip() for line in islice(lines, _AT_ONCE)]:
                paths = [f"{FILES}/{key[:2]}/{key[2:4]}/{key}" for key in batch]
                before = [self._sums_before.sha256(path) for path in paths]
                jobs = [self._add(*one) for one in zip(batch, paths, before, strict=True)]
                self._list.writelines(one.line for one in await asyncio.gather(*jobs))
        for path in sorted(_files_in(self._folder / KEYS)):
            name = path.relative_to(self._folder).as_posix()
            self._list.write(Sum(name, sum_of(path)).line)

    def close(self) -> None:
        """Make the list durable."""
        self._list.flush()
        os.fsync(self._list.fileno())
        self._list.close()

    async def _add(self, key: str, path: str, sha256_before: str | None) -> Sum:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if sha256_before is not None and self._earlier is not None:
            # a stored file never changes: its key is its content
            os.link(self._earlier / path, target)
            self.linked += 1
            found = Sum(path, sha256_before)
        else:
            async with self._kit.files.local(key) as source:
                await asyncio.to_thread(shutil.copyfile, source, target)
            found = Sum(path, await asyncio.to_thread(sum_of, target))
        self.files += 1
        self.bytes += target.stat().st_size
        return found


def _files_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
