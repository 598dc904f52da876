"""Invited accounts: the link goes by mail only, the person chooses a password and is led on."""

from __future__ import annotations

import pytest

from paraph.accounts import Account, AccountConfirmed, AccountExists, find_account, invite_account, load_account
from paraph.kit.errors import BadRequest
from tests.harness import Server
from tests.helpers.accounts import PASSWORD, fresh_address, mailed_link, make_person, submit


def invite(server: Server, email: str, **more: str) -> Account:
    return server.write(lambda tx: invite_account(tx, email_address=email, kit=server.kit, **more))


def test_claim_and_go_on(shared_server: Server) -> None:
    confirmed: list[AccountConfirmed] = []
    shared_server.kit.facts.subscribe(AccountConfirmed, lambda tx, fact, kit: confirmed.append(fact))
    email = fresh_address("invited")
    account = invite(shared_server, email, after_path="/oauth/authorize?client_id=x", invited_by_app="Acme <b>")
    assert not account.has_password and not account.is_confirmed
    link = mailed_link(shared_server, email, "/confirm/")
    client = shared_server.client()
    page = client.get(link)
    assert "Acme &lt;b&gt;" in page.text and "Confirm account" in page.text
    assert submit(client, link, password="short").status_code == 400
    answer = submit(client, link, password=PASSWORD, name="Invited Person")
    assert (answer.status_code, answer.headers["location"]) == (303, "/oauth/authorize?client_id=x")
    assert "Log out" in client.get("/").text
    now = shared_server.read(lambda tx: load_account(tx, account.pk))
    assert now.is_confirmed and now.has_password and now.name == "Invited Person"
    assert confirmed.count(AccountConfirmed(account.pk)) == 1
    assert submit(client, link, at="/", password="another password").status_code == 410


def test_name_is_not_needed(shared_server: Server) -> None:
    email = fresh_address("invited")
    invite(shared_server, email)
    answer = submit(shared_server.client(), mailed_link(shared_server, email, "/confirm/"), password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    account = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert account is not None and account.display_name == email


def test_invited_accounts_open_to_no_password(shared_server: Server) -> None:
    email = fresh_address("invited")
    invite(shared_server, email)
    for password in ("", "None", "no account has this password"):
        assert submit(shared_server.client(), "/login", email=email, password=password).status_code == 400


def test_taken_and_bad_addresses(shared_server: Server) -> None:
    person = make_person(shared_server)
    with pytest.raises(AccountExists, match="Account already exists"):
        invite(shared_server, person.email.upper())
    with pytest.raises(BadRequest, match="email_address not valid: nonsense"):
        invite(shared_server, "nonsense")
    with pytest.raises(BadRequest, match="locale"):
        invite(shared_server, fresh_address(), locale="xx-XX")
    with pytest.raises(ValueError, match="after_path"):
        invite(shared_server, fresh_address(), after_path="https://evil.example")


def test_links_last_thirty_days(server: Server) -> None:
    email = fresh_address("invited")
    invite(server, email)
    link = mailed_link(server, email, "/confirm/")
    server.move(30 * 86_400 - 10)
    assert server.client().get(link).status_code == 200
    server.move(20)
    assert server.client().get(link).status_code == 410
