"""Housekeeping of the kit's own: counters, old mails, and files that nothing mentions any more.

Rooms take part by declaring the columns that hold keys of the file store as ``FileKey``.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, select

from . import limits
from .db import FileKey, ReadTx, WriteTx, metadata
from .holds import discard_files
from .log import log
from .mail import sweep_mails
from .queue import periodic
from .sms import sweep_text_messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from . import Kit

HOUR = 3600
ORPHAN_SECONDS = 86_400
"""A file is stored before the row that mentions it; a day is longer than any transaction takes to follow."""
BATCH = 500


@periodic("kit.sweep", every=HOUR)
async def sweep(_payload: dict[str, Any], kit: Kit) -> None:
    """Forget counters, mails and half-way uploads that are over."""

    def forget(tx: WriteTx) -> int:
        now = kit.clock.now()
        return limits.sweep(tx, now) + sweep_mails(tx, now) + sweep_text_messages(tx, now)

    while await kit.db.write(forget):
        continue
    await asyncio.to_thread(kit.files.sweep_spool)


@periodic("kit.sweep_files", every=6 * HOUR)
async def sweep_files(_payload: dict[str, Any], kit: Kit) -> None:
    """Delete files that have been in the store for a day and that no row mentions."""
    found = kit.files.keys_older_than(ORPHAN_SECONDS)
    while batch := await asyncio.to_thread(_next, found):
        known = await kit.db.read(lambda tx, keys=batch: mentioned_keys(tx, keys), long=True)  # type: ignore[misc]
        orphans = [key for key in batch if key not in known]
        await discard_files(orphans, kit)
        if orphans:
            log("orphaned_files_deleted", count=len(orphans))


def mentioned_keys(tx: ReadTx, keys: Sequence[str]) -> set[str]:
    """Return those of ``keys`` that some row of some table mentions."""
    return {row[0] for column in file_columns() for row in tx.all(select(column).where(column.in_(keys)))}


def file_columns() -> list[Column[Any]]:
    """Return every column that holds keys of the file store."""
    tables = metadata.tables.values()
    return [column for table in tables for column in table.columns if isinstance(column.type, FileKey)]


def _next(keys: Iterator[str]) -> list[str]:
    return list(islice(keys, BATCH))
