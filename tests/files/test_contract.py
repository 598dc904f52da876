"""What every store promises, asked of each: durable bytes under a key, a path to read them from, no leftovers."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from pathlib import Path

import pytest

from paraph.kit.files import ABANDONED_SECONDS, FileStore

MIB = 1 << 20


async def read(store: FileStore, key: str) -> bytes:
    async with store.local(key) as path:
        return path.read_bytes()


def left_in(store: FileStore) -> list[Path]:
    return list(store.spool.iterdir())


@pytest.mark.parametrize("size", [0, 8 * MIB, 17 * MIB + 5], ids=lambda size: f"{size}B")
def test_what_is_put_is_read_back(store: FileStore, tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    source = tmp_path / "source"
    source.write_bytes(content)

    async def scenario() -> None:
        for given in (source, content):
            stored = await store.put(given)
            assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
            assert await read(store, stored.key) == content
        assert source.read_bytes() == content
        assert left_in(store) == []

    asyncio.run(scenario())


def test_the_same_bytes_twice_are_two_files(store: FileStore) -> None:
    async def scenario() -> None:
        first, second = [(await store.put(b"same")).key for _ in range(2)]
        assert first != second
        await store.delete(first)
        await store.delete(first)
        with pytest.raises(FileNotFoundError):
            await read(store, first)
        assert await read(store, second) == b"same"
        assert list(store.keys_older_than(-60)) == [second]

    asyncio.run(scenario())


def test_a_file_comes_back_under_its_key(store: FileStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"restored")

    async def scenario() -> None:
        stored = await store.put(b"restored")
        await store.delete(stored.key)
        assert await store.put_back(stored.key, source) == stored
        assert await read(store, stored.key) == b"restored"
        with pytest.raises(FileNotFoundError):
            await store.put_back("../key", source)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "key",
    ["", "../../etc/passwd", "/etc/passwd", "a" * 39, "A" * 40, "a" * 41, "a" * 40 + "\n", "a" * 38 + "/.", "\x00"],
)
def test_a_key_is_never_a_path(store: FileStore, key: str) -> None:
    async def scenario() -> None:
        with pytest.raises(FileNotFoundError):
            await read(store, key)
        with pytest.raises(FileNotFoundError):
            await store.delete(key)

    asyncio.run(scenario())


def test_keys_are_listed_by_age_page_by_page(store: FileStore) -> None:
    async def scenario() -> None:
        keys = {(await store.put(b"x")).key for _ in range(12)}  # the test server lists five at once
        listed = list(store.keys_older_than(-60))
        assert len(listed) == 12
        assert set(listed) == keys
        assert list(store.keys_older_than(60)) == []

    asyncio.run(scenario())


def test_a_reader_keeps_what_it_reads(store: FileStore) -> None:
    async def scenario() -> None:
        stored = await store.put(b"content")
        async with store.local(stored.key) as path:
            with path.open("rb") as file:
                await store.delete(stored.key)
                assert file.read() == b"content"

    asyncio.run(scenario())


def test_a_workspace_is_gone_afterwards_and_old_leftovers_too(store: FileStore) -> None:
    async def scenario() -> None:
        async with store.workspace() as folder:
            (folder / "file").write_bytes(b"x")
        assert left_in(store) == []
        fresh, old = store.spool / "fresh", store.spool / "old"
        fresh.write_bytes(b"")
        old.write_bytes(b"")
        os.utime(old, (time.time() - ABANDONED_SECONDS - 60,) * 2)
        await asyncio.to_thread(store.sweep_spool)
        assert left_in(store) == [fresh]

    asyncio.run(scenario())


def test_files_are_for_their_owner_only(store: FileStore) -> None:
    async def scenario() -> None:
        stored = await store.put(b"private")
        async with store.local(stored.key) as path:
            for each in (path.parent, *path.parent.rglob("*")):
                assert each.is_dir() or each.stat().st_mode & 0o077 == 0, each
                assert each.is_file() or each.stat().st_mode & 0o077 == 0, each

    asyncio.run(scenario())
