"""Log in: sessions, and limits on guessing that hold for parallel tries, spelled addresses and several processes."""

from __future__ import annotations

import shutil
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import argon2
import pytest
from sqlalchemy import select, update

from paraph.accounts import find_account
from paraph.accounts.models import accounts, sessions
from paraph.accounts.throttle import network_of
from tests.harness import Cluster, Server, running_server
from tests.helpers.accounts import PASSWORD, csrf_token, log_in, make_person, submit

QUARTER_HOUR = 900


def test_log_in_and_out(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    assert person.email in client.get("/").text
    cookie = next(cookie for cookie in client.cookies.jar if cookie.name == "paraph_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    kept = client.cookies["paraph_session"]
    assert submit(client, "/logout", at="/").status_code == 303
    assert "Log out" not in client.get("/").text
    thief = shared_server.client(cookies={"paraph_session": kept})
    assert "Log out" not in thief.get("/").text, "a session that was logged out is over on the server too"


def test_address_is_spelled_any_way(shared_server: Server) -> None:
    person = make_person(shared_server)
    answer = submit(shared_server.client(), "/login", email=f"  {person.email.upper()} ", password=PASSWORD)
    assert answer.status_code == 303


def test_no_telling_unknown_from_wrong(shared_server: Server) -> None:
    person = make_person(shared_server)
    wrong = submit(shared_server.client(), "/login", email=person.email, password="wrong")
    unknown = submit(shared_server.client(), "/login", email="nobody@example.com", password="wrong")
    odd = submit(shared_server.client(), "/login", email="x", password="\u20ac")
    assert wrong.status_code == unknown.status_code == odd.status_code == 400
    for answer in (wrong, unknown, odd):
        assert "The address or the password is not right." in answer.text


def test_unknown_takes_as_long_as_wrong(lite: Server) -> None:
    person = make_person(lite)
    client = lite.client()
    token = csrf_token(client.get("/login"))

    def seconds(email: str) -> float:
        started = time.perf_counter()
        client.post("/login", data={"csrf_token": token, "email": email, "password": "wrong"})
        return time.perf_counter() - started

    seconds("first@example.com")
    known = statistics.median(seconds(person.email) for _ in range(5))
    unknown = statistics.median(seconds(f"nobody{number}@example.com") for number in range(5))
    assert 0.4 < unknown / known < 2.5


def test_session_is_new_at_log_in(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = log_in(shared_server, person)
    planted = client.cookies["paraph_session"]
    other = make_person(shared_server, "Bob")
    token = csrf_token(client.get("/"))
    client.post("/login", data={"csrf_token": token, "email": other.email, "password": PASSWORD})
    assert client.cookies["paraph_session"] != planted
    assert "Log out" not in shared_server.client(cookies={"paraph_session": planted}).get("/").text


def test_no_session_token_is_stored(shared_server: Server) -> None:
    client = log_in(shared_server, make_person(shared_server))
    token = client.cookies["paraph_session"]
    rows = shared_server.read(lambda tx: tx.all(select(sessions)))
    assert rows and all(token.encode() != row.token_hash and token not in str(row) for row in rows)


def test_sessions_end_of_idleness_and_age(server: Server) -> None:
    client = log_in(server, make_person(server))
    for _ in range(6):
        server.move(2 * 86_400)
        assert "Log out" in client.get("/").text
    server.move(2 * 86_400 + 1)
    assert "Log out" not in client.get("/").text, "over after 14 days, however much it is used"
    client = log_in(server, make_person(server, "Bob"))
    server.move(3 * 86_400 + 1)
    assert "Log out" not in client.get("/").text, "over after 3 idle days"


def test_parallel_tries_count_each(server: Server) -> None:
    person = make_person(server)
    client = server.client()
    token = csrf_token(client.get("/login"))

    def guess(number: int) -> int:
        data = {"csrf_token": token, "email": person.email, "password": f"guess {number}"}
        return client.post("/login", data=data).status_code

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(guess, range(50)))
    assert sorted(set(statuses)) == [400, 429]
    assert statuses.count(400) == 10
    right = submit(server.client(), "/login", email=person.email, password=PASSWORD)
    assert right.status_code == 429 and "Too many failed log-ins" in right.text
    assert int(right.headers["retry-after"]) <= QUARTER_HOUR
    server.move(QUARTER_HOUR)
    log_in(server, person)


def test_success_forgets_failures(tmp_path: Path) -> None:
    with running_server(tmp_path, login_attempts=2) as server:
        person = make_person(server)
        for _ in range(2):
            assert submit(server.client(), "/login", email=person.email, password="wrong").status_code == 400
            log_in(server, person)


def test_limit_holds_across_processes(cluster: Cluster, tmp_path: Path) -> None:
    """Each has a folder of its own: they share the database, and the keys of their installation."""
    url = cluster.new_database()
    with running_server(tmp_path / "a", url, login_attempts=4) as first:
        shutil.copytree(tmp_path / "a/keys", tmp_path / "b/keys")
        with running_server(tmp_path / "b", url, login_attempts=4) as second:
            person = make_person(first)
            statuses = [
                submit(server.client(), "/login", email=person.email, password="wrong").status_code
                for server in (first, second, first, second, first, second)
            ]
            assert statuses == [400, 400, 400, 400, 429, 429]


def test_one_network_counts_as_one(tmp_path: Path) -> None:
    """V16: other addresses of the same /64, other spellings, mapped IPv4."""
    with running_server(tmp_path, login_attempts=2, trusted_proxies="127.0.0.1") as server:

        def guess(number: int, address: str) -> int:
            client = server.client(headers={"X-Forwarded-For": address})
            return submit(client, "/login", email=f"p{number}@example.com", password="x").status_code

        for number in range(20):
            assert guess(number, f"2001:db8:0:1::{number:x}") == 400
        assert guess(20, "2001:0DB8:0000:0001:ffff:0:0:1") == 429
        assert guess(21, "2001:db8:0:2::1") == 400


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:C000:0207", "192.0.2.7"),
        ("2001:DB8::1", "2001:db8::/64"),
        ("2001:db8:0:0:9::1", "2001:db8::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def test_weaker_hashes_are_renewed(lite: Server) -> None:
    person = make_person(lite)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    lite.write(lambda tx: tx.execute(update(accounts).where(accounts.c.id == person.pk).values(password_hash=weak)))
    log_in(lite, person)
    stored = lite.read(lambda tx: tx.scalar(select(accounts.c.password_hash).where(accounts.c.id == person.pk)))
    assert stored != weak and stored.startswith("$argon2id$")
    log_in(lite, person)


def test_pages_need_log_in_and_lead_back(shared_server: Server) -> None:
    person = make_person(shared_server)
    client = shared_server.client()
    away = client.get("/settings/keys?x=1")
    assert away.status_code == 303 and away.headers["location"].startswith("/login?continue=")
    page = client.get(away.headers["location"])
    hidden = page.text.split('name="continue" value="')[1].split('"')[0]
    data = {"csrf_token": csrf_token(page), "email": person.email, "password": PASSWORD, "continue": hidden}
    assert client.post("/login", data=data).headers["location"] == "/settings/keys?x=1"
    assert client.get("/login").status_code == 303, "whoever is logged in goes on"


def test_accounts_are_found_by_any_spelling(lite: Server) -> None:
    person = make_person(lite)
    found = lite.read(lambda tx: find_account(tx, email_address=person.email.upper()))
    assert found is not None and found.account_id == person.account_id
    assert lite.read(lambda tx: find_account(tx, email_address="not an address")) is None
    assert lite.read(lambda tx: find_account(tx)) is None
