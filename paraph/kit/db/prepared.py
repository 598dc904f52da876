"""Statements of the hot paths: compiled once, run on the driver's own connection (decisions/0080).

What the Core does for a statement at each call (a key for its cache, a context, a cursor, wrapped rows) costs ten
times what SQLite takes to find a row by its index. Where every call of the API passes, that is most of its cost.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Executable

    from .driver import Driver
    from .tx import ReadTx, WriteTx

Process = Callable[[Any], Any]


class Prepared:
    """A statement whose values are ``bindparam``s; what it returns has its columns as attributes.

    It sees and joins the transaction that it is given, like any other statement. Lists of values (``IN``) are not
    for here: they make another statement for each length.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._plans: dict[str, Plan] = {}

    def all(self, tx: ReadTx, /, **values: Any) -> list[Any]:
        """Return all rows."""
        driver = tx.driver
        plan = self.plan(driver)
        return plan.rows(driver.fetch(plan.sql, plan.values(values)))

    def one_or_none(self, tx: ReadTx, /, **values: Any) -> Any:
        """Return the only row, or None; more than one row is a bug and raises."""
        return self.only(self.all(tx, **values))

    def only(self, rows: Sequence[Any]) -> Any:
        """Return the only one of these rows, or None; more than one row is a bug and raises."""
        if len(rows) > 1:
            raise AssertionError(f"more than one row: {self._statement}")
        return rows[0] if rows else None

    def scalar(self, tx: ReadTx, /, **values: Any) -> Any:
        """Return the first column of the first row, or None."""
        rows = self.all(tx, **values)
        return rows[0][0] if rows else None

    def changed(self, tx: WriteTx, /, **values: Any) -> int:
        """Run a statement that returns no rows and return how many it changed."""
        driver = tx.driver
        plan = self.plan(driver)
        return driver.change(plan.sql, plan.values(values))

    def scalar_alone(self, tx: WriteTx, /, **values: Any) -> Any:
        """As ``scalar``, for the one statement of its transaction; see ``Driver.fetch_alone``."""
        driver = tx.driver
        plan = self.plan(driver)
        rows = driver.fetch_alone(plan.sql, plan.values(values))
        return rows[0][0] if rows else None

    def plan(self, driver: Driver) -> Plan:
        """Return it in the SQL of the driver's engine."""
        plan = self._plans.get(driver.engine)
        if plan is None:
            plan = self._plans[driver.engine] = Plan(self._statement, driver.dialect)
        return plan


class Plan:
    """One statement in the SQL of one engine."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql: str = compiled.string
        self._parameters = tuple(_parameters(compiled, dialect))
        columns = statement.exported_columns
        self._make = _row_maker(list(columns.keys()))
        processes = [_process(column.type, dialect, of_result=True) for column in columns]
        self._processed = tuple((place, process) for place, process in enumerate(processes) if process)

    def values(self, given: dict[str, Any]) -> list[Any]:
        """What the driver is given, in its order."""
        values = []
        for name, fixed, process in self._parameters:
            value = given.get(name, fixed)
            values.append(value if process is None else process(value))
        return values

    def rows(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        make, processed = self._make, self._processed
        if not processed:
            return [make(row) for row in found]
        rows = []
        for row in found:
            cells = list(row)
            for place, process in processed:
                cells[place] = process(cells[place])
            rows.append(make(cells))
        return rows


def _row_maker(names: list[str]) -> Callable[[Iterable[Any]], Any]:
    plain: Any = namedtuple("Row", names)  # type: ignore[misc]  # its columns are known here only
    # as SQLAlchemy's own rows show themselves as a map
    kind: Any = type("Row", (plain,), {"__slots__": (), "_mapping": property(plain._asdict)})
    make: Callable[[Iterable[Any]], Any] = kind._make
    return make


def _parameters(compiled: Any, dialect: Dialect) -> Iterator[tuple[str, Any, Process | None]]:
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        if bind.expanding:
            raise ValueError(f"a prepared statement takes no list: {name}")
        yield name, bind.effective_value, _process(bind.type, dialect, of_result=False)


def _process(kind: Any, dialect: Dialect, *, of_result: bool) -> Process | None:
    found = kind.dialect_impl(dialect)
    process: Process | None = found.result_processor(dialect, None) if of_result else found.bind_processor(dialect)
    return process
