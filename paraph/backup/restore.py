"""Put a backup in place: into an empty data folder and an empty database, the database last."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from sqlalchemy import inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from paraph.kit import Kit
from paraph.kit.db.address import async_url
from paraph.kit.queue import release_all
from paraph.kit.settings import Settings
from paraph.main import build_kit
from paraph.migrations import HEAD

from .manifest import FILES, KEYS, SUMS, BackupError, Manifest, read_manifest
from .postgres_tools import run_tool
from .sums import read_sums, sum_of
from .take import fingerprint_of_key


def check_backup(folder: Path) -> Manifest:
    """Read the whole backup and compare it with its sums; raises BackupError naming the first damaged file."""
    manifest = read_manifest(folder)
    if sum_of(folder / SUMS) != manifest.sums_sha256:
        raise BackupError(f"{folder / SUMS} is not the list that the backup was made with.")
    names = set()
    for name, sha256 in read_sums(folder):
        path = folder / name
        if not path.is_file():
            raise BackupError(f"The backup is damaged: {name} is missing.")
        if sum_of(path) != sha256:
            raise BackupError(f"The backup is damaged: {name} is not what was backed up.")
        names.add(name.split("/")[0])
    if manifest.database not in names:
        raise BackupError(f"The backup is damaged: {manifest.database} is missing.")
    return manifest


async def restore(settings: Settings, folder: Path) -> Manifest:
    """Put the backup where these settings point to; raises BackupError before anything is written, if it can tell.

    The database comes last: a restore that was broken off has none, and is simply run again.
    """
    manifest = await asyncio.to_thread(check_backup, folder)
    _check_version(manifest)
    await _check_place(settings, manifest)
    await asyncio.to_thread(_put_keys, folder / KEYS, settings.data_dir / KEYS)
    kit = build_kit(settings)
    if fingerprint_of_key(kit) != manifest.server_key:
        raise BackupError(
            "The server secret is another one than the backup was made with, so its sealed values cannot be read. "
            "Set PARAPH_SECRET_KEY to the secret that was in use then."
        )
    await _put_files(kit, folder)
    await _put_database(settings, folder / manifest.database)
    await _end_leases(kit)
    return manifest


def _check_version(manifest: Manifest) -> None:
    if manifest.schema > HEAD:
        raise BackupError(
            f"The backup is of a newer Paraph ({manifest.paraph}, schema {manifest.schema}) than this one "
            f"(schema {HEAD}). Install that version, or a later one."
        )


async def _check_place(settings: Settings, manifest: Manifest) -> None:
    engine = "sqlite" if settings.sqlite_path else "postgresql"
    if engine != manifest.engine:
        raise BackupError(f"The backup is of a {manifest.engine} database; PARAPH_DATABASE_URL names a {engine} one.")
    if settings.sqlite_path is not None:
        if settings.sqlite_path.exists():
            raise BackupError(f"{settings.sqlite_path} exists: restore into an empty data folder (PARAPH_DATA_DIR).")
        return
    if await _has_tables(settings.database_url):
        raise BackupError("The database has tables already: restore into an empty one.")


async def _has_tables(url: str) -> bool:
    engine = create_async_engine(async_url(url))
    try:
        async with engine.connect() as connection:
            return bool(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    except (OSError, SQLAlchemyError) as error:
        raise BackupError(f"The database cannot be reached: {str(error).splitlines()[0]}") from error
    finally:
        await engine.dispose()


def _put_keys(source: Path, target: Path) -> None:
    """Raises BackupError rather than replace another server's key."""
    if not source.is_dir():
        return
    for path in sorted(source.rglob("*")):
        if not path.is_file():
            continue
        placed = target / path.relative_to(source)
        if placed.exists() and placed.read_bytes() != path.read_bytes():
            raise BackupError(f"{placed} exists and is another key: restore into an empty data folder.")
    shutil.copytree(source, target, dirs_exist_ok=True)


async def _put_files(kit: Kit, folder: Path) -> None:
    for name, sha256 in read_sums(folder):
        if not name.startswith(f"{FILES}/"):
            continue
        stored = await kit.files.put_back(Path(name).name, folder / name)
        if stored.sha256 != sha256:
            raise BackupError(f"{name} changed while it was being restored.")


async def _put_database(settings: Settings, copy: Path) -> None:
    if settings.sqlite_path is None:
        arguments = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
        database = _database_name(settings.database_url)
        await asyncio.to_thread(
            run_tool, "pg_restore", [*arguments, f"--dbname={database}", str(copy)], settings.database_url
        )
        return
    settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = settings.sqlite_path.with_name(f"{settings.sqlite_path.name}.restoring")
    await asyncio.to_thread(shutil.copyfile, copy, draft)
    draft.chmod(0o600)
    os.sync()
    draft.rename(settings.sqlite_path)
    os.sync()


async def _end_leases(kit: Kit) -> None:
    """The workers of that moment are not here: what they had begun can begin again at once."""
    await kit.db.open()
    try:
        await kit.db.write(release_all)
    finally:
        await kit.db.close()


def _database_name(url: str) -> str:
    return str(make_url(url).database)
