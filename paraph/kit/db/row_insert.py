"""The INSERT of one row, prepared once for each table and set of columns.

Built anew for each row it costs 250 µs, most of what a small transaction does; prepared, 10 (docs/speed.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ClauseElement, bindparam, insert

from .prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table

    from .tx import WriteTx

_made: dict[tuple[str, tuple[str, ...]], RowInsert] = {}


class RowInsert:
    """Inserts rows that have these columns."""

    def __init__(self, table: Table, columns: tuple[str, ...]) -> None:
        numbered = table.autoincrement_column
        self._given_key = next(iter(table.primary_key.columns.keys()), "")
        self._is_numbered = numbered is not None and numbered.key not in columns
        statement: Any = insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})
        self._prepared = Prepared(statement.returning(numbered) if self._is_numbered else statement)

    def insert(self, tx: WriteTx, values: Mapping[str, Any]) -> int:
        """Insert the row and return its internal key; 0 for a table that has none."""
        if self._is_numbered:
            return int(self._prepared.scalar(tx, **values))
        self._prepared.changed(tx, **values)
        given = values.get(self._given_key)
        return given if isinstance(given, int) else 0


def row_insert(table: Table, values: Mapping[str, Any]) -> RowInsert | None:
    """Return what inserts such a row; None for one that only the Core can: SQL among the values, or defaults."""
    if any(isinstance(value, ClauseElement) for value in values.values()):
        return None
    known = (table.name, tuple(values))
    found = _made.get(known)
    if found is None:
        if any(column.default is not None and column.key not in values for column in table.columns):
            return None
        found = _made[known] = RowInsert(table, known[1])
    return found
