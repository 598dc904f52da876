"""A compare-and-set, and what is inserted only if it changed its row, as one statement where the engine has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, bindparam, func, insert, literal, select

from .prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table, Update

    from .tx import WriteTx


class Guarded:
    """An UPDATE that changes one row or none, and rows to insert if it changed one.

    ``inserts``: by table, the column and the name of its value. On PostgreSQL one round trip; on SQLite, where a
    statement costs microseconds, several.
    """

    def __init__(self, change: Update, inserts: Mapping[Table, Mapping[str, str]]) -> None:
        self._change = Prepared(change)
        self._inserts = [prepared_insert(table, names) for table, names in inserts.items()]
        self._at_once = Prepared(_at_once(change, inserts))

    def did(self, tx: WriteTx, /, **values: Any) -> bool:
        """Run it; True when the row was changed, and so the others inserted."""
        if tx.driver.engine == "postgresql":
            return bool(self._at_once.scalar(tx, **values))
        if self._change.changed(tx, **values) != 1:
            return False
        for statement in self._inserts:
            statement.changed(tx, **values)
        return True


def prepared_insert(table: Table, names: Mapping[str, str]) -> Prepared:
    """The INSERT of one row; ``names``: by column the name of its value."""
    return Prepared(insert(table).values(_binds(table, names)))


def _at_once(change: Update, inserts: Mapping[Table, Mapping[str, str]]) -> Any:
    changed = change.returning(literal(1).label("one")).cte("changed")
    added = []
    for number, (table, names) in enumerate(inserts.items()):
        binds = _binds(table, names)
        row = select(*binds.values()).select_from(changed)
        added.append(insert(table).from_select(list(binds), row).cte(f"added_{number}"))
    return select(func.count().label("changed")).select_from(changed).add_cte(*added)


def _binds(table: Table, names: Mapping[str, str]) -> dict[str, BindParameter[Any]]:
    return {column: bindparam(name, type_=table.c[column].type) for column, name in names.items()}
