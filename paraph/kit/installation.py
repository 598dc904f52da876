"""What all processes of one installation must agree on, kept in the database that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, String, Table, Text, select

from .db import ReadTx, Utc, WriteTx, insert_or_ignore, metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

installation_marks = Table(
    "installation_marks",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    Column("recorded_at", Utc, nullable=False),
)


def marks(tx: ReadTx) -> dict[str, str]:
    """Return what was recorded, by name: a handful of rows."""
    return {row.name: row.value for row in tx.all(select(installation_marks))}


def record_marks(tx: WriteTx, wanted: Mapping[str, str], now: int) -> None:
    """Record what is new; of two processes that start at once the first one's values stay."""
    for name, value in wanted.items():
        row = {"name": name, "value": value, "recorded_at": now}
        insert_or_ignore(tx, installation_marks, row, unique=("name",))
