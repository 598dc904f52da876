"""The store far away: damage is seen, slowness has an end, copies are bounded and shared, nothing is left behind."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from paraph.kit.files import FileStore, FilesUnavailable, unfinished
from paraph.kit.files.bucket import Bucket
from paraph.kit.files.unfinished import abort_unfinished
from paraph.kit.settings import Settings
from tests.files.conftest import MakeStore
from tests.helpers.meddler import Meddler
from tests.helpers.object_store import ObjectStore

MIB = 1 << 20
ROOT = Path(__file__).parents[2]


async def read(store: FileStore, key: str) -> bytes:
    async with store.local(key) as path:
        return path.read_bytes()


@pytest.mark.parametrize("size", [100_000, 9 * MIB], ids=["one request", "parts"])
def test_what_is_damaged_on_its_way_up_is_refused(far: MakeStore, meddler: Meddler, size: int) -> None:
    store = far()

    async def scenario() -> None:
        meddler.damages_up = True
        with pytest.raises(FilesUnavailable, match=r"XAmzContentSHA256Mismatch|BadDigest|InvalidRequest"):
            await store.put(os.urandom(size))
        meddler.behave()
        assert list(store.keys_older_than(-60)) == []

    asyncio.run(scenario())


def test_what_is_damaged_on_its_way_down_is_refused(far: MakeStore, meddler: Meddler) -> None:
    store = far()

    async def scenario() -> None:
        stored = await store.put(b"x" * 1000)
        meddler.damages_down = True
        with pytest.raises(FilesUnavailable, match="came down damaged"):
            await read(store, stored.key)
        meddler.behave()
        assert await read(store, stored.key) == b"x" * 1000

    asyncio.run(scenario())


def test_a_store_with_tags_of_another_make_is_read_back(
    far: MakeStore, meddler: Meddler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Encryption by KMS gives tags that are no MD5: then the bytes themselves are compared."""
    store = far()
    monkeypatch.setattr("paraph.kit.files.s3.same_tag", lambda given, tag: False)

    async def scenario() -> None:
        for size in (0, 1000, 9 * MIB):
            assert (await store.put(os.urandom(size))).size == size
        before = set(store.keys_older_than(-60))
        meddler.damages_down = True
        with pytest.raises(FilesUnavailable, match="went up damaged"):
            await store.put(os.urandom(1000))
        meddler.behave()
        assert set(store.keys_older_than(-60)) == before

    asyncio.run(scenario())


def test_a_short_failure_is_survived_and_a_long_one_has_an_end(far: MakeStore, meddler: Meddler) -> None:
    store = far()

    async def scenario() -> None:
        meddler.failing = 2
        stored = await store.put(b"content")
        meddler.failing = 2
        assert await read(store, stored.key) == b"content"
        meddler.failing = 1000
        for attempt in (store.put(b"other"), read(far("b"), stored.key)):
            with pytest.raises(FilesUnavailable, match="SlowDown 503"):
                await attempt
        await store.delete(stored.key)  # left to the sweep
        with pytest.raises(FilesUnavailable, match="SlowDown 503"):
            list(store.keys_older_than(0))
        meddler.behave()
        assert list(store.keys_older_than(-60)) == [stored.key]

    asyncio.run(scenario())


def test_a_silent_store_is_not_waited_for(far: MakeStore, meddler: Meddler) -> None:
    store = far(s3_seconds=1)

    async def scenario() -> None:
        stored = await far("b").put(b"content")
        meddler.delay = 30
        started = time.monotonic()
        attempts = [store.put(b"x"), *(read(store, stored.key) for _ in range(3)), store.put(os.urandom(9 * MIB))]
        found = await asyncio.gather(*attempts, return_exceptions=True)
        assert [type(one) for one in found] == [FilesUnavailable] * 5
        # three tries of a second each, and what 9 MiB may take besides
        assert time.monotonic() - started < 40
        meddler.behave()
        assert await read(far("b"), stored.key) == b"content"

    asyncio.run(scenario())


def test_wrong_keys_and_buckets_are_named(far: MakeStore) -> None:
    async def scenario() -> None:
        with pytest.raises(FilesUnavailable, match="SignatureDoesNotMatch"):
            await far(s3_secret_access_key="wrong").put(b"x")
        lost = far(s3_bucket="no-such-bucket")
        for attempt in (lost.put(b"x"), read(lost, "a" * 40)):
            with pytest.raises(FilesUnavailable, match="NoSuchBucket"):
                await attempt

    asyncio.run(scenario())


def test_credentials_of_the_environment_are_not_used(far: MakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "other", "SECRET_ACCESS_KEY": "other", "SESSION_TOKEN": "other"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    assert asyncio.run(far().put(b"x")).size == 1


def test_readers_share_one_download_and_then_the_copy(far: MakeStore, meddler: Meddler) -> None:
    store = far()

    async def scenario() -> None:
        stored = await store.put(b"content")
        meddler.behave()
        meddler.delay = 0.2
        leaving = asyncio.create_task(read(store, stored.key))
        staying = [asyncio.create_task(read(store, stored.key)) for _ in range(10)]
        await asyncio.sleep(0.05)
        leaving.cancel()
        assert await asyncio.gather(*staying) == [b"content"] * 10
        assert await read(store, stored.key) == b"content"
        assert meddler.asked("GET") == 1

    asyncio.run(scenario())


def test_copies_are_bounded_and_the_least_read_go_first(far: MakeStore, tmp_path: Path, meddler: Meddler) -> None:
    store = far(s3_cache_bytes=1_000_000)
    kept = tmp_path / "a/cache/files/kept"

    async def scenario() -> None:
        keys = [(await store.put(os.urandom(300_000))).key for _ in range(5)]
        async with store.local(keys[0]) as held:
            for key in keys:
                await read(store, key)
                await read(store, keys[1])  # keeps it
                assert sum(path.stat().st_size for path in kept.iterdir()) <= 1_000_000
            assert held.stat().st_size == 300_000
        assert keys[1] in {path.name for path in kept.iterdir()}
        assert keys[0] not in {path.name for path in kept.iterdir()}
        assert list((kept.parent / "read").iterdir()) == []

    asyncio.run(scenario())
    meddler.behave()
    small = far(s3_cache_bytes=0)
    stored = asyncio.run(small.put(b"x" * 1000))
    assert asyncio.run(read(small, stored.key)) == b"x" * 1000


def test_a_copy_does_not_outlive_its_file_by_more_than_a_day(far: MakeStore, tmp_path: Path) -> None:
    here, there = far("a"), far("b")

    async def scenario() -> None:
        key = (await here.put(b"content")).key
        await read(there, key)
        await here.delete(key)
        copy = tmp_path / "b/cache/files/kept" / key
        assert copy.exists()
        os.utime(copy, (time.time() - 90_000,) * 2)
        await asyncio.to_thread(there.sweep_spool)
        assert not copy.exists()
        with pytest.raises(FileNotFoundError):
            await read(there, key)

    asyncio.run(scenario())


def test_unfinished_uploads_are_aborted_page_by_page(
    object_store: ObjectStore, bucket: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfinished, "PAGE", 2)
    place = Bucket.from_settings(Settings(**bucket, s3_prefix="some/where"))
    for number in range(3):
        key = f"some/where/aa/aa/{number:040x}"
        assert object_store.ask("POST", place.name, key, "uploads=").status_code == 200
    foreign = "other/aa/aa/" + "a" * 40
    assert object_store.ask("POST", place.name, foreign, "uploads=").status_code == 200
    assert abort_unfinished(place) == 0
    assert abort_unfinished(place, older_than=-60) == 3
    assert abort_unfinished(place, older_than=-60) == 0
    assert foreign in object_store.ask("GET", place.name, query="uploads=").text


def test_a_big_file_is_never_whole_in_memory(
    object_store: ObjectStore, bucket: dict[str, Any], tmp_path: Path
) -> None:
    program = """
import asyncio, json, resource, sys
from pathlib import Path
from paraph.kit.files import open_files
from paraph.kit.settings import Settings

async def main():
    settings = json.loads(sys.argv[1])
    folder = Path(settings.pop("data_dir"))
    store = open_files(Settings(data_dir=folder, **settings))
    await store.put(b"x" * 1000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    big = folder / "big"
    with big.open("wb") as file:
        for _ in range(48):
            file.write(bytes(1 << 20))
    stored = await store.put(big)
    async with store.local(stored.key) as path:
        assert path.stat().st_size == 48 << 20
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main())
"""
    settings = json.dumps(bucket | {"s3_endpoint": object_store.url, "data_dir": str(tmp_path)})
    done = subprocess.run(
        [sys.executable, "-c", program, settings], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    grown = int(done.stdout) * 1024
    assert grown < 40 * MIB, grown
