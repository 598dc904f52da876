"""A transaction as rooms see it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from paraph.kit.log import log_failure

from .row_insert import row_insert

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable, Row, Table

    from .driver import Driver
    from .lookup import Asked, Lookup

    Ahead = tuple[Asked, list[Any]]

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class ReadTx:
    """A view of the database that cannot write; on SQLite one snapshot, on PostgreSQL one per statement.

    ``driver`` is for ``Prepared`` statements.
    """

    __slots__ = ("_ahead", "_connection", "_known", "driver")

    def __init__(self, connection: Connection, driver: Driver, ahead: Ahead | None = None) -> None:
        self._connection = connection
        self.driver = driver
        self._known: dict[Hashable, Any] = {}
        self._ahead = ahead

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's."""
        return self._connection

    def found_ahead(self, lookup: Lookup, key: object) -> list[Any] | None:
        """Return the rows of a look-up if it was asked just before this transaction, else None."""
        ahead = self._ahead
        return ahead[1] if ahead is not None and ahead[0].lookup is lookup and ahead[0].key == key else None

    def keep(self, what: Hashable, value: object) -> None:
        """Remember what a statement of this view read along, for a query of the same view that would ask again."""
        self._known[what] = value

    def kept(self, what: Hashable) -> Any:
        """Return what was kept in this view, or None."""
        return self._known.get(what)

    def execute(self, statement: Executable, parameters: Parameters | None = None) -> CursorResult[Any]:
        """Run ``statement`` and return its result."""
        return cast("CursorResult[Any]", self.connection.execute(statement, parameters))

    def one_or_none(self, statement: Executable, parameters: Parameters | None = None) -> Row[Any] | None:
        """Return the only row, or None; more than one row is a bug and raises."""
        return self.execute(statement, parameters).one_or_none()

    def all(self, statement: Executable, parameters: Parameters | None = None) -> list[Row[Any]]:
        """Return all rows."""
        return list(self.execute(statement, parameters).all())

    def scalar(self, statement: Executable, parameters: Parameters | None = None) -> Any:
        """Return the first column of the first row, or None."""
        return self.execute(statement, parameters).scalar()


class WriteTx(ReadTx):
    """The one write transaction of a request or job."""

    __slots__ = ("_after_commit",)

    def __init__(self, connection: Connection, driver: Driver, ahead: Ahead | None = None) -> None:
        super().__init__(connection, driver, ahead)
        self._after_commit: list[Callable[[], None]] = []

    def keep(self, what: Hashable, value: object) -> None:
        """Nothing is kept where it may change: each query of a write transaction asks."""

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run ``action`` once the transaction is durable; never if it rolls back."""
        self._after_commit.append(action)

    def run_after_commit(self) -> None:
        """For the engine: run what was registered. What is committed stays true, whatever becomes of an action."""
        for action in self._after_commit:
            try:
                action()
            except Exception:
                log_failure("after_commit_failed")

    def changed(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """Run an UPDATE or DELETE and return how many rows it changed: a compare-and-set is one such statement."""
        return self.execute(statement, parameters).rowcount

    def insert(self, table: Table, values: Mapping[str, Any]) -> int:
        """Insert one row and return its internal key; 0 for a table that has none."""
        prepared = row_insert(table, values)
        if prepared is not None:
            return prepared.insert(self, values)
        key = self.execute(table.insert().values(**values)).inserted_primary_key
        return key[0] if key and isinstance(key[0], int) else 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A nested transaction, so that one failing statement (a unique clash) does not spoil the rest."""
        self.connection.exec_driver_sql("SAVEPOINT inner_step")
        try:
            yield
        except BaseException:
            self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT inner_step")
            self.connection.exec_driver_sql("RELEASE SAVEPOINT inner_step")
            raise
        self.connection.exec_driver_sql("RELEASE SAVEPOINT inner_step")


def insert_or_ignore(tx: WriteTx, table: Table, values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert a row unless one with the same ``unique`` columns exists; return whether it was inserted."""
    make = sqlite_insert if tx.connection.dialect.name == "sqlite" else postgresql_insert
    statement = make(table).values(**values).on_conflict_do_nothing(index_elements=list(unique))
    return tx.changed(statement) == 1


def insert_all_or_ignore(tx: WriteTx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, but for those whose key is there already."""
    make = sqlite_insert if tx.connection.dialect.name == "sqlite" else postgresql_insert
    if rows:
        tx.execute(make(table).on_conflict_do_nothing(), rows)


def oldest_write_seconds(tx: ReadTx) -> int:
    """How long the oldest other transaction that has written something has been open; 0 if there is none."""
    if tx.connection.dialect.name == "sqlite":  # one writes at a time: this one
        return 0
    return int(tx.connection.exec_driver_sql(_OLDEST_WRITE).scalar() or 0)


_OLDEST_WRITE = (
    "SELECT extract(epoch FROM clock_timestamp() - min(xact_start))::bigint FROM pg_stat_activity "
    "WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()"
)


def upsert(
    tx: WriteTx, table: Table, values: Mapping[str, Any], *, unique: Sequence[str], changes: Mapping[str, Any]
) -> None:
    """Insert a row, or apply ``changes`` (values or SQL expressions) to the one with the same ``unique`` columns."""
    make = sqlite_insert if tx.connection.dialect.name == "sqlite" else postgresql_insert
    tx.execute(make(table).values(**values).on_conflict_do_update(index_elements=list(unique), set_=dict(changes)))
