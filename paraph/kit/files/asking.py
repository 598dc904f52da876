"""Asking a store over the network: room, time and the names of its failures."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import obstore.exceptions

from paraph.kit.log import log

from .store import FilesUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from .bucket import Bucket

AT_ONCE = 32
"""Files on their way in one process; the others wait, within their time."""
SLOWEST_BYTES_A_SECOND = 512 * 1024
LONGEST_REASON = 300
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
NO_BUCKET = "NoSuchBucket"


class Asking:
    """Gives each file its room and time; raises FilesUnavailable for whatever the store fails at."""

    def __init__(self, bucket: Bucket) -> None:
        self._patience = bucket.patience
        self._room = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def __call__(self, size: int = 0) -> AsyncIterator[_Asked]:
        """Wait for room, then let the block take its time; ``size`` bytes may take longer than none."""
        with told():
            async with asyncio.timeout(self._patience + _seconds(size)) as limit, self._room:
                yield _Asked(limit)


class _Asked:
    def __init__(self, limit: asyncio.Timeout) -> None:
        self._limit = limit

    def expect(self, size: int) -> None:
        """So many bytes are on their way: they may take their time too."""
        until = self._limit.when()
        if until is not None and not self._limit.expired():
            self._limit.reschedule(until + _seconds(size))


@contextmanager
def told() -> Iterator[None]:
    """Turn what the client raises into FileNotFoundError or FilesUnavailable, the reason logged without secrets."""
    try:
        yield
    except FileNotFoundError as error:
        if NO_BUCKET not in str(error):
            raise
        raise _unavailable(error) from error
    except (obstore.exceptions.BaseError, TimeoutError, PermissionError) as error:
        raise _unavailable(error) from error


def reason_of(error: BaseException) -> str:
    """Say what the store answered: its own code and status when it gave them."""
    text = str(error)
    named = [match[1] for match in (_CODE.search(text), _STATUS.search(text)) if match]
    if named:
        return " ".join(named)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return text.partition("\n")[0][:LONGEST_REASON] or type(error).__name__


def _unavailable(error: BaseException) -> FilesUnavailable:
    reason = reason_of(error)
    log("file_store_failed", reason=reason)
    return FilesUnavailable(reason)


def _seconds(size: int) -> float:
    return size / SLOWEST_BYTES_A_SECOND
