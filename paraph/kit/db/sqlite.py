"""SQLite, owned by one process: reads in-line, writes in groups that share one commit.

Group commit is what makes durable writes fast here: the statements of all waiting requests run one after the
other, each behind its own SAVEPOINT, and one fsync makes them all durable. The commit waits in a thread, so the
event loop goes on.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from paraph.kit.errors import ParaphError
from paraph.kit.faults import fault_point

from .ahead import AheadTx, MoreWanted
from .driver import SqliteDriver
from .patience import is_unhurried
from .tx import ReadTx, WriteTx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .lookup import Asked

T = TypeVar("T")
Outcome = tuple["asyncio.Future[Any]", WriteTx, Any, BaseException | None]

BUSY_MILLISECONDS = 15_000
LONG_READERS = 2
STEPS_BETWEEN_LOOKS = 100_000
"""Of SQLite's virtual machine, between two looks at the time: some milliseconds of work."""
GROUP_LIMIT = 200
"""Requests that may share one commit: bounds how long the first of them waits."""


class SqliteDatabase:
    """The embedded engine."""

    name = "sqlite"

    def __init__(self, path: Path, statement_seconds: float = 0) -> None:
        """``statement_seconds``: how long what a ``long`` read asks for may take; 0: for ever."""
        self.path = path
        self._statement_seconds = statement_seconds
        self._queue: list[tuple[Callable[[WriteTx], Any], asyncio.Future[Any]]] = []
        self._groups = self._grouped = 0
        self._busy = False
        self._idle = asyncio.Event()
        self._committer = ThreadPoolExecutor(1, "sqlite-commit")
        self._readers = ThreadPoolExecutor(LONG_READERS, "sqlite-read")

    async def open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = self._connect()
        self._reader = self._connect_reader()
        self._long_readers = [self._connect_reader() for _ in range(LONG_READERS)]
        self._raw: sqlite3.Connection = self._writer.connection.dbapi_connection  # type: ignore[assignment]
        self._driver = SqliteDriver(self._raw, self._writer.dialect)
        self._idle.set()

    async def close(self) -> None:
        await self._idle.wait()
        self._committer.shutdown()
        self._readers.shutdown()
        readers = [reader.connection for reader in (self._reader, *self._long_readers)]
        for connection in (self._writer, *readers):
            connection.close()
            connection.engine.dispose()

    def figures(self) -> dict[str, float]:
        return {"commit_groups": self._groups, "grouped_writes": self._grouped, "writes_waiting": len(self._queue)}

    async def read(self, query: Callable[[ReadTx], T], *, long: bool = False, ahead: Asked | None = None) -> T:
        if ahead is not None:  # a statement by itself is a snapshot of its own
            with suppress(MoreWanted):
                return query(AheadTx(self.name, (ahead, self._reader.find(ahead))))
        if not long:
            return self._reader.view(query)
        seconds = 0 if is_unhurried() else self._statement_seconds
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read_apart, query, seconds)

    async def write(self, verb: Callable[[WriteTx], T], *, ahead: Asked | None = None) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        # verbs of several requests share a transaction, but each keeps its own context (the language spoken)
        context = copy_context()
        self._queue.append((lambda tx: context.run(verb, tx), future))
        if not self._busy:
            self._busy = True
            self._idle.clear()
            loop.call_soon(self._begin)
        return await future

    def _connect(self) -> Connection:
        engine = create_engine(
            f"sqlite:///{self.path}",
            poolclass=StaticPool,
            hide_parameters=True,  # failures are logged, and kept beside jobs: values are people's data
            connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 512},
        )
        event.listen(engine, "connect", _configure)
        return engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _connect_reader(self) -> _Reader:
        connection = self._connect()
        connection.exec_driver_sql("PRAGMA query_only=ON").close()
        return _Reader(connection)

    def _read_apart(self, query: Callable[[ReadTx], T], seconds: float) -> T:
        reader = self._long_readers.pop()
        try:
            with reader.ends_after(seconds):
                return reader.view(query)
        finally:
            self._long_readers.append(reader)

    def _begin(self) -> None:
        try:
            self._raw.execute("PRAGMA busy_timeout=0")
            self._raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error:
            # another process (the command line) holds the lock: wait for it away from the event loop
            self._in_thread(self._begin_patiently, self._begun)
        else:
            self._run_group()

    def _begin_patiently(self) -> None:
        self._raw.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        self._raw.execute("BEGIN IMMEDIATE")

    def _begun(self, error: BaseException | None) -> None:
        if error is None:
            self._run_group()
        else:
            waiting, self._queue = self._queue, []
            self._abandon([future for _, future in waiting], error)

    def _abandon(self, waiting: list[asyncio.Future[Any]], error: BaseException) -> None:
        with suppress(sqlite3.Error):  # a disk that fails may fail this too; nothing was committed
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
        for future in waiting:
            _settle(future, None, error)
        self._next_group()

    def _run_group(self) -> None:
        group, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
        self._groups += 1
        self._grouped += len(group)
        try:
            outcomes = [self._run_one(verb, future) for verb, future in group]
        except _GroupLost as lost:
            return self._abandon([future for _, future in group], lost.why)
        except sqlite3.Error as error:
            return self._abandon([future for _, future in group], error)
        fault_point("commit.before")
        return self._in_thread(lambda: self._raw.execute("COMMIT"), lambda error: self._finish(outcomes, error))

    def _run_one(self, verb: Callable[[WriteTx], Any], future: asyncio.Future[Any]) -> Outcome:
        tx = WriteTx(self._writer, self._driver)
        self._raw.execute("SAVEPOINT request")
        try:
            result, failure = verb(tx), None
        except BaseException as error:
            result, failure = None, error
            if not self._raw.in_transaction:
                raise _GroupLost(error) from error
            if not _keeps_writes(error):
                self._raw.execute("ROLLBACK TO request")
        self._raw.execute("RELEASE request")
        return future, tx, result, failure

    def _finish(self, outcomes: list[Outcome], commit_error: BaseException | None) -> None:
        if commit_error is not None:
            return self._abandon([future for future, *_ in outcomes], commit_error)
        fault_point("commit.after")
        for future, tx, result, failure in outcomes:
            _settle(future, result, failure)
            if failure is None or _keeps_writes(failure):
                tx.run_after_commit()
        return self._next_group()

    def _next_group(self) -> None:
        if self._queue:
            self._begin()
        else:
            self._busy = False
            self._idle.set()

    def _in_thread(self, work: Callable[[], Any], then: Callable[[BaseException | None], None]) -> None:
        future = asyncio.get_running_loop().run_in_executor(self._committer, work)
        future.add_done_callback(lambda done: then(done.exception()))


class _GroupLost(Exception):
    """On a full disk or an I/O error SQLite rolls back everything, our savepoints included."""

    def __init__(self, why: BaseException) -> None:
        super().__init__()
        self.why = why


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    # synchronous=FULL: what was acknowledged survives a power cut
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


class _Reader:
    """A connection that only reads."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._raw: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]
        self._driver = SqliteDriver(self._raw, connection.dialect)

    @contextmanager
    def ends_after(self, seconds: float) -> Iterator[None]:
        """Interrupt the statements of the block when it takes longer; 0: never. They fail as an outage does."""
        if seconds:
            end = time.monotonic() + seconds
            self._raw.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
        try:
            yield
        finally:
            self._raw.set_progress_handler(None, 0)

    def find(self, asked: Asked) -> list[Any]:
        """Return what was asked ahead."""
        return asked.lookup.all(ReadTx(self.connection, self._driver), key=asked.key)

    def view(self, query: Callable[[ReadTx], T]) -> T:
        """Run a query; its statements see one and the same snapshot."""
        self._raw.execute("BEGIN")
        try:
            return query(ReadTx(self.connection, self._driver))
        finally:
            self._raw.execute("ROLLBACK")


def _keeps_writes(failure: BaseException) -> bool:
    return isinstance(failure, ParaphError) and failure.keeps_writes


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():  # the client went away
        return
    if error is None:
        future.set_result(result)
    elif isinstance(error, StopIteration):  # a future cannot carry one
        future.set_exception(RuntimeError("a verb leaked StopIteration"))
    else:
        future.set_exception(error)
