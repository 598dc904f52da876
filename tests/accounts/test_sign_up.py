"""Sign up: in at once, straight back, the address confirmed later by mail."""

from __future__ import annotations

import pytest

from paraph.accounts import AccountConfirmed, find_account
from paraph.accounts.throttle import SIGN_UPS_PER_HOUR
from paraph.kit.http import sign_in_path
from paraph.kit.limits import count
from tests.harness import Server
from tests.helpers.accounts import (
    PASSWORD,
    csrf_token,
    fresh_address,
    log_in,
    mailed_link,
    make_person,
    sign_up,
    submit,
)


def test_sign_up_signs_in_and_asks_to_confirm(shared_server: Server) -> None:
    client, email = sign_up(shared_server, "Ann Example")
    home = client.get("/")
    assert "Log out" in home.text and email in home.text
    assert "Send the mail again" in home.text
    account = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert account is not None and account.name == "Ann Example" and not account.is_confirmed and account.has_password


def test_sign_up_leads_straight_back(shared_server: Server) -> None:
    client = shared_server.client()
    path = sign_in_path(shared_server.kit, "/oauth/authorize?client_id=a&state=b%26c", page="/signup")
    page = client.get(path)
    hidden = page.text.split('name="continue" value="')[1].split('"')[0]
    answer = client.post(
        "/signup",
        data={
            "csrf_token": csrf_token(page),
            "continue": hidden,
            "name": "Ann",
            "email": fresh_address(),
            "password": PASSWORD,
        },
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == "/oauth/authorize?client_id=a&state=b%26c"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "\thttps://evil.example",
        "javascript:alert(1)",
        "L2V2aWw.bm90LW91cnM",
        "é.ü",
        ".",
        "",
    ],
)
def test_continue_leads_nowhere_but_here(shared_server: Server, target: str) -> None:
    person = make_person(shared_server)
    client = shared_server.client()
    answer = submit(client, "/login", email=person.email, password=PASSWORD, **{"continue": target})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Give your name."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"email": "nonsense"}, "Give an email address"),
        ({"email": "a@b"}, "Give an email address"),
        ({"email": "a" * 300 + "@example.com"}, "Give an email address"),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "x" * 600}, "at most 512 characters"),
        ({"password": "password123"}, "one of the first that anyone would try"),
        ({"password": "aaaaaaaaaaaa"}, "one of the first that anyone would try"),
        ({"password": "0123456789"}, "one of the first that anyone would try"),
        ({"password": "someone@example.com", "email": "someone@example.com"}, "not your e-mail address"),
    ],
)
def test_sign_up_names_what_is_wrong(shared_server: Server, fields: dict[str, str], sentence: str) -> None:
    given = {"name": "Ann", "email": fresh_address(), "password": PASSWORD} | fields
    answer = submit(shared_server.client(), "/signup", **given)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "No account was made." in answer.text
    assert given["password"] not in answer.text or given["password"] == given["email"]


def test_one_account_per_address_however_it_is_spelled(shared_server: Server) -> None:
    _client, email = sign_up(shared_server)
    answer = submit(shared_server.client(), "/signup", name="Eve", email=f" {email.upper()} ", password=PASSWORD)
    assert answer.status_code == 400 and "There is an account with this address already" in answer.text
    sign_up(shared_server, email="ann@exämple.example")
    answer = submit(
        shared_server.client(), "/signup", name="Eve", email="ANN@xn--exmple-cua.example", password=PASSWORD
    )
    assert answer.status_code == 400


def test_confirm_in_the_same_browser(shared_server: Server) -> None:
    confirmed: list[int] = []
    shared_server.kit.facts.subscribe(AccountConfirmed, lambda tx, fact, kit: confirmed.append(fact.account_pk))
    client, email = sign_up(shared_server)
    link = mailed_link(shared_server, email, "/confirm/")
    shown = client.get(link)
    assert shown.status_code == 200 and "Confirm account" in shown.text and 'type="password"' not in shown.text
    account = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert account is not None and not account.is_confirmed, "GET must confirm nothing: scanners open links"
    answer = submit(client, link)
    assert answer.status_code == 303
    home = client.get("/")
    assert "Your address is confirmed." in home.text and "Send the mail again" not in home.text
    assert confirmed.count(account.pk) == 1
    again = client.get(link)
    assert again.status_code == 410 and "nothing left to do" in again.text
    assert client.post(link, data={"csrf_token": csrf_token(client.get("/"))}).status_code == 410
    assert confirmed.count(account.pk) == 1


def test_confirm_elsewhere_needs_the_password(shared_server: Server) -> None:
    """Pre-hijacking: a stranger signs up with my address; my click on the link must not confirm their account."""
    _, email = sign_up(shared_server)
    link = mailed_link(shared_server, email, "/confirm/")
    phone = shared_server.client()
    refused = submit(phone, link)
    assert refused.status_code == 400 and "not the password of this account" in refused.text
    refused = submit(phone, link, password="wrong password")
    assert refused.status_code == 400
    account = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert account is not None and not account.is_confirmed
    answer = submit(phone, link, password=PASSWORD)
    assert answer.status_code == 303
    assert "Log out" in phone.get("/").text
    account = shared_server.read(lambda tx: find_account(tx, email_address=email))
    assert account is not None and account.is_confirmed


def test_resend_replaces_the_link(shared_server: Server) -> None:
    client, email = sign_up(shared_server)
    first = mailed_link(shared_server, email, "/confirm/")
    assert submit(client, "/confirm", at="/").status_code == 303
    second = mailed_link(shared_server, email, "/confirm/")
    assert first != second
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    for _ in range(10):
        submit(client, "/confirm", at="/")
    mails = [mail for mail in shared_server.mails() if mail["to"] == email]
    assert len(mails) == 6, "one address gets at most six links an hour"


def test_links_die_of_age(server: Server) -> None:
    client, email = sign_up(server)
    link = mailed_link(server, email, "/confirm/")
    server.move(7 * 86_400 + 1)
    assert client.get(link).status_code == 410
    assert client.get("/confirm/nonsense").status_code == 410
    assert submit(client, "/confirm/nonsense", at="/login").status_code == 410


def test_unconfirmed_accounts_can_log_in(shared_server: Server) -> None:
    person = make_person(shared_server, confirmed=False)
    assert "Confirm your address" in log_in(shared_server, person).get("/").text


def test_mail_says_the_same_twice_and_names_no_stranger(shared_server: Server) -> None:
    _, email = sign_up(shared_server, "Click https://evil.example")
    mail = next(mail for mail in reversed(shared_server.mails()) if mail["to"] == email)
    assert set(mail) == {"to", "from", "subject", "text", "html", "sent_at"}
    assert "evil" not in mail["text"] + mail["html"]
    link = mailed_link(shared_server, email, "/confirm/")
    assert link in mail["text"] and link in mail["html"]


def test_sign_ups_of_a_network_are_limited(lite: Server) -> None:
    sign_up(lite)
    now = lite.clock.now()
    lite.write(lambda tx: count(tx, "sign-up:127.0.0.1", now, 3600, add=SIGN_UPS_PER_HOUR))
    answer = submit(lite.client(), "/signup", name="Ann", email=fresh_address(), password=PASSWORD)
    assert answer.status_code == 429 and "Too many new accounts from your network" in answer.text
    lite.move(3600)
    sign_up(lite)


def test_forms_need_their_token(shared_server: Server) -> None:
    client = shared_server.client()
    data = {"name": "Ann", "email": fresh_address(), "password": PASSWORD}
    assert client.post("/signup", data=data).status_code == 403
    page = client.get("/signup")
    stolen = shared_server.client().post("/signup", data=data | {"csrf_token": csrf_token(page)})
    assert stolen.status_code == 403
    crossed = client.post(
        "/signup", data=data | {"csrf_token": csrf_token(page)}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert crossed.status_code == 403
