"""Rows found by one value: a credential, a token, a code. The first thing that a call asks the database.

Such a statement can be asked ahead of a transaction, and on PostgreSQL together with those of other calls: while one
is under way, those that come wait for it and go as one statement. A round trip of ten look-ups costs little more than
that of one (docs/speed.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from .prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select

    from .driver import Driver, Rows
    from .tx import ReadTx


@dataclass(frozen=True, slots=True)
class Asked:
    """What a transaction will look up first."""

    lookup: Lookup
    key: Any


class Lookup(Prepared):
    """A SELECT without locks, of the rows whose ``column`` has a value."""

    def __init__(self, statement: Select[Any], column: ColumnElement[Any]) -> None:
        super().__init__(statement.where(column == bindparam("key", type_=column.type)))
        keys = bindparam("keys", type_=ARRAY(column.type))
        self._several = Prepared(statement.add_columns(column.label("asked_key")).where(column == any_(keys)))

    def asked(self, key: Any) -> Asked:
        """What to hand to ``Database.read`` or ``write``, so that it is asked ahead."""
        return Asked(self, key)

    def found(self, tx: ReadTx, key: Any) -> list[Any]:
        """Return the rows: what was asked ahead of this transaction, or what the database has."""
        ahead = tx.found_ahead(self, key)
        return self.all(tx, key=key) if ahead is None else ahead

    def found_one(self, tx: ReadTx, key: Any) -> Any:
        """Return the only row, or None; more than one row is a bug and raises."""
        return self.only(self.found(tx, key))

    def several(self, driver: Driver, keys: Sequence[Any]) -> tuple[str, list[Any]]:
        """Return the statement that finds the rows of all ``keys``, and its values; PostgreSQL only."""
        plan = self._several.plan(driver)
        return plan.sql, plan.values({"keys": list(keys)})

    def by_key(self, driver: Driver, found: Rows) -> dict[Any, list[Any]]:
        """Sort what ``several`` found."""
        sorted_rows: dict[Any, list[Any]] = {}
        for row in self._several.plan(driver).rows(found):
            sorted_rows.setdefault(row.asked_key, []).append(row)
        return sorted_rows
