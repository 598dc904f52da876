"""An account made for an app in the very instant in which the app loses what it needs for that (M14, R13)."""

from __future__ import annotations

import pytest

from paraph.apps import resume_app, suspend_app
from paraph.apps.changes import AppChanges
from paraph.apps.rotate_secret import rotate_secret
from paraph.apps.update_app import update_app
from paraph.kit.caller import Caller, Client
from paraph.kit.errors import BadRequest, Forbidden
from paraph.oauth.create_account import CreateAccount, create_account
from paraph.oauth.issue import Tokens
from tests.harness import Server
from tests.helpers.accounts import fresh_address
from tests.helpers.oauth import World, error_of, make_world

from .test_silent_races import Verb, overlapping


def owner_of(world: World) -> Caller:
    return Caller("api_key", world.owner.pk, world.owner.account_id, world.owner.email, Client("127.0.0.1", ""))


def create_verb(world: World) -> Verb:
    """What POST /v3/account/create writes."""
    wanted = CreateAccount(fresh_address("jill"), None, world.app.client_id, world.app.secret)
    return lambda tx: create_account(tx, owner_of(world), wanted, kit=world.server.kit)


def ending_verb(world: World, ending: str) -> Verb:
    kit, owner, client_id = world.server.kit, owner_of(world), world.app.client_id
    fewer = AppChanges(scopes=frozenset({"basic_account_info"}))
    verbs: dict[str, Verb] = {
        "compromised": lambda tx: rotate_secret(tx, owner, client_id, grace=0, compromised=True, kit=kit),
        "suspended": lambda tx: suspend_app(tx, client_id, "Spam", kit=kit),
        "scopes": lambda tx: update_app(tx, owner, client_id, fewer, kit=kit),
    }
    return verbs[ending]


@pytest.mark.parametrize("ending", ["compromised", "suspended", "scopes"])
def test_M14_R13_a_pair_made_while_its_ground_ends_is_dead(shared_server: Server, ending: str) -> None:
    world = make_world(shared_server)
    shared_server.write(create_verb(world))  # that the secret is in use has been noted: nothing else holds its row
    made, _ = overlapping(shared_server, create_verb(world), ending_verb(world, ending))
    tokens = made[1]
    assert isinstance(tokens, Tokens)
    if ending == "suspended":
        shared_server.write(lambda tx: resume_app(tx, world.app.client_id, kit=shared_server.kit))
    answer = world.call(tokens.access_token)
    assert answer.status_code == 401
    assert "was revoked" in answer.json()["error"]["error_msg"], "not: it waits for the person's consent"
    assert error_of(world.refresh(tokens.refresh_token)) == "invalid_grant"


@pytest.mark.parametrize("ending", ["compromised", "suspended"])
def test_M14_R13_no_pair_is_made_on_ground_that_is_ending(shared_server: Server, ending: str) -> None:
    world = make_world(shared_server)
    refusal = BadRequest if ending == "compromised" else Forbidden
    with pytest.raises(refusal):
        overlapping(shared_server, ending_verb(world, ending), create_verb(world))


def test_M14_the_old_secret_makes_no_pair_and_pairs_of_before_are_dead(shared_server: Server) -> None:
    """One after the other, over HTTP."""
    world = make_world(shared_server)
    key = shared_server.api(world.owner.api_key)
    asked = {"email_address": fresh_address("jill"), **world.credentials}
    pair = key.post("/v3/account/create", json=asked).json()["oauth_data"]
    shared_server.write(ending_verb(world, "compromised"))
    assert "was revoked" in world.call(pair["access_token"]).json()["error"]["error_msg"]
    again = key.post("/v3/account/create", json=asked | {"email_address": fresh_address("jack")})
    assert (again.status_code, again.json()["error"]["error_path"]) == (400, "client_secret")
