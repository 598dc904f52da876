"""A database that cannot be used."""

from __future__ import annotations

UNREACHABLE = "The database ({where}) cannot be reached: {why}. `paraph doctor` says more."


class DatabaseUnfit(Exception):
    """The server cannot be used as it is; the message says why and what to do."""


class DatabaseUnreachable(DatabaseUnfit):
    """It does not answer, or refuses who asks; the message says which and what it said."""

    def __init__(self, where: str, failure: BaseException) -> None:
        self.why = in_a_line(failure)
        super().__init__(UNREACHABLE.format(where=where, why=self.why))


def in_a_line(failure: BaseException) -> str:
    """What the driver said, without the statement; drivers name user and database, never a password."""
    said = str(getattr(failure, "orig", None) or failure).strip()
    # "<class 'asyncpg.exceptions.InvalidPasswordError'>: password authentication failed …"
    return said.splitlines()[0].rpartition("'>: ")[2].rstrip(".") if said else type(failure).__name__
