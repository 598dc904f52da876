"""What counts as an outage: real errors of disk and databases do, mistakes of ours and refusals do not."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from asyncpg import InternalClientError, TargetServerAttributeNotMatched
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from paraph.kit.errors import Conflict
from paraph.kit.outages import Outage, outage_kind, unavailable


def full(folder: Path) -> None:
    database = sqlite3.connect(folder / "full.sqlite3")
    database.execute("CREATE TABLE t (x)")
    database.execute("PRAGMA max_page_count=3")
    database.execute("INSERT INTO t VALUES (zeroblob(1000000))")


def read_only(folder: Path) -> None:
    sqlite3.connect(folder / "read.sqlite3").execute("CREATE TABLE t (x)")
    sqlite3.connect(f"file:{folder / 'read.sqlite3'}?mode=ro", uri=True).execute("INSERT INTO t VALUES (1)")


def busy(folder: Path) -> None:
    first = sqlite3.connect(folder / "busy.sqlite3", isolation_level=None)
    first.execute("BEGIN IMMEDIATE")
    engine = create_engine(f"sqlite:///{folder / 'busy.sqlite3'}", connect_args={"timeout": 0})
    with engine.connect() as second:
        second.execute(text("CREATE TABLE t (x)"))


def nowhere(folder: Path) -> None:
    sqlite3.connect(folder / "no" / "such" / "folder.sqlite3")


def no_room(_folder: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        file.write(b"x")


def in_a_row(_folder: Path) -> None:
    try:
        raise OSError(errno.EROFS, "read-only")
    except OSError as error:
        raise RuntimeError("the work failed") from error


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (full, "storage"),
        (read_only, "storage"),
        (busy, "database"),
        (nowhere, "storage"),
        (no_room, "storage"),
        (in_a_row, "storage"),
    ],
)
def test_outages_are_recognised(trouble: Callable[[Path], None], kind: str, tmp_path: Path) -> None:
    with pytest.raises((OSError, sqlite3.Error, SQLAlchemyError, RuntimeError)) as raised:
        trouble(tmp_path)
    assert outage_kind(raised.value) == kind


class Refused(Exception):
    """As a driver of PostgreSQL raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("57P01", "database"),
        ("57P03", "database"),
        ("08006", "database"),
        ("53300", "database"),
        ("25006", "database"),
        ("57014", "database"),
        ("53100", "storage"),
        ("23505", None),
        ("42P01", None),
        ("40001", None),
    ],
)
def test_states_of_postgresql(state: str, kind: str | None) -> None:
    assert outage_kind(Refused(state)) == kind


@pytest.mark.parametrize("lost", [InternalClientError, TargetServerAttributeNotMatched])
def test_a_driver_that_lost_its_place_says_that_the_database_is_out(lost: type[Exception]) -> None:
    refused = lost("cannot switch to state 12; another operation (2) is in progress")
    assert outage_kind(refused) == "database"
    assert outage_kind(DBAPIError("SELECT 1", None, refused)) == "database"


@pytest.mark.parametrize(
    "mistake", [KeyError("x"), FileNotFoundError(2, "gone"), ConnectionRefusedError(111, "no"), Conflict("no"), None]
)
def test_mistakes_and_refusals_are_no_outages(mistake: BaseException | None) -> None:
    assert outage_kind(mistake) is None


def test_an_outage_says_when_to_come_again() -> None:
    assert outage_kind(Outage("files", "it sleeps")) == "files"
    told = unavailable("storage")
    assert (told.status, told.name, int(told.headers["Retry-After"])) == (503, "unavailable", 60)
