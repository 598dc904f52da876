"""Rows of several tables in one statement, with keys that are known before.

On PostgreSQL each statement is a round trip, which costs more than what the server does for a row. Where keys are
reserved first, no row waits for another's, so that all of them go at once; foreign keys are checked at its end.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, func, insert, literal, literal_column, select
from sqlalchemy.types import NullType

from .prepared import Prepared
from .tables import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Table

    from .tx import WriteTx

AT_ONCE = 12
"""Rows of one statement: what is sent to few people for signing has fewer."""
SHAPES_KEPT = 256


class NextKeys:
    """Reserves internal keys of these tables; what is reserved is inserted in the same transaction."""

    def __init__(self, *tables: Table) -> None:
        self._engines = {
            "sqlite": Prepared(select(*(_last_key(table) for table in tables))),
            "postgresql": Prepared(select(*(_new_keys(table) for table in tables))),
        }

    def reserve(self, tx: WriteTx, **counts: int) -> dict[str, list[int]]:
        """Return so many keys for each table, by its name."""
        found = self._engines[tx.driver.engine].one_or_none(tx, **counts)._mapping
        if tx.driver.engine == "postgresql":
            return {name: list(keys or ()) for name, keys in found.items()}
        # nobody else writes until this transaction ends
        return {name: list(range(last + 1, last + 1 + counts[name])) for name, last in found.items()}


def insert_together(tx: WriteTx, rows: Sequence[tuple[Table, Mapping[str, Any]]]) -> None:
    """Insert rows that have their keys, those that others refer to first."""
    if tx.driver.engine == "sqlite":
        for table, values in rows:
            tx.insert(table, values)
        return
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        given = {f"v{place}_{name}": value for place, (_, row) in enumerate(some) for name, value in row.items()}
        _inserting(tuple((table.name, tuple(row)) for table, row in some)).scalar(tx, **given)


@lru_cache(SHAPES_KEPT)
def _inserting(shape: tuple[tuple[str, tuple[str, ...]], ...]) -> Prepared:
    added = []
    for place, (name, columns) in enumerate(shape):
        table = metadata.tables[name]
        values = {column: bindparam(f"v{place}_{column}", type_=table.c[column].type) for column in columns}
        added.append(insert(table).values(values).cte(f"row_{place}"))
    return Prepared(select(literal(1).label("done")).add_cte(*added))


def _last_key(table: Table) -> Any:
    return select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery().label(table.name)


def _new_keys(table: Table) -> Any:
    count = bindparam(table.name, type_=Integer)
    one: Any = literal_column(f"nextval('{table.name}_id_seq')")
    keys = select(func.array_agg(one, type_=NullType())).select_from(func.generate_series(1, count))
    return keys.scalar_subquery().label(table.name)
