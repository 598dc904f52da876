"""Rows for the bench, put in by the rooms' own verbs: people, an app, tokens, codes."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from sqlalchemy import update

from paraph import accounts, apps, events
from paraph.accounts.models import accounts as account_rows
from paraph.apps.changes import AppChanges
from paraph.apps.create_app import create_app
from paraph.apps.set_protocol import Protocol, set_protocol
from paraph.kit import Kit
from paraph.kit.caller import Caller, Client
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.settings import Settings
from paraph.main import all_jobs, build_kit, listen
from paraph.oauth.issue import Consented, issue_code, issue_pair, open_grant

T = TypeVar("T")
PEOPLE = 256
REDIRECT_URI = "https://app.example.com/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPES = frozenset({"basic_account_info", "request_signature"})
AT_ONCE = 200
"""Rows that share a transaction."""
OWNED_SINCE = 1_600_000_000
"""A new account may write to a few hundred people a day only, which a bench does in seconds: this one is old."""


class Seeder:
    """Opens the database for each order: the server keeps running, as it does beside the command line."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.owner = self.api_key = self.client_id = self.secret = ""
        self.owner_pk = 0
        self._people: list[int] = []

    def prepare(self) -> None:
        """Make the owner, the approved app that follows the standard, and the people."""

        self.write(self.found)

    def found(self, tx: WriteTx, kit: Kit) -> None:
        """As ``prepare``, in a transaction that is open already."""
        owner, self.api_key = accounts.create_account(tx, _person("owner"), kit=kit)
        tx.execute(update(account_rows).where(account_rows.c.id == owner.pk).values(created_at=OWNED_SINCE))
        self.owner, self.owner_pk = owner.account_id, owner.pk
        caller = Caller("system", owner.pk, owner.account_id, owner.email_address, Client("", ""))
        wanted = AppChanges(
            name="Bench", domains=["app.example.com"], oauth_callback_url=REDIRECT_URI, scopes=sorted(SCOPES)
        )
        app = create_app(tx, caller, wanted, kit=kit)
        apps.approve_app(tx, app.client_id, kit=kit)
        set_protocol(tx, caller, app.client_id, Protocol("standard", True, None), kit=kit)
        self.client_id, self.secret = app.client_id, apps.current_secret(tx, app.pk, kit)
        made = [accounts.create_account(tx, _person(f"person{number}"), kit=kit) for number in range(PEOPLE)]
        self._people = [account.pk for account, _ in made]

    def tokens(self, count: int) -> list[tuple[str, str]]:
        """Access and refresh tokens, each pair of a grant of its own."""

        def one(tx: WriteTx, kit: Kit, app: apps.App, person: int) -> tuple[str, str]:
            grant = open_grant(tx, account_pk=person, app_pk=app.pk, scopes=SCOPES, now=kit.clock.now())
            pair = issue_pair(tx, app, grant, kit=kit)
            return pair.access_token, pair.refresh_token

        return self._many(count, one)

    def codes(self, count: int) -> list[str]:
        """Authorization codes that wait for ``VERIFIER``."""

        def one(tx: WriteTx, kit: Kit, app: apps.App, person: int) -> str:
            consented = Consented(app, person, REDIRECT_URI, None, SCOPES, CHALLENGE)
            return issue_code(tx, consented, kit=kit)

        return self._many(count, one)

    def post_events_to(self, url: str) -> None:
        """Set the owner's callback."""
        self.write(lambda tx, kit: events.set_callback(tx, account_pk=self.owner_pk, url=url, kit=kit))

    def account(self, name: str) -> tuple[int, str]:
        """Make another account; return its internal key and its API key."""

        def verb(tx: WriteTx, kit: Kit) -> tuple[int, str]:
            made, api_key = accounts.create_account(tx, _person(name), kit=kit)
            return made.pk, api_key

        return self.write(verb)

    def run_job(self, name: str) -> None:
        """Do what a worker does in its own time."""
        asyncio.run(self._with_kit(lambda kit: all_jobs()[name].handler({}, kit)))

    def write(self, verb: Callable[[WriteTx, Kit], T]) -> T:
        """Run one verb in a transaction of its own."""

        async def run(kit: Kit) -> T:
            return await kit.db.write(lambda tx: verb(tx, kit))

        return asyncio.run(self._with_kit(run))

    def read(self, query: Callable[[ReadTx], T]) -> T:
        """Run one query."""
        return asyncio.run(self._with_kit(lambda kit: kit.db.read(query)))

    def _many(self, count: int, one: Callable[[WriteTx, Kit, apps.App, int], T]) -> list[T]:
        async def run(kit: Kit) -> list[T]:
            made: list[T] = []
            while len(made) < count:
                numbers = range(len(made), min(count, len(made) + AT_ONCE))
                made += await kit.db.write(partial(self._batch, kit, numbers, one))
            return made

        return asyncio.run(self._with_kit(run))

    def _batch(
        self, kit: Kit, numbers: range, one: Callable[[WriteTx, Kit, apps.App, int], T], tx: WriteTx
    ) -> list[T]:
        app = apps.find_app(tx, self.client_id)
        assert app is not None
        return [one(tx, kit, app, self._people[number % PEOPLE]) for number in numbers]

    async def _with_kit(self, run: Callable[[Kit], Awaitable[T]]) -> T:
        kit = build_kit(self._settings)
        listen(kit)
        await kit.db.open()
        try:
            return await run(kit)
        finally:
            await kit.db.close()


def _person(name: str) -> accounts.NewAccount:
    return accounts.NewAccount(email_address=f"{name}@example.com", name=name.title(), confirmed=True)
