"""Files: durable before they are mentioned, never outside the store, orphans swept."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, String, Table

from paraph.kit import Kit
from paraph.kit import sweep as kit_sweep
from paraph.kit.db import FileKey, metadata
from paraph.kit.files import ABANDONED_SECONDS, LocalFiles
from paraph.kit.sweep import ORPHAN_SECONDS, file_columns, sweep_files
from tests.kit.ground import Ground


async def read(store: LocalFiles, key: str) -> bytes:
    async with store.local(key) as path:
        return path.read_bytes()


def aged(store: LocalFiles, key: str, seconds: float) -> None:
    path = store.root / key[:2] / key[2:4] / key
    os.utime(path, (time.time() - seconds,) * 2)


def test_what_is_put_is_read_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = LocalFiles(tmp_path / "files")
        source = tmp_path / "source"
        source.write_bytes(os.urandom(3_000_000))
        for given in (b"bytes", b"", source):
            content = given if isinstance(given, bytes) else given.read_bytes()
            stored = await store.put(given)
            assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
            assert await read(store, stored.key) == content
        twice = [(await store.put(b"same")).key for _ in range(2)]
        assert twice[0] != twice[1]
        await store.delete(twice[0])
        await store.delete(twice[0])
        with pytest.raises(FileNotFoundError):
            await read(store, twice[0])
        assert await read(store, twice[1]) == b"same"
        assert list(store.spool.iterdir()) == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "key",
    ["", "../../etc/passwd", "/etc/passwd", "a" * 39, "A" * 40, "a" * 41, "a" * 40 + "\n", "a" * 38 + "/.", "\x00"],
)
def test_a_key_is_never_a_path(tmp_path: Path, key: str) -> None:
    async def scenario() -> None:
        store = LocalFiles(tmp_path / "files")
        with pytest.raises(FileNotFoundError):
            await read(store, key)
        with pytest.raises(FileNotFoundError):
            await store.delete(key)

    asyncio.run(scenario())


def test_content_folder_and_name_are_synced_before_the_key_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalFiles(tmp_path / "files")
    steps: list[tuple[str, str]] = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(handle: int) -> None:
        steps.append(("sync", os.readlink(f"/proc/self/fd/{handle}")))
        real_sync(handle)

    def rename(path: Path, target: Path) -> Path:
        steps.append(("rename", str(target)))
        return real_rename(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    key = asyncio.run(store.put(b"content")).key
    inner = store.root / key[:2] / key[2:4]
    folders = [("sync", str(store.root)), ("sync", str(inner.parent))]
    placed = [("rename", str(inner / key)), ("sync", str(inner / key)), ("sync", str(inner))]
    assert steps == [*folders, *placed]


def test_what_is_taken_over_is_moved_and_not_read(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = LocalFiles(tmp_path / "files")
        source = store.spool / "upload"
        source.write_bytes(b"large")
        inode = source.stat().st_ino
        known = hashlib.sha256(b"large").hexdigest()
        stored = await store.take_over(source, known)
        assert (stored.sha256, stored.size) == (known, 5)
        assert not source.exists()
        async with store.local(stored.key) as path:
            assert path.stat().st_ino == inode
        held = await store.take_over(b"small", hashlib.sha256(b"small").hexdigest())
        assert await read(store, held.key) == b"small"

    asyncio.run(scenario())


def test_a_failing_put_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalFiles(tmp_path / "files")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        asyncio.run(store.put(b"x" * 1000))
    assert [path for path in store.root.rglob("*") if path.is_file()] == []


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    store = LocalFiles(tmp_path / "files")
    asyncio.run(store.put(b"private"))
    for path in store.root.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_workspace_is_gone_afterwards(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = LocalFiles(tmp_path / "files")

        async def failing() -> None:
            async with store.workspace() as folder:
                (folder / "deep").mkdir()
                (folder / "deep" / "file").write_bytes(b"x")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await failing()
        assert list(store.spool.iterdir()) == []

    asyncio.run(scenario())


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path) -> None:
    store = LocalFiles(tmp_path / "files")
    fresh, old, folder = store.spool / "fresh", store.spool / "old", store.spool / "folder"
    fresh.write_bytes(b"")
    old.write_bytes(b"")
    folder.mkdir()
    (folder / "file").write_bytes(b"")
    for path in (old, folder):
        os.utime(path, (time.time() - ABANDONED_SECONDS - 60,) * 2)
    store.sweep_spool()
    assert list(store.spool.iterdir()) == [fresh]


def test_orphans_are_deleted_after_a_day_and_nothing_else(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = MetaData()
    papers = Table("papers", rooms, Column("title", String(20)), Column("paper_key", FileKey))
    monkeypatch.setattr(kit_sweep, "metadata", rooms)

    async def scenario(kit: Kit) -> None:
        assert isinstance(kit.files, LocalFiles)
        mentioned, orphan, fresh = [(await kit.files.put(name)).key for name in (b"m", b"o", b"f")]

        def mention(tx: Any) -> None:
            rooms.create_all(tx.connection)
            tx.execute(papers.insert().values(title="t", paper_key=mentioned))
            tx.execute(papers.insert().values(title="none", paper_key=None))

        await kit.db.write(mention)
        for key in (mentioned, orphan):
            aged(kit.files, key, ORPHAN_SECONDS + 60)
        await sweep_files.handler({}, kit)
        assert sorted(kit.files.keys_older_than(-60)) == sorted([mentioned, fresh])

    ground.run(scenario)


def test_every_column_that_holds_file_keys_says_so() -> None:
    """A column that the sweep does not know would lose its files: forty characters named a key are one."""
    import paraph.migrations.tables  # noqa: F401 - all rooms' tables

    known = {(column.table.name, column.name) for column in file_columns()}
    suspects = {
        (column.table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_key") and getattr(column.type, "length", None) == 40
    }
    assert suspects <= known
    assert ("signature_requests", "file_key") in known
    for column in file_columns():
        indexed = {next(iter(index.columns)).name for index in column.table.indexes}
        assert column.name in indexed, f"{column} is asked by the sweep, and needs an index"
