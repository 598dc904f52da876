"""Trouble with what this server stands on (disk, database, file store), told apart from mistakes of its own.

Who calls is told to come again; a job waits for the end of it without using up its tries. An outage is never a
``ParaphError`` while it travels: those say that nothing was recorded, and who loses the connection during a commit
cannot know that.
"""

from __future__ import annotations

import errno
import sqlite3
from typing import Literal

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .errors import ParaphError
from .i18n import N_
from .i18n import gettext as _

Kind = Literal["storage", "database", "files"]

DISK_ERRORS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ESTALE)
)
SQLITE_DISK_ERRORS = frozenset(
    (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
)
SQLITE_BUSY_ERRORS = frozenset(
    (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT)
)
"""Locks that others kept; and a read that took longer than one may."""
DISK_STATES = frozenset(("53100", "58030"))
"""PostgreSQL: disk full, I/O error."""
DATABASE_STATES = ("08", "53", "57P", "55P03", "57014", "25006", "25P03")
"""PostgreSQL: lost connections, exhausted resources, shutting down or starting, a lock or a statement that took too
long, a server that was a primary a moment ago, a transaction that waited too long."""

WORDS: dict[Kind, str] = {
    "storage": N_(
        "This server cannot store anything just now: its disk is full or cannot be written. Nothing was recorded; "
        "try again in a few minutes, or tell the operator."
    ),
    "database": N_("The database of this server does not answer just now. Try again in a few seconds."),
    "files": N_("The file store of this server does not answer just now. Try again in a few seconds."),
}
RETRY_SECONDS: dict[Kind, int] = {"storage": 60, "database": 5, "files": 10}


class Outage(Exception):
    """What this server stands on does not answer; whether the last step was done may be unknown."""

    def __init__(self, kind: Kind, detail: str = "") -> None:
        super().__init__(f"{kind} does not answer: {detail}" if detail else f"{kind} does not answer")
        self.kind: Kind = kind


class Unavailable(ParaphError):
    """503 ``unavailable``: an outage, or more to do than this server can do now. Come again after ``Retry-After``."""

    default_name = "unavailable"
    default_status = 503

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


def unavailable(kind: Kind) -> Unavailable:
    """What callers are told about an outage, in the language spoken."""
    return Unavailable(_(WORDS[kind]), retry_after=RETRY_SECONDS[kind])


def outage_kind(error: BaseException | None) -> Kind | None:
    """Return what is out when this failure, or what it came from, is an outage; else None."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # `raise failure from failure` is its own cause
        found = _kind_of(error)
        if found is not None:
            return found
        seen.add(id(error))
        error = error.__cause__
    return None


def _kind_of(error: BaseException) -> Kind | None:
    if isinstance(error, Outage):
        return error.kind
    if isinstance(error, PoolTimeoutError):
        return "database"
    if isinstance(error, DBAPIError):
        dropped: Kind | None = "database" if error.connection_invalidated else None
        return _kind_of(error.orig) or dropped if error.orig is not None else dropped
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return _of_state(state)
    if is_of_the_driver(error):
        return "database"
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        return "storage"
    return None


def is_of_the_driver(error: BaseException | None) -> bool:
    """Whether asyncpg lost its place on a connection, as it does while the server ends it, or found no server to
    connect to that takes writes."""
    # by name, which SQLAlchemy's face of it shares: the driver costs a third of the start, for nothing on SQLite
    return any(kind.__name__ == "InternalClientError" for kind in type(error).__mro__)


def _of_sqlite(error: sqlite3.Error) -> Kind | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the extended codes keep the plain one in the low byte
    if code in SQLITE_DISK_ERRORS:
        return "storage"
    return "database" if code in SQLITE_BUSY_ERRORS else None


def _of_state(state: str) -> Kind | None:
    if state in DISK_STATES:
        return "storage"
    return "database" if state.startswith(DATABASE_STATES) else None
