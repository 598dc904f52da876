"""Changes of tables that processes go on writing to. Each may be repeated: a migration that was killed begins anew.

On PostgreSQL an index is built CONCURRENTLY, outside any transaction, so what a script did before it is committed by
then (docs/migrations.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from collections.abc import Sequence

_IS_VALID = sa.text(
    "SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
    "WHERE relname = :name AND pg_table_is_visible(pg_class.oid)"
)


def create_index(
    name: str, table: str, columns: Sequence[Any], *, unique: bool = False, where: str | None = None
) -> None:
    """Make an index while rows are written; one that a killed run left unfinished is made anew."""
    condition = None if where is None else sa.text(where)
    if not _on_postgresql():
        op.create_index(name, table, columns, unique=unique, sqlite_where=condition, if_not_exists=True)
        return
    with op.get_context().autocommit_block():
        is_valid = op.get_bind().scalar(_IS_VALID, {"name": name})
        if is_valid is False:
            op.drop_index(name, postgresql_concurrently=True)
        if not is_valid:
            options: dict[str, Any] = {"postgresql_concurrently": True, "postgresql_where": condition}
            op.create_index(name, table, columns, unique=unique, **options)


def drop_index(name: str, table: str) -> None:
    """Remove an index while rows are written."""
    if not _on_postgresql():
        op.drop_index(name, table, if_exists=True)
        return
    with op.get_context().autocommit_block():
        op.drop_index(name, postgresql_concurrently=True, if_exists=True)


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column that may be null or has a default of the server: no row is rewritten."""
    if not column.nullable and column.server_default is None:
        raise ValueError(f"{table}.{column.name}: processes of the version before could not insert rows any more")
    names = {known["name"] for known in sa.inspect(op.get_bind()).get_columns(table)}
    if column.name not in names:
        op.add_column(table, column)


def create_table(name: str, *parts: Any, **options: Any) -> None:
    """Make a table unless it is there."""
    op.create_table(name, *parts, if_not_exists=True, **options)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
