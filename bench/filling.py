"""A database of any size: one thing of each kind is made by the program, and its rows are copied by the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Table

from paraph.migrations.tables import metadata

AT_ONCE = 50_000
MATCHES = 20
"""Requests that one search for a rare word finds, however many there are."""
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Template:
    """Keys of the rows that are copied, and of whom the copies belong to."""

    account_pk: int
    app_pk: int
    request_pk: int
    now: int


class PostgresRows:
    """SQL of PostgreSQL."""

    numbers = "generate_series($1::bigint, $2::bigint) AS n(i)"

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection

    async def run(self, sql: str, first: int, last: int) -> None:
        await self._connection.execute(sql, first, last)

    async def rows(self, sql: str) -> list[Any]:
        return [tuple(row) for row in await self._connection.fetch(sql)]

    async def begin(self, tables: Iterable[str]) -> None:
        """Indexes are built at the end: each in one go, where row by row takes many times as long."""
        wanted = (
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid::regclass::text = ANY($1) AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)"
        )
        self._indexes = await self._connection.fetch(wanted, list(tables))
        for name, _ in self._indexes:
            await self._connection.execute(f"DROP INDEX {name}")

    async def finish(self, tables: Iterable[str]) -> None:
        """Keys go on after the copies; the planner knows the sizes, and index-only scans need no look at the rows."""
        for name in tables:
            if "id" in metadata.tables[name].c and metadata.tables[name].c["id"].autoincrement:
                known = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                await self._connection.execute(known)
        for _, definition in self._indexes:
            await self._connection.execute(definition)
        await self._connection.execute("VACUUM ANALYZE")

    @staticmethod
    def key(width: int) -> str:
        """A unique text of hexadecimal figures for each number, in no order."""
        return f"substr(md5(n.i::text) || md5((-n.i)::text), 1, {width - 10}) || lpad(to_hex(n.i), 10, '0')"

    @staticmethod
    def blob() -> str:
        return "sha256(n.i::text::bytea)"

    @staticmethod
    def text(sql: str) -> str:
        return f"({sql})::text"


class SqliteRows:
    """SQL of SQLite."""

    numbers = "(WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) SELECT i FROM n) AS n"

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute("PRAGMA cache_size=-524288")

    async def run(self, sql: str, first: int, last: int) -> None:
        self._connection.execute(sql, (first, last))

    async def rows(self, sql: str) -> list[Any]:
        return self._connection.execute(sql).fetchall()

    async def begin(self, tables: Iterable[str]) -> None:
        """Indexes are built at the end."""
        named = ", ".join(f"'{name}'" for name in tables)
        wanted = (
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({named})"
        )
        self._indexes = await self.rows(wanted)
        for name, _ in self._indexes:
            self._connection.execute(f"DROP INDEX {name}")

    async def finish(self, tables: Iterable[str]) -> None:
        for _, definition in self._indexes:
            self._connection.execute(definition)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._connection.close()

    @staticmethod
    def key(width: int) -> str:
        return f"lower(hex(randomblob({(width - 10) // 2}))) || printf('%010x', n.i)"

    @staticmethod
    def blob() -> str:
        return "randomblob(32)"

    @staticmethod
    def text(sql: str) -> str:
        return f"CAST({sql} AS TEXT)"


Rows = PostgresRows | SqliteRows


async def fill(rows: Rows, template: Template, count: int) -> None:
    """Make ``count`` copies of everything that grows; the requests all belong to one account."""
    # the first of all is as old as the others, so that they count as settled
    one = template.request_pk
    old = f"UPDATE signature_requests SET created_at = {template.now - 400 * DAY} WHERE id BETWEEN $1 AND $2"
    await rows.run(old if isinstance(rows, PostgresRows) else old.replace("$", "?"), one, one)
    copies = [*_people(rows), *_tokens(rows), *_requests(rows, template, count), *_background(rows, template)]
    keys = {name: (await rows.rows(f"SELECT max(id) FROM {name}"))[0][0] or 0 for name in _numbered(copies)}
    await rows.begin({table.name for table, _, _ in copies})
    for table, where, changes in copies:
        offset = keys.get(table.name, 0)
        own = ({"id": f"n.i + {offset}"} if table.name in keys else {}) | changes(keys)
        sql = _copy(rows, table, where, own)
        for first in range(1, count + 1, AT_ONCE):
            await rows.run(sql, first, min(first + AT_ONCE - 1, count))
    await _terms(rows, template, keys["signature_requests"], count)
    await rows.finish(keys)


def _copy(rows: Rows, table: Table, where: str, changes: Mapping[str, str]) -> str:
    names = [column.name for column in table.columns]
    quoted = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changes.get(name, f't."{name}"') for name in names)
    return (
        f"INSERT INTO {table.name} ({quoted}) SELECT {values} FROM {rows.numbers} CROSS JOIN {table.name} t {where}"
    )


Copy = tuple[Table, str, Any]


def _numbered(copies: Iterable[Copy]) -> Iterator[str]:
    return (table.name for table, _, _ in copies if "id" in table.c)


def _people(rows: Rows) -> Iterator[Copy]:
    mail = f"{rows.text('n.i')} || '@example.net'"
    yield _of("accounts", account_id=rows.key(40), email_address=mail, email_key=mail, operator_since="NULL")
    yield _of("api_keys", key_hash=rows.blob(), account_pk="n.i + {accounts}", is_primary=_no(rows))
    yield _of("sessions", "", token_hash=rows.blob(), account_pk="n.i + {accounts}")


def _tokens(rows: Rows) -> Iterator[Copy]:
    yield _of("oauth_grants", account_pk="n.i + {accounts}")
    of_grant = {"token_hash": rows.blob(), "grant_pk": "n.i + {oauth_grants}", "account_pk": "n.i + {accounts}"}
    yield _of("oauth_access_tokens", **of_grant)
    yield _of("oauth_refresh_tokens", **of_grant)


def _requests(rows: Rows, template: Template, count: int) -> Iterator[Copy]:
    state = "CASE WHEN n.i % 100 = 7 THEN 'cancelled' WHEN n.i % 10 < 3 THEN 'complete' ELSE 'sent' END"
    over = f"CASE WHEN n.i % 10 < 3 THEN {template.now - DAY} END"
    app = f"CASE WHEN n.i % 2 = 0 THEN {template.app_pk} END"
    times = {"created_at": f"{template.now - 400 * DAY} + n.i % {300 * DAY}", "expires_at": f"{template.now + DAY}"}
    own = {"signature_request_id": rows.key(40), "state": state, "closed_at": over, "app_pk": app} | times
    this = f"WHERE t.id = {template.request_pk}"
    yield _of("signature_requests", this, **own, completed_at="NULL")
    of_request = {"request_pk": "n.i + {signature_requests}"}
    signer = f"{rows.text(f'n.i % {max(1, count // MATCHES)}')} || '@signers.example'"
    mine = f"WHERE t.request_pk = {template.request_pk}"
    first = f"{mine} AND t.position = 0"
    asked = {"email_address": signer, "email_folded": signer, "next_reminder_at": f"{template.now + DAY} + n.i"}
    yield _of("signatures", first, signature_id=rows.key(32), **asked, **of_request)
    yield _of("request_documents", first, **of_request)
    rare = f"' lease rare' || {rows.text(f'n.i % {max(1, count // MATCHES)}')} || ' '"
    yield _of("request_words", mine, title=rare, indexed_at="1", **of_request)
    # three events a request: made, sent, signed
    for sequence in (1, 2, 3):
        yield _audited(template, sequence)


def _audited(template: Template, sequence: int) -> Copy:
    def changes(keys: Mapping[str, int]) -> dict[str, str]:
        shift = f"n.i * 3 + {sequence} + {keys['audit_events']}"
        return {"id": shift, "request_pk": f"n.i + {keys['signature_requests']}", "sequence": str(sequence)}

    one = f"WHERE t.request_pk = {template.request_pk} AND t.sequence = 1"
    return metadata.tables["audit_events"], one, changes


def _background(rows: Rows, template: Template) -> Iterator[Copy]:
    yield _of("events", created_at=f"{template.now - DAY} - n.i % {80 * DAY}")
    # every tenth waits for a receiver that is down: its next try is later
    waits = "CASE WHEN n.i % 10 = 0 THEN 'waiting' ELSE 'delivered' END"
    later = f"CASE WHEN n.i % 10 = 0 THEN {template.now + DAY} END"
    done = f"CASE WHEN n.i % 10 > 0 THEN {template.now - DAY} END"
    own = {"delivery_id": rows.key(32), "event_pk": "n.i + {events}", "leased_until": "NULL"}
    yield _of("deliveries", state=waits, next_try_at=later, finished_at=done, **own)
    yield _of("jobs", unique_key="NULL", due_at=f"{template.now + DAY} + n.i", leased_until="NULL", lease="NULL")
    yield _of("account_activity", happened_at=f"{template.now - DAY} - n.i % {300 * DAY}")


def _of(table: str, where: str = "", **changes: str) -> Copy:
    """Copies of one row; ``{accounts}`` in an expression is the key before the first copy in that table."""
    own = metadata.tables[table]
    one = where or f"WHERE t.id = (SELECT min(id) FROM {table})"
    return own, one, lambda keys: {name: sql.format_map(keys) for name, sql in changes.items()}


def _no(rows: Rows) -> str:
    return "FALSE" if isinstance(rows, PostgresRows) else "0"


async def _terms(rows: Rows, template: Template, offset: int, count: int) -> None:
    """The index of words, for the words of a title; the job that makes it is measured by itself."""
    rare = f"'rare' || {rows.text(f'n.i % {max(1, count // MATCHES)}')}"
    for word in ("'lease'", rare):
        sql = (
            "INSERT INTO request_terms (account_pk, word, request_pk) "
            f"SELECT {template.account_pk}, {word}, n.i + {offset} FROM {rows.numbers}"
        )
        for first in range(1, count + 1, AT_ONCE):
            await rows.run(sql, first, min(first + AT_ONCE - 1, count))
