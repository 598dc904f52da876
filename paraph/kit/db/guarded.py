"""A compare-and-set, and what is inserted only if it changed its row, as one statement where the engine has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Table, bindparam, func, insert, literal, select, update

from .prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Column, ColumnElement, Update

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
        """Run it as the last statement of its transaction; True when the row was changed and the others inserted."""
        if tx.driver.engine == "postgresql":
            return bool(self._at_once.scalar_alone(tx, **values))
        if self._change.changed(tx, **values) != 1:
            return False
        for statement in self._inserts:
            statement.changed(tx, **values)
        return True


def prepared_insert(table: Table, names: Mapping[str, str]) -> Prepared:
    """The INSERT of one row; ``names``: by column the name of its value."""
    return Prepared(_insert(table, names))


def _at_once(change: Update, inserts: Mapping[Table, Mapping[str, str]]) -> Any:
    changed = change.returning(literal(1).label("one")).cte("changed")
    added = []
    for number, (table, names) in enumerate(inserts.items()):
        binds = _binds(table, names)
        row = select(*binds.values()).select_from(changed)
        added.append(insert(table).from_select(list(binds), row).cte(f"added_{number}"))
    return select(func.count().label("changed")).select_from(changed).add_cte(*added)


def _binds(table: Table, names: Mapping[str, str]) -> dict[str, BindParameter[Any]]:
    return {column: _bind(table, column, name) for column, name in names.items()}


class GuardedChain:
    """A row that is used once, the row made from it whose key it keeps, and rows that hang on that key.

    ``free`` says which row and that nobody used it; ``marks`` is what using it sets. ``kept_in`` is its column for
    the key of the row that is ``made``; ``hanging`` names the value that this key is, and the rows that have it.
    Columns are given the names of their values, as in ``Guarded``. One round trip on PostgreSQL.
    """

    def __init__(
        self,
        free: ColumnElement[bool],
        marks: Mapping[Column[Any], str],
        made: tuple[Table, Mapping[str, str]],
        kept_in: Column[Any],
        hanging: tuple[str, Mapping[Table, Mapping[str, str]]],
    ) -> None:
        self._key_name, inserts = hanging
        used, key, binds = kept_in.table, kept_in.name, _marks(marks)
        assert isinstance(used, Table)
        self._marked = Prepared(update(used).where(free).values(binds))
        self._made = Prepared(_insert(*made).returning(made[0].c.id))
        self._kept = Prepared(
            update(used)
            .where(used.c.id == bindparam("used_pk", type_=used.c.id.type))
            .values({key: bindparam(self._key_name, type_=kept_in.type)})
        )
        self._hanging = [prepared_insert(table, names) for table, names in inserts.items()]
        self._at_once = Prepared(self._chain(free, binds, made, kept_in, inserts))

    def did(self, tx: WriteTx, /, *, used_pk: int, **values: Any) -> int | None:
        """Run it as the last statement of its transaction; return the key of the row that was made.

        None when the row was not free: then nothing is done.
        """
        if tx.driver.engine == "postgresql":
            key: int | None = self._at_once.scalar_alone(tx, **values)
            return key
        if self._marked.changed(tx, **values) != 1:
            return None
        made = int(self._made.scalar(tx, **values))
        own = values | {self._key_name: made, "used_pk": used_pk}
        for statement in (self._kept, *self._hanging):
            statement.changed(tx, **own)
        return made

    def _chain(
        self,
        free: ColumnElement[bool],
        marks: dict[Any, Any],
        made: tuple[Table, Mapping[str, str]],
        kept_in: Column[Any],
        inserts: Mapping[Table, Mapping[str, str]],
    ) -> Any:
        used, (table, names) = kept_in.table, made
        # whoever waits here for the lock of another looks at the row anew, and finds it used
        locked = select(used.c.id).where(free).with_for_update().cte("locked")
        binds = _binds(table, names)
        row = select(*binds.values()).select_from(locked)
        new = insert(table).from_select(list(binds), row).returning(table.c.id).cte("new")
        mark = update(used).where(used.c.id == locked.c.id).values({**marks, kept_in: new.c.id})
        parts = [mark.cte("marked")]
        for number, (other, columns) in enumerate(inserts.items()):
            values = {
                name: new.c.id if bind == self._key_name else _bind(other, name, bind)
                for name, bind in columns.items()
            }
            below = select(*values.values()).select_from(new)
            parts.append(insert(other).from_select(list(values), below).cte(f"below_{number}"))
        return select(new.c.id).add_cte(*parts)


def _marks(marks: Mapping[Column[Any], str]) -> dict[Any, Any]:
    return {column: bindparam(name, type_=column.type) for column, name in marks.items()}


def _bind(table: Table, column: str, name: str) -> BindParameter[Any]:
    return bindparam(name, type_=table.c[column].type)


def _insert(table: Table, names: Mapping[str, str]) -> Any:
    return insert(table).values(_binds(table, names))
