"""Files in an S3-compatible store: everything a process needs of them is in the store and in the settings.

The payload of each request is signed (SigV4 over its SHA-256), so that a store takes nothing that was damaged on its
way; the tag it answers is compared with ours. What comes down is checked against the SHA-256 that went up with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import obstore

from paraph.kit.faults import fault_point
from paraph.kit.log import log

from .asking import Asking, told
from .bucket import Bucket
from .cache import Cache
from .spool import sweep_folder, workspace_in
from .store import FilesUnavailable, StoredFile, is_key, place_of
from .sums import PART_BYTES, goes_in_parts, same_tag, sums_of
from .unfinished import abort_unfinished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from obstore import GetResult

    from paraph.kit.settings import Settings

    from .sums import Sums

PARTS_AT_ONCE = 2
"""Parts of one upload under way together: what a big file costs in memory."""
LISTED_AT_ONCE = 1000
BORROWING_TRIES = 5


class S3Files:
    """The store of many machines; local disk holds only copies that can be fetched again."""

    def __init__(self, bucket: Bucket, spool: Path, cache: Cache) -> None:
        self.bucket, self.spool, self._cache = bucket, spool, cache
        self.spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep_folder(self.spool)
        self._client = bucket.client()
        self._asking = Asking(bucket)
        self._fetching: dict[str, asyncio.Task[None]] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> S3Files:
        """Return the store that the settings name; nothing is asked of it yet."""
        folder = settings.data_dir / "cache" / "files"
        cache = Cache(folder, settings.s3_cache_bytes)
        return cls(Bucket.from_settings(settings), folder / "incoming", cache)

    async def put(self, source: Path | bytes) -> StoredFile:
        return await self.put_back(secrets.token_hex(20), source)

    async def take_over(self, source: Path | bytes, sha256: str) -> StoredFile:
        stored = await self.put(source)  # it has to be read anyway: the store proves itself by another sum
        if stored.sha256 != sha256:
            raise FilesUnavailable(f"{stored.key} is not what was taken in")
        return stored

    async def put_back(self, key: str, source: Path | bytes) -> StoredFile:
        """Send it up, and believe the store only when it proves that it has these bytes."""
        place = place_of(key)
        sums = await asyncio.to_thread(sums_of, source)
        fault_point("file.written")
        async with self._asking(sums.size):
            answer = await obstore.put_async(
                self._client,
                place,
                source,
                attributes={"sha256": sums.sha256},
                use_multipart=goes_in_parts(sums.size),
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
            if not same_tag(answer["e_tag"], sums.tag):
                await self._prove(place, sums)
        fault_point("file.placed")
        return StoredFile(key, sums.sha256, sums.size)

    @asynccontextmanager
    async def local(self, key: str) -> AsyncIterator[Path]:
        path = await self._borrow(key)
        try:
            yield path
        finally:
            await asyncio.to_thread(path.unlink, True)

    async def delete(self, key: str) -> None:
        place = place_of(key)
        await asyncio.to_thread(self._cache.forget, key)
        try:
            async with self._asking():
                with suppress(FileNotFoundError):
                    await obstore.delete_async(self._client, place)
        except FilesUnavailable as error:
            log("file_not_deleted", reason=error.detail)

    def workspace(self) -> AbstractAsyncContextManager[Path]:
        return workspace_in(self.spool)

    def keys_older_than(self, seconds: int) -> Iterator[str]:
        limit = datetime.now(UTC) - timedelta(seconds=seconds)
        with told():
            for page in obstore.list(self._client, chunk_size=LISTED_AT_ONCE):
                for entry in page:
                    key = entry["path"].rpartition("/")[2]
                    if is_key(key) and entry["last_modified"] < limit:
                        yield key

    def sweep_spool(self) -> None:
        sweep_folder(self.spool)
        self._cache.tidy()
        abort_unfinished(self.bucket)

    async def _borrow(self, key: str) -> Path:
        """A copy may be dropped for others between its arrival and its use."""
        place = place_of(key)
        for _ in range(BORROWING_TRIES):
            path = await asyncio.to_thread(self._cache.borrow, key)
            if path is not None:
                return path
            await asyncio.shield(self._fetch_once(key, place))
        raise FilesUnavailable("PARAPH_S3_CACHE_BYTES is too small for the files that are read at once")

    def _fetch_once(self, key: str, place: str) -> asyncio.Task[None]:
        """All who wait for a file share one download, which goes on when one of them leaves."""
        task = self._fetching.get(key)
        if task is None:
            task = self._fetching[key] = asyncio.create_task(self._fetch(key, place))
            task.add_done_callback(lambda done: self._fetched(key, done))
        return task

    def _fetched(self, key: str, task: asyncio.Task[None]) -> None:
        del self._fetching[key]
        if not task.cancelled():
            task.exception()  # nobody may be waiting any more

    async def _fetch(self, key: str, place: str) -> None:
        draft = self._cache.draft()
        try:
            await self._download(place, draft)
            await asyncio.to_thread(self._cache.keep, key, draft)
        except BaseException:
            await asyncio.to_thread(draft.unlink, True)
            raise

    async def _download(self, place: str, target: Path) -> None:
        async with self._asking() as asking:
            found = await obstore.get_async(self._client, place)
            size, expected = found.meta["size"], found.attributes.get("sha256")
            asking.expect(size)
            await asyncio.to_thread(self._cache.make_room, size)
            sums = await self._receive(found, place, size, target)
        # what another tool copied into the bucket came without a sum; rows know that of each document
        if sums.size != size or expected not in (None, sums.sha256):
            log("file_damaged", place=place, expected=expected, found=sums.sha256)
            raise FilesUnavailable(f"{place} came down damaged")

    async def _receive(self, found: GetResult, place: str, size: int, target: Path) -> Sums:
        """Write the object to a file, part by part: each part has its own time limit and tries."""
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            if not goes_in_parts(size):
                await asyncio.to_thread(file.write, await found.bytes_async())
            else:
                del found  # the connection it came by
                for start in range(0, size, PART_BYTES):
                    end = min(start + PART_BYTES, size)
                    part = await obstore.get_range_async(self._client, place, start=start, end=end)
                    await asyncio.to_thread(file.write, part)
        return await asyncio.to_thread(sums_of, target)

    async def _prove(self, place: str, sums: Sums) -> None:
        """The tag says nothing we know (encryption by KMS, another make of store): read it back."""
        digest = hashlib.sha256()
        for start in range(0, sums.size, PART_BYTES):
            end = min(start + PART_BYTES, sums.size)
            part = await obstore.get_range_async(self._client, place, start=start, end=end)
            await asyncio.to_thread(digest.update, part)
        size = (await obstore.head_async(self._client, place))["size"]
        if size != sums.size or digest.hexdigest() != sums.sha256:
            await obstore.delete_async(self._client, place)
            raise FilesUnavailable(f"{place} went up damaged")
