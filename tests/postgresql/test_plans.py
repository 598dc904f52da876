"""No call and no job reads a growing table from end to end: the plan of every statement, on both engines.

A lost index fails here. How long the same statements take with a million rows, ``make bench-scale`` shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from bench.explaining import Statements, postgres_plan, read_whole, sqlite_plan, watched
from bench.filling import PostgresRows, SqliteRows, Template, fill
from paraph import events
from paraph.accounts.models import sessions
from paraph.apps import find_app
from paraph.events.models import callbacks
from paraph.kit.db import ReadTx, WriteTx
from paraph.oauth.issue import Tokens, issue_pair, open_grant
from paraph.signature_requests.models import signature_requests
from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import fresh_address, log_in
from tests.helpers.oauth import World, make_world
from tests.helpers.requests import sign, signing_token

ROWS = 3_000
SWEEPS_SECONDS = 7_300
"""By then every job that recurs is due, and none of the copies."""
LIST = "/v3/signature_request/list"
ALLOWED = {
    "FROM mails \nWHERE mails.body IS NOT NULL": "the mailbox of a local server, newest first, ends at its limit"
}
"""Statements that may read a whole table, by a piece of their text, with the reason."""


@dataclass
class Filled:
    """A server whose every table has rows."""

    server: Server
    world: World
    request_id: str
    token: str
    refresh_token: str


@pytest.fixture(scope="module")
def filled(shared_server: Server) -> Filled:
    server = shared_server
    world = make_world(server, profile="standard")
    tokens = server.write(lambda tx: _pair(tx, world, server))
    api = server.api(token=tokens.access_token)
    server.write(lambda tx: _things(tx, world, server))
    sent = requests.send(server, api)
    log_in(server, world.user)
    template = server.read(lambda tx: _template(tx, world, server))
    asyncio.run(_fill(server, template))
    return Filled(server, world, sent.id, tokens.access_token, tokens.refresh_token)


def _pair(tx: WriteTx, world: World, server: Server) -> Tokens:
    app = find_app(tx, world.app.client_id)
    assert app is not None
    scopes, now = frozenset({"basic_account_info", "request_signature"}), server.clock.now()
    grant = open_grant(tx, account_pk=world.user.pk, app_pk=app.pk, scopes=scopes, now=now)
    return issue_pair(tx, app, grant, kit=server.kit)


def _things(tx: WriteTx, world: World, server: Server) -> None:
    user = world.user
    events.set_callback(tx, account_pk=user.pk, url="https://app.example.com/hook", kit=server.kit)
    events.send_test(tx, account_pk=user.pk, account_id=user.account_id, hash_key=user.api_key, kit=server.kit)


def _template(tx: ReadTx, world: World, server: Server) -> Template:
    row = tx.execute(select(signature_requests)).one()
    assert tx.scalar(select(callbacks.c.id)) and tx.scalar(select(sessions.c.id))
    return Template(row.account_pk, row.app_pk, row.id, server.clock.now())


async def _fill(server: Server, template: Template) -> None:
    if server.kit.settings.sqlite_path is not None:
        return await fill(SqliteRows(server.kit.settings.sqlite_path), template, ROWS)
    connection = await asyncpg.connect(server.kit.settings.database_url)
    await fill(PostgresRows(connection), template, ROWS)
    return await connection.close()


def _lists(filled: Filled) -> None:
    server = filled.server
    owner = server.api(filled.world.user.api_key)
    app = server.api(token=filled.token)
    for client in (owner, app):
        for asked in ({}, {"page": 70}, {"query": "title:rare5"}, {"query": "title:rare5* OR rare6"}):
            assert client.get(LIST, params=asked).status_code == 200
    assert owner.get(f"/v3/signature_request/{filled.request_id}").status_code == 200


def _tokens(filled: Filled) -> None:
    assert filled.server.api(token=filled.token).get("/v3/account").status_code == 200
    answer = filled.world.refresh(filled.refresh_token, **filled.world.credentials)
    assert answer.status_code == 200, answer.text


def _pages(filled: Filled) -> None:
    browser = log_in(filled.server, filled.world.user)
    for path in ("/", "/requests", "/settings", "/connections"):
        assert browser.get(path).status_code in (200, 303, 404)


def _signing(filled: Filled) -> None:
    server = filled.server
    jill = {"name": "Jill", "email_address": fresh_address("jill")}
    requests.send(server, server.api(filled.world.user.api_key), signers=[jill])
    sign(server, signing_token(server, jill["email_address"]))
    server.run_jobs()


def _jobs(filled: Filled) -> None:
    filled.server.move(SWEEPS_SECONDS)
    filled.server.run_jobs()


@pytest.mark.parametrize("work", [_lists, _tokens, _pages, _signing, _jobs], ids=lambda work: work.__name__[1:])
def test_every_statement_finds_its_rows_by_an_index(filled: Filled, work: Callable[[Filled], None]) -> None:
    with watched() as statements:
        work(filled)
    assert len(statements.seen) > 3
    found = asyncio.run(_whole(filled.server, statements))
    assert not found, "\n\n".join(found)


async def _whole(server: Server, statements: Statements) -> list[str]:
    """Statements that read a whole table, with their plans."""
    settings = server.kit.settings
    connection = await asyncpg.connect(settings.database_url) if settings.database_url else None
    found = []
    for sql, values in statements.seen.items():
        if any(piece in sql for piece in ALLOWED):
            continue
        plan = await _plan(connection, settings.sqlite_path, sql, values)
        if tables := read_whole(plan):
            found.append("\n".join([f"all of {', '.join(tables)}:", sql, *plan]))
    if connection is not None:
        await connection.close()
    return found


async def _plan(connection: Any, path: Any, sql: str, values: Sequence[Any]) -> list[str]:
    if connection is None:
        return sqlite_plan(path, sql, values)
    await connection.execute("SET enable_seqscan = off")  # so that only what no index serves is read whole
    return await postgres_plan(connection, sql, values)


def test_a_send_does_not_pass_over_what_its_account_has_sent(filled: Filled) -> None:
    """An index by account alone serves a look for the newest of an account too, at a step of SQLite for each."""
    db: Any = filled.server.kit.db
    if db.name != "sqlite":
        pytest.skip("counts the steps of SQLite")
    looks: list[int] = []
    connections = [db._raw, db._reader._raw]
    for connection in connections:
        connection.set_progress_handler(lambda: looks.append(1), 100)
    requests.accepted(requests.post_send(filled.server.api(filled.world.user.api_key)))
    for connection in connections:
        connection.set_progress_handler(None, 0)
    assert len(looks) * 100 < 3 * ROWS


def test_a_lost_index_is_noticed(filled: Filled) -> None:
    def look(tx: ReadTx) -> Iterator[Any]:
        return iter(tx.all(select(signature_requests.c.id).where(signature_requests.c.requester_email == "x")))

    with watched() as statements:
        filled.server.read(look)
    (found,) = asyncio.run(_whole(filled.server, statements))
    assert found.startswith("all of signature_requests")
