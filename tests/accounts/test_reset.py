"""Password reset: by mail, once, ending every session; clearing out what strangers set up before."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from paraph.accounts import AccountConfirmed, PasswordReset, find_account, invite_account
from paraph.events import callback_url, set_callback
from tests.harness import Server
from tests.helpers.accounts import PASSWORD, Person, log_in, mailed_link, make_person, sign_up, submit

NEW_PASSWORD = "a quite new password"


def ask_link(server: Server, email: str) -> str:
    answer = submit(server.client(), "/reset", email=email)
    assert answer.status_code == 200 and "If there is an account" in answer.text
    server.run_jobs()
    return mailed_link(server, email, "/reset/")


def listen(server: Server, fact_type: type[Any]) -> list[Any]:
    heard: list[Any] = []
    server.kit.facts.subscribe(fact_type, lambda tx, fact, kit: heard.append(fact))
    return heard


def test_reset_ends_every_session(shared_server: Server) -> None:
    heard = listen(shared_server, PasswordReset)
    person = make_person(shared_server)
    old = [log_in(shared_server, person) for _ in range(2)]
    link = ask_link(shared_server, person.email)
    client = shared_server.client()
    assert "Also disconnect every app" in client.get(link).text
    answer = submit(client, link, password=NEW_PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert all("Log out" not in browser.get("/").text for browser in old)
    assert submit(shared_server.client(), "/login", email=person.email, password=PASSWORD).status_code == 400
    assert submit(shared_server.client(), "/login", email=person.email, password=NEW_PASSWORD).status_code == 303
    assert [fact for fact in heard if fact.account_pk == person.pk] == [PasswordReset(person.pk, False, False)]
    assert client.get(link).status_code == 410
    assert shared_server.api(person.api_key).get("/v3/account").status_code == 200, "API keys of its owner stay"


def test_choice_to_disconnect_apps(shared_server: Server) -> None:
    heard = listen(shared_server, PasswordReset)
    person = make_person(shared_server)
    link = ask_link(shared_server, person.email)
    submit(shared_server.client(), link, password=NEW_PASSWORD, revoke_grants="1")
    assert PasswordReset(person.pk, False, True) in heard


def test_stranger_under_my_address_loses_everything(shared_server: Server) -> None:
    """Pre-hijacking: an account made with my address before I came."""
    resets, confirmed = listen(shared_server, PasswordReset), listen(shared_server, AccountConfirmed)
    stranger, email = sign_up(shared_server, "Mallory")
    account = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert account is not None
    made = submit(stranger, "/settings/keys")
    key = made.text.split('<code id="new-key">')[1].split("<")[0]
    assert shared_server.api(key).get("/v3/account").status_code == 200
    shared_server.write(
        lambda tx: set_callback(tx, account_pk=account.pk, url="https://mallory.example/e", kit=shared_server.kit)
    )
    mallorys_app = {"name": "Mine", "domains": ["example.com"]}
    assert shared_server.api(key).post("/v3/api_app", json=mallorys_app).status_code == 201
    link = ask_link(shared_server, email)
    assert submit(shared_server.client(), link, password=NEW_PASSWORD, name="Me").status_code == 303
    me = log_in(shared_server, Person(account.pk, account.account_id, email, "Me", "", NEW_PASSWORD))
    assert "Mine" not in me.get("/settings/api").text
    assert "Log out" not in stranger.get("/").text
    assert shared_server.api(key).get("/v3/account").status_code == 401
    assert shared_server.read(lambda tx: callback_url(tx, account_pk=account.pk)) is None
    now = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert now is not None and now.is_confirmed and now.name == "Me"
    assert PasswordReset(account.pk, True, False) in resets and AccountConfirmed(account.pk) in confirmed
    assert shared_server.client().get(mailed_link(shared_server, email, "/confirm/")).status_code == 410


def test_invited_person_may_come_by_reset(shared_server: Server) -> None:
    email = "invited.reset@example.com"
    shared_server.write(lambda tx: invite_account(tx, email_address=email, kit=shared_server.kit))
    link = ask_link(shared_server, email)
    assert submit(shared_server.client(), link, password=NEW_PASSWORD).status_code == 303
    assert submit(shared_server.client(), "/login", email=email, password=NEW_PASSWORD).status_code == 303


def test_unknown_addresses_get_the_same_answer(shared_server: Server) -> None:
    def told(email: str) -> str:
        return without_token(submit(shared_server.client(), "/reset", email=email)).replace(email, "")

    person = make_person(shared_server)
    before = len(shared_server.mails())
    assert told(person.email) == told("nobody@example.com") == told("not an address")
    shared_server.run_jobs()
    assert len(shared_server.mails()) == before + 1


def test_newer_link_and_age(server: Server) -> None:
    person = make_person(server)
    first = ask_link(server, person.email)
    second = ask_link(server, person.email)
    client = server.client()
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    server.move(3601)
    assert submit(client, second, at="/login", password=NEW_PASSWORD).status_code == 410


def test_bad_new_password_keeps_the_link(shared_server: Server) -> None:
    person = make_person(shared_server)
    link = ask_link(shared_server, person.email)
    answer = submit(shared_server.client(), link, password="short")
    assert answer.status_code == 400 and "Your password is still the old one." in answer.text
    assert submit(shared_server.client(), link, password=NEW_PASSWORD).status_code == 303


def test_reset_frees_a_locked_account(shared_server: Server) -> None:
    person: Person = make_person(shared_server)
    for _ in range(11):
        submit(shared_server.client(), "/login", email=person.email, password="wrong")
    link = ask_link(shared_server, person.email)
    submit(shared_server.client(), link, password=NEW_PASSWORD)
    answer = submit(shared_server.client(), "/login", email=person.email, password=NEW_PASSWORD)
    assert answer.status_code == 303


def without_token(answer: httpx.Response) -> str:
    return "".join(line for line in answer.text.splitlines() if "csrf_token" not in line)


def test_a_flood_of_requests_is_refused(shared_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("paraph.accounts.throttle.RESETS_PER_HOUR", 1)
    client = shared_server.client()
    answers = [submit(client, "/reset", email="nobody@example.com").status_code for _ in range(3)]
    assert answers[-1] == 429
