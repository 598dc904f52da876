"""Transactions of PostgreSQL that begin as late as they can: each BEGIN and COMMIT is a round trip.

What was looked up ahead needs no transaction, for at READ COMMITTED each statement sees a snapshot of its own; and a
statement that is the only one is a transaction by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.faults import fault_point

from .tx import WriteTx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Dialect

    from .driver import AsyncpgDriver, Rows


class LateDriver:
    """Begins the transaction of a connection with its first statement, unless that is the only one."""

    engine = "postgresql"

    def __init__(self, driver: AsyncpgDriver, begun: bool) -> None:
        self._driver = driver
        self.dialect: Dialect = driver.dialect
        self.begun = begun
        self.was_alone = False
        self._is_over = False

    def begin(self) -> None:
        """Begin it, if that was not done."""
        if self._is_over:
            raise AssertionError("a statement after the one that was alone in its transaction")
        if not self.begun:
            self._driver.begin("")
            self.begun = True

    def fetch(self, sql: str, values: Sequence[Any]) -> Rows:
        self.begin()
        return self._driver.fetch(sql, values)

    def change(self, sql: str, values: Sequence[Any]) -> int:
        self.begin()
        return self._driver.change(sql, values)

    def fetch_alone(self, sql: str, values: Sequence[Any]) -> Rows:
        if self.begun:
            return self._driver.fetch(sql, values)
        fault_point("commit.before")
        self.was_alone = True  # a connection that drops from here on leaves open whether it was committed
        rows = self._driver.fetch(sql, values)
        self._is_over = bool(rows and rows[0][0])
        self.was_alone = self._is_over
        return rows


class LateTx(WriteTx):
    """A write transaction of a ``LateDriver``."""

    __slots__ = ()

    driver: LateDriver

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's; whoever asks for it is about to use it."""
        self.driver.begin()
        return self._connection
