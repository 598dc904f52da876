"""A hold on deleting: while a backup copies the files that its snapshot mentions, none of them may go.

Whoever deletes a file takes it out of its row first. A file that is left in place because of a hold is therefore one
that no row mentions, and the next sweep deletes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, delete, select

from .db import ReadTx, Utc, WriteTx, metadata, upsert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from . import Kit

deletion_holds = Table(
    "deletion_holds",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("until", Utc, nullable=False),
)


def hold_deletions(tx: WriteTx, name: str, until: int) -> None:
    """Let no file be deleted until then; who holds calls again to go on, so that a killed one holds for ever no
    longer than it said."""
    upsert(tx, deletion_holds, {"name": name, "until": until}, unique=("name",), changes={"until": until})


def end_hold(tx: WriteTx, name: str) -> None:
    """Let files be deleted again."""
    tx.execute(delete(deletion_holds).where(deletion_holds.c.name == name))


def deletions_are_held(tx: ReadTx, now: int) -> bool:
    """True while anybody holds."""
    return tx.scalar(select(deletion_holds.c.name).where(deletion_holds.c.until > now).limit(1)) is not None


async def discard_files(keys: Iterable[str], kit: Kit) -> None:
    """Delete files that no row mentions any more, now or, during a hold, by a later sweep."""
    wanted = list(keys)
    # asked after the transaction that let go of the files: a hold that begins later has a snapshot without them
    if not wanted or await kit.db.read(lambda tx: deletions_are_held(tx, kit.clock.now())):
        return
    for key in wanted:
        await kit.files.delete(key)
