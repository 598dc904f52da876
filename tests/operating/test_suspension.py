"""A suspended account: nothing opens it, nothing of it goes out, and all of it goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from paraph import accounts, apps
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import Person, log_in, make_person, submit
from tests.helpers.oauth import make_world

FORM = "/settings/api/apps/new"
JACK = requests.JACK["email_address"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("suspension")) as server:
        yield server


@pytest.fixture(scope="module")
def olga(place: Server) -> httpx.Client:
    return log_in(place, make_person(place, "Olga", operator=True))


def press(olga: httpx.Client, person: Person, what: str, **fields: str) -> httpx.Response:
    return submit(olga, f"/operator/accounts/{person.account_id}/{what}", at=FORM, **fields)


def test_everything_stops_at_once_and_goes_on_afterwards(place: Server, olga: httpx.Client) -> None:
    alice = make_person(place, "Alice")
    browser, api = log_in(place, alice), place.api(alice.api_key)
    open_one = requests.send(place, api)
    token = requests.signing_token(place, JACK)
    unsent = requests.accepted(requests.post_send(api))

    assert press(olga, alice, "suspend", reason="Sends spam.").status_code == 303
    assert browser.get("/settings").status_code == 303, "logged out"
    refused = api.get("/v3/account")
    assert refused.status_code == 403
    assert refused.json()["error"]["error_msg"] == "This account is suspended. Ask whoever runs this server."
    assert requests.post_send(api).status_code == 403
    shut_out = submit(place.client(), "/login", email=alice.email, password=alice.password)
    assert shut_out.status_code == 403
    assert "This account is suspended" in shut_out.text
    wrong = submit(place.client(), "/login", email=alice.email, password="not the password")
    assert "suspended" not in wrong.text, "only who knows the password is told"

    page = place.client().get(f"/sign/{token}").text
    assert "This request is paused" in page
    mails = len(requests.mails_to(place, JACK))
    place.run_jobs()
    for _ in range(4):
        place.move(86_400)
        place.run_jobs()
    assert len(requests.mails_to(place, JACK)) == mails, "nobody is asked or reminded"
    told = [mail["subject"] for mail in place.mails() if mail["to"] == alice.email]
    assert "Your account is suspended" in told

    fresh_olga = log_in(place, make_person(place, "Olga", operator=True))
    assert press(fresh_olga, alice, "resume").status_code == 303
    place.run_jobs()
    states = {sent.id: requests.get(api, sent)["signatures"][0]["status_code"] for sent in (open_one, unsent)}
    assert set(states.values()) == {"awaiting_signature"}
    requests.sign(place, token)
    place.run_jobs()
    assert requests.get(api, open_one)["is_complete"]
    requests.sign(place, requests.signing_token(place, JACK))
    assert log_in(place, alice).get("/settings").status_code == 200


def test_apps_of_a_suspended_account_work_for_nobody_until_it_goes_on(place: Server) -> None:
    world = make_world(place)
    owner, client_id, kit = world.owner, world.app.client_id, place.kit
    tokens = world.connect()
    assert world.works(tokens.access_token)
    place.write(lambda tx: accounts.suspend_account(tx, owner.account_id, "Spam", kit=kit))
    assert not world.works(tokens.access_token)
    assert place.api(world.user.api_key).get("/v3/account").status_code == 200, "the person is not to blame"
    place.write(lambda tx: accounts.resume_account(tx, owner.account_id, kit=kit))
    assert world.works(tokens.access_token)

    place.write(lambda tx: accounts.suspend_account(tx, world.user.account_id, "Spam", kit=kit))
    refused = world.call(tokens.access_token)
    assert refused.status_code == 403
    assert "This account is suspended" in refused.json()["error"]["error_msg"]
    place.write(lambda tx: accounts.resume_account(tx, world.user.account_id, kit=kit))
    assert world.works(tokens.access_token)

    place.write(lambda tx: apps.suspend_app(tx, client_id, "Its own fault", kit=kit))
    place.write(lambda tx: accounts.suspend_account(tx, owner.account_id, "Spam", kit=kit))
    place.write(lambda tx: accounts.resume_account(tx, owner.account_id, kit=kit))
    assert place.read(lambda tx: apps.find_app(tx, client_id)).is_suspended, "an operator's own decision stays"


def test_bad_input_is_named(place: Server) -> None:
    person = make_person(place, "Olga", operator=True)
    olga = log_in(place, person)
    bob = make_person(place, "Bob")
    assert "Give a reason" in press(olga, bob, "suspend", reason=" ").text
    assert "at most 1000" in press(olga, bob, "suspend", reason="x" * 1001).text
    assert "your own account" in press(olga, person, "suspend", reason="x").text
    assert press(olga, bob, "resume").status_code == 409
    assert press(olga, bob, "suspend", reason="x").status_code == 303
    assert press(olga, bob, "suspend", reason="x").status_code == 409
    unknown = f"/operator/accounts/{'0' * 40}/suspend"
    assert submit(olga, unknown, at=FORM, reason="x").status_code == 404


def test_a_signer_is_told_in_their_language(place: Server) -> None:
    alice = make_person(place, "Alice")
    requests.send(place, place.api(alice.api_key))
    token = requests.signing_token(place, JACK)
    place.write(lambda tx: accounts.suspend_account(tx, alice.account_id, "Spam", kit=place.kit))
    page = place.client(headers={"Accept-Language": "de"}).get(f"/sign/{token}").text
    assert "Diese Anfrage ruht" in page
