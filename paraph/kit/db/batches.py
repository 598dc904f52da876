"""Housekeeping in small bites: no transaction holds rows for long, however much has gathered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, tuple_, update

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select, Table

    from .tx import WriteTx

BATCH = 1000


def delete_some(tx: WriteTx, table: Table, which: ColumnElement[bool]) -> int:
    """Delete up to a batch of these rows; return how many."""
    return tx.changed(delete(table).where(_key(table).in_(_some(table, which))))


def update_some(tx: WriteTx, table: Table, which: ColumnElement[bool], values: Mapping[str, Any]) -> int:
    """Change up to a batch of these rows, which then are none of these any more; return how many."""
    return tx.changed(update(table).where(_key(table).in_(_some(table, which))).values(values))


def _key(table: Table) -> Any:
    columns = list(table.primary_key.columns)
    return columns[0] if len(columns) == 1 else tuple_(*columns)


def _some(table: Table, which: ColumnElement[bool]) -> Select[Any]:
    return select(*table.primary_key.columns).where(which).limit(BATCH)
