"""An installation on a database of a given size, in this very process, and the calls and jobs timed on it."""

from __future__ import annotations

import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from sqlalchemy import select

from paraph import events
from paraph.accounts.activity import record
from paraph.accounts.models import sessions
from paraph.events.deliver import claim_parcels, look_again_at
from paraph.events.models import callbacks
from paraph.kit import Kit
from paraph.kit.caller import Client
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.queue.queue import claim, oldest_due
from paraph.kit.settings import Settings
from paraph.main import all_jobs, application, build_kit, open_kit
from paraph.migrations import migrate
from paraph.oauth.issue import issue_pair, open_grant
from paraph.signature_requests.expire import overdue
from paraph.signature_requests.models import signature_requests
from paraph.signature_requests.remind_on_time import reminders_due
from paraph.signature_requests.retention import due_for_deletion

from .filling import MATCHES, PostgresRows, SqliteRows, Template, fill
from .seeding import SCOPES, Seeder

PDF = (Path(__file__).parents[1] / "examples" / "nda.pdf").read_bytes()
PAGE = 20
LIST = "/v3/signature_request/list"
NO_LIMIT = 1_000_000_000


class Unanswered(Exception):
    """The server said that it cannot answer now."""


class _RolledBack(Exception):
    """Ends a transaction that was only to be timed."""


@dataclass
class World:
    """One filled database with the whole program on it."""

    kit: Kit
    client: httpx.AsyncClient
    url: str
    size: int
    key: tuple[str, str]
    app: tuple[str, str]
    pairs: list[tuple[str, str]]
    callback_pk: int = 0
    requests: list[str] = field(default_factory=list)
    refresh_token: str = ""

    @classmethod
    @asynccontextmanager
    async def filled(cls, folder: Path, url: str, size: int, say: Callable[[str], None]) -> AsyncIterator[World]:
        """Fill an empty database, and run the program on it until the block ends."""
        limits = {"api_rate_limit": NO_LIMIT, "asks_per_hour": NO_LIMIT, "waiting_jobs": NO_LIMIT}
        settings = Settings(data_dir=folder, database_url=url, retention_days=30, embedded_worker=False, **limits)
        await migrate(settings)
        async with open_kit(build_kit(settings)) as kit:
            transport = httpx.ASGITransport(application(kit))
            async with httpx.AsyncClient(transport=transport, base_url=settings.public_url, timeout=600) as client:
                world = await _founded(kit, client, url, size)
                begun = time.monotonic()
                await world._fill()
                say(f"filled with {size:,} of each in {time.monotonic() - begun:.0f} s")
                yield world

    @property
    def path(self) -> Path:
        """The file of the database on SQLite."""
        path = self.kit.settings.sqlite_path
        assert path is not None
        return path

    async def _fill(self) -> None:
        template = await self.kit.db.read(lambda tx: _template(tx, self))
        if self.url:
            connection = await asyncpg.connect(self.url)
            await fill(PostgresRows(connection), template, self.size)
            await connection.close()
        else:
            await fill(SqliteRows(self.path), template, self.size)
        await all_jobs()["signature_requests.lists"].handler({}, self.kit)
        listed = await self.get(LIST, page=self.size // PAGE // 2)
        self.requests = [one["signature_request_id"] for one in listed["signature_requests"]]

    async def get(self, path: str, *, as_app: bool = False, **query: Any) -> Any:
        """GET as the account, or as the app on its behalf."""
        credentials: dict[str, Any] = {"auth": self.key}
        if as_app:
            credentials = {"headers": {"Authorization": f"Bearer {self.pairs[0][0]}"}}
        answer = await self.client.get(path, params=query, **credentials)
        if answer.status_code == 503:
            raise Unanswered
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def list_page(self, share: float, *, as_app: bool = False, **query: Any) -> None:
        """A page of the list: 0 is the first, 1 the last full one."""
        # one in a hundred is cancelled, and the app has sent every second
        shown = self.size * 99 // 100 // (2 if as_app else 1)
        page = max(1, int(shown // PAGE * share))
        listed = await self.get(LIST, as_app=as_app, page=page, page_size=PAGE, **query)
        assert len(listed["signature_requests"]) == PAGE, listed["list_info"]
        assert query or listed["list_info"]["num_results"] >= shown - 1, listed["list_info"]

    async def rolled_back(self, verb: Callable[[WriteTx], object]) -> None:
        """Run a verb, and leave nothing of it."""

        def run(tx: WriteTx) -> None:
            verb(tx)
            raise _RolledBack

        try:
            await self.kit.db.write(run)
        except _RolledBack:
            return

    @property
    def now(self) -> int:
        return self.kit.clock.now()


async def _founded(kit: Kit, client: httpx.AsyncClient, url: str, size: int) -> World:
    seeder = Seeder(kit.settings)
    await _prepared(seeder, kit)
    pairs = await kit.db.write(lambda tx: _pairs(tx, seeder, kit))
    world = World(kit, client, url, size, (seeder.api_key, ""), (seeder.client_id, seeder.secret), pairs)
    world.refresh_token = pairs[0][1]
    await kit.db.write(lambda tx: _things(tx, seeder, kit))
    await send(world)
    return world


async def _prepared(seeder: Seeder, kit: Kit) -> None:
    """The seeder opens databases of its own; here it works on ours."""
    await kit.db.write(lambda tx: seeder.found(tx, kit))


def _pairs(tx: WriteTx, seeder: Seeder, kit: Kit) -> list[tuple[str, str]]:
    from paraph.apps import find_app

    app = find_app(tx, seeder.client_id)
    assert app is not None
    pairs = []
    for _ in range(4):
        now = kit.clock.now()
        grant = open_grant(tx, account_pk=seeder.owner_pk, app_pk=app.pk, scopes=SCOPES, now=now)
        pair = issue_pair(tx, app, grant, kit=kit)
        pairs.append((pair.access_token, pair.refresh_token))
    return pairs


def _things(tx: WriteTx, seeder: Seeder, kit: Kit) -> None:
    """One of each that is copied."""
    now, owner = kit.clock.now(), seeder.owner_pk
    session = {"account_pk": owner, "token_hash": os.urandom(32), "address": "", "user_agent": ""}
    tx.insert(sessions, session | {"created_at": now, "last_seen_at": now})
    record(tx, owner, "logged_in", Client("127.0.0.1", "bench"), kit=kit)
    events.set_callback(tx, account_pk=owner, url="https://app.example.com/hook", kit=kit)
    events.send_test(tx, account_pk=owner, account_id=seeder.owner, hash_key=seeder.api_key, kit=kit)


def _template(tx: ReadTx, world: World) -> Template:
    row = tx.execute(select(signature_requests).order_by(signature_requests.c.id).limit(1)).one()
    world.callback_pk = tx.execute(select(callbacks.c.id)).scalar_one()
    app_pk = tx.execute(select(_app_pk(world))).scalar_one()
    return Template(row.account_pk, app_pk, row.id, world.now)


def _app_pk(world: World) -> Any:
    from paraph.apps.models import api_apps

    return select(api_apps.c.id).where(api_apps.c.client_id == world.app[0]).scalar_subquery()


async def send(world: World) -> None:
    """POST /v3/signature_request/send with one small PDF."""
    fields = {"title": "Lease", "signers[0][name]": "Jill", "signers[0][email_address]": "jill@example.com"}
    files = {"files[0]": ("nda.pdf", PDF, "application/pdf")}
    answer = await world.client.post("/v3/signature_request/send", data=fields, files=files, auth=world.key)
    assert answer.status_code == 200, answer.text


async def refresh(world: World) -> None:
    """POST /oauth/token with the newest refresh token, which is rotated away."""
    form = {"grant_type": "refresh_token", "refresh_token": world.refresh_token}
    client_id, secret = world.app
    form |= {"client_id": client_id, "client_secret": secret}
    answer = await world.client.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    world.refresh_token = answer.json()["refresh_token"]


async def _get_one(world: World) -> None:
    await world.get(f"/v3/signature_request/{random.choice(world.requests)}")


async def _claim_events(world: World) -> None:
    await world.rolled_back(lambda tx: claim_parcels(tx, world.callback_pk, kit=world.kit))
    await world.kit.db.read(lambda tx: look_again_at(tx, world.callback_pk, kit=world.kit))


async def _claim_jobs(world: World) -> None:
    await world.rolled_back(lambda tx: claim(tx, world.now, {"work": 4, "mail": 4, "network": 4}))
    await world.kit.db.read(oldest_due)


async def _due(world: World) -> None:
    def look(tx: ReadTx) -> None:
        overdue(tx, world.now)
        reminders_due(tx, world.now)
        due_for_deletion(tx, world.now, 30)

    await world.kit.db.read(look)


def _job(name: str) -> Callable[[World], Awaitable[None]]:
    async def run(world: World) -> None:
        await all_jobs()[name].handler({}, world.kit)

    return run


Case = Callable[[World], Awaitable[None]]
CASES: dict[str, Case] = {
    "bearer-checked GET /account": lambda world: world.get("/v3/account", as_app=True),
    "API key GET /account": lambda world: world.get("/v3/account"),
    "refresh with rotation": refresh,
    "send": send,
    "get": _get_one,
    "list, first page": lambda world: world.list_page(0),
    "list, middle page": lambda world: world.list_page(0.5),
    "list, last page": lambda world: world.list_page(1),
    "list of an app, first page": lambda world: world.list_page(0, as_app=True),
    "list of an app, middle page": lambda world: world.list_page(0.5, as_app=True),
    "list of an app, last page": lambda world: world.list_page(1, as_app=True),
    "query, a rare word (20 found)": lambda world: world.get(LIST, query="title:rare5"),
    "query, beginning of a rare word": lambda world: world.get(LIST, query=f"title:rare{world.size // MATCHES - 1}*"),
    "query, rare word of an app": lambda world: world.get(LIST, as_app=True, query="title:rare6"),
    "query, a word in every request": lambda world: world.list_page(0, query="title:lease"),
    "query, complete:true (30 % found)": lambda world: world.list_page(0, query="complete:true"),
    "claim events": _claim_events,
    "claim jobs": _claim_jobs,
    "look for what is overdue, to be reminded, to be deleted": _due,
    "sweep of tokens": _job("oauth.sweep"),
    "sweep of accounts": _job("accounts.sweep"),
    "sweep of counters and mails": _job("kit.sweep"),
    "sweep of events": _job("events.forget"),
    "blocks and words of lists": _job("signature_requests.lists"),
}
