"""Settings: name, language, address, password, sessions."""

from __future__ import annotations

from typing import Any

from paraph.accounts import AccountConfirmed, AccountEmailChanged, AppsDisconnected, find_account, load_account
from tests.harness import Server
from tests.helpers.accounts import (
    PASSWORD,
    fresh_address,
    log_in,
    mailed_link,
    make_person,
    sign_up,
    submit,
)

NEW_PASSWORD = "a quite new password"


def listen(server: Server, fact_type: type[Any]) -> list[Any]:
    heard: list[Any] = []
    server.kit.facts.subscribe(fact_type, lambda tx, fact, kit: heard.append(fact))
    return heard


def subjects(server: Server, to: str) -> list[str]:
    return [mail["subject"] for mail in server.mails() if mail["to"] == to]


def test_name_and_language(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    assert submit(client, "/settings", name="  Ann\t\x07 Other ", locale="fr-FR").status_code == 303
    account = shared_server.read(lambda tx: load_account(tx, person.pk))
    assert (account.name, account.locale) == ("Ann Other", "fr-FR")
    refused = submit(client, "/settings", name="", locale="xx")
    assert refused.status_code == 400
    assert "Give your name." in refused.text and "Choose one of the languages." in refused.text


def test_names_are_escaped_everywhere(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    submit(client, "/settings", name="<script>alert(1)</script>{{7*7}}", locale="en-US")
    page = client.get("/settings").text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page


def test_change_of_address(shared_server: Server) -> None:
    changed = listen(shared_server, AccountEmailChanged)
    person, new = make_person(shared_server), fresh_address("new")
    client = log_in(shared_server, person)
    assert submit(client, "/settings/email", email=new, password="wrong").status_code == 400
    assert submit(client, "/settings/email", email="nonsense", password=PASSWORD).status_code == 400
    assert submit(client, "/settings/email", email=new, password=PASSWORD).status_code == 303
    assert subjects(shared_server, person.email) == ["A new address was asked for"]
    assert new in client.get("/settings").text
    before = shared_server.read(lambda tx: load_account(tx, person.pk))
    assert before.email_address == person.email, "the address changes only by the link"
    link = mailed_link(shared_server, new, "/confirm/")
    assert submit(client, link).status_code == 303
    after = shared_server.read(lambda tx: load_account(tx, person.pk))
    assert after.email_address == new and changed == [AccountEmailChanged(person.pk)]
    assert subjects(shared_server, person.email)[-1] == "Your address was changed"
    assert submit(shared_server.client(), "/login", email=new, password=PASSWORD).status_code == 303
    assert submit(shared_server.client(), "/login", email=person.email, password=PASSWORD).status_code == 400


def test_mistyped_address_is_mended_by_change(shared_server: Server) -> None:
    """An unconfirmed account that moves to the right address is confirmed by that link, not by the old one."""
    confirmed = listen(shared_server, AccountConfirmed)
    client, wrong = sign_up(shared_server)
    right = fresh_address("right")
    old_link = mailed_link(shared_server, wrong, "/confirm/")
    submit(client, "/settings/email", email=right, password=PASSWORD)
    submit(client, mailed_link(shared_server, right, "/confirm/"))
    account = shared_server.read(lambda tx: find_account(tx, email_address=right))
    assert account is not None and account.is_confirmed and AccountConfirmed(account.pk) in confirmed
    assert client.get(old_link).status_code == 410


def test_taken_address_is_told_to_its_mailbox_only(shared_server: Server) -> None:
    person, other = make_person(shared_server), make_person(shared_server, "Bob")
    client = log_in(shared_server, person)
    free = submit(client, "/settings/email", email=fresh_address("free"), password=PASSWORD)
    taken = submit(client, "/settings/email", email=other.email, password=PASSWORD)
    assert free.status_code == taken.status_code == 303
    assert subjects(shared_server, other.email) == ["You have an account already"]


def test_address_taken_meanwhile(shared_server: Server) -> None:
    person, wanted = make_person(shared_server), fresh_address("wanted")
    client = log_in(shared_server, person)
    submit(client, "/settings/email", email=wanted, password=PASSWORD)
    make_person(shared_server, "Quick", email=wanted)
    answer = submit(client, mailed_link(shared_server, wanted, "/confirm/"))
    assert answer.status_code == 409 and "yours was not changed" in answer.text
    assert shared_server.read(lambda tx: load_account(tx, person.pk)).email_address == person.email


def test_change_of_address_cannot_be_clicked_by_its_victim(shared_server: Server) -> None:
    person, victim = make_person(shared_server), fresh_address("victim")
    submit(log_in(shared_server, person), "/settings/email", email=victim, password=PASSWORD)
    link = mailed_link(shared_server, victim, "/confirm/")
    assert submit(shared_server.client(), link).status_code == 400
    assert shared_server.read(lambda tx: load_account(tx, person.pk)).email_address == person.email


def test_change_of_password_ends_other_sessions(shared_server: Server) -> None:
    disconnected = listen(shared_server, AppsDisconnected)
    person, asked = make_person(shared_server), fresh_address("asked")
    client, other = log_in(shared_server, person), log_in(shared_server, person)
    submit(client, "/settings/email", email=asked, password=PASSWORD)
    assert submit(client, "/settings/password", password="wrong", new_password=NEW_PASSWORD).status_code == 400
    assert submit(client, "/settings/password", password=PASSWORD, new_password="short").status_code == 400
    answer = submit(client, "/settings/password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert answer.status_code == 303
    assert "Log out" in client.get("/").text and "Log out" not in other.get("/").text
    assert submit(shared_server.client(), "/login", email=person.email, password=PASSWORD).status_code == 400
    assert client.get(mailed_link(shared_server, asked, "/confirm/")).status_code == 410, "stops a pending change"
    assert subjects(shared_server, person.email)[-1] == "Your password was changed"
    assert disconnected == []
    submit(client, "/settings/password", password=NEW_PASSWORD, new_password=PASSWORD, revoke_grants="1")
    assert disconnected == [AppsDisconnected(person.pk)]


def test_guessing_the_password_inside_counts_too(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    statuses = [
        submit(client, "/settings/password", password=f"guess {number}", new_password=NEW_PASSWORD).status_code
        for number in range(11)
    ]
    assert statuses == [400] * 10 + [429]


def test_log_out_everywhere(shared_server: Server) -> None:
    disconnected = listen(shared_server, AppsDisconnected)
    person = make_person(shared_server)
    browsers = [log_in(shared_server, person) for _ in range(3)]
    page = browsers[0].get("/settings").text
    assert page.count("127.0.0.1") >= 3 and "This one" in page
    submit(browsers[0], "/settings/sessions", at="/settings", revoke_grants="1")
    assert all("Log out" not in browser.get("/").text for browser in browsers)
    assert disconnected == [AppsDisconnected(person.pk)]


def test_activity_is_shown_to_its_owner(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    submit(client, "/settings/keys")
    page = client.get("/settings").text
    assert "Logged in" in page and "API key made, ending in" in page


def test_outsiders_are_sent_to_log_in(shared_server: Server) -> None:
    client = shared_server.client()
    for path in ("/settings", "/settings/email", "/settings/password", "/settings/callback", "/settings/keys"):
        answer = client.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/login?continue=")
        assert client.post(path).status_code in (303, 403)
