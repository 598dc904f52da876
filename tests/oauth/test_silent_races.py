"""A code given without a page in the very instant in which the session or grant behind it ends (A18, T21, R13)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from paraph.accounts import authenticate_session
from paraph.accounts.reset import WantedPassword, reset_password, send_reset_link
from paraph.kit.caller import Client
from paraph.kit.db import WriteTx
from paraph.oauth.authorize import Authorization, examine
from paraph.oauth.consent import Outcome, allow_silently
from paraph.oauth.parameters import read_parameters
from paraph.oauth.revoke import disconnect, revoke_account_tokens, revoke_app_tokens
from tests.harness import Server
from tests.helpers.accounts import mailed_link
from tests.helpers.oauth import World, authorize_path, error_of, make_world, query_of

HERE = Client("127.0.0.1", "")
UNDER_WAY_SECONDS = 0.3
Verb = Callable[[WriteTx], Any]


def silent_verb(world: World) -> Verb:
    """What ``prompt=none`` writes, with what was examined in a transaction before."""
    server, kit = world.server, world.server.kit
    token = world.browser.cookies["paraph_session"]
    found = server.read(lambda tx: authenticate_session(tx, token, HERE, kit))
    assert found is not None
    parameters = read_parameters(authorize_path(world.app, prompt="none").partition("?")[2])
    asked = server.read(lambda tx: examine(tx, parameters, found.caller, kit=kit))
    assert isinstance(asked, Authorization)
    return lambda tx: allow_silently(tx, found.caller, asked, token, kit=kit)


def reset_verb(world: World, *, revoke: bool) -> Verb:
    server, kit = world.server, world.server.kit
    server.write(lambda tx: send_reset_link(tx, world.user.email, kit=kit))
    server.run_jobs()
    token = mailed_link(server, world.user.email, "/reset/").rpartition("/")[2]
    return lambda tx: reset_password(tx, token, WantedPassword("x", "Uma", revoke), HERE, kit=kit)


def disconnect_verb(world: World) -> Verb:
    kit, token = world.server.kit, world.browser.cookies["paraph_session"]
    found = world.server.read(lambda tx: authenticate_session(tx, token, HERE, kit))
    assert found is not None
    return lambda tx: disconnect(tx, found.caller, world.app.client_id, kit=kit)


def app_verb(world: World) -> Verb:
    from paraph.apps import find_app

    kit = world.server.kit
    app = world.server.read(lambda tx: find_app(tx, world.app.client_id))
    assert app is not None
    return lambda tx: revoke_app_tokens(tx, app.pk, kit)


def account_verb(world: World) -> Verb:
    return lambda tx: revoke_account_tokens(tx, world.user.pk, world.server.kit)


ENDINGS: dict[str, Callable[[World], Verb]] = {
    "password reset": lambda world: reset_verb(world, revoke=False),
    "password reset that revokes": lambda world: reset_verb(world, revoke=True),
    "the person disconnects": disconnect_verb,
    "the app's tokens are revoked": app_verb,
    "the account's tokens are revoked": account_verb,
}


def overlapping(server: Server, first: Verb, second: Verb) -> tuple[Any, Any]:
    """Run both; the first has done its work when the second begins, and commits only later."""

    def slowly(tx: WriteTx) -> Any:
        done = first(tx)
        if server.kit.db.name == "postgresql":
            tx.execute(text(f"SELECT pg_sleep({UNDER_WAY_SECONDS})"))
        return done

    async def both() -> tuple[Any, Any]:
        one = asyncio.create_task(server.kit.db.write(slowly))
        await asyncio.sleep(UNDER_WAY_SECONDS / 4)
        return await asyncio.gather(one, server.kit.db.write(second))  # type: ignore[return-value]

    return server.call(both())


@pytest.mark.parametrize("ending", ENDINGS)
def test_A18_T21_a_code_given_while_its_ground_ends_is_dead(shared_server: Server, ending: str) -> None:
    world = make_world(shared_server)
    world.connect()
    given, _ = overlapping(shared_server, silent_verb(world), ENDINGS[ending](world))
    assert isinstance(given, Outcome)
    assert error_of(world.redeem(query_of_location(given.location)["code"])) == "invalid_grant"


@pytest.mark.parametrize("ending", ENDINGS)
def test_A18_T21_no_code_is_given_on_ground_that_is_ending(shared_server: Server, ending: str) -> None:
    world = make_world(shared_server)
    world.connect()
    silent = silent_verb(world)
    _, given = overlapping(shared_server, ENDINGS[ending](world), silent)
    told = query_of_location(given.location)
    assert "code" not in told
    assert told["error"] == ("login_required" if "reset" in ending else "consent_required")


def test_A18_nothing_of_the_kind_and_the_code_is_good(shared_server: Server) -> None:
    world = make_world(shared_server)
    world.connect()
    answer = world.ask(prompt="none")
    assert world.redeem(query_of(answer)["code"]).status_code == 200


def query_of_location(location: str) -> dict[str, str]:
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(location).query))
