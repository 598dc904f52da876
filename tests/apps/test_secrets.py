"""Client secrets (oauth.md C11, M10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from paraph import apps
from paraph.apps.models import api_app_secrets, api_apps
from tests.harness import Server
from tests.helpers.accounts import log_in, make_person, submit
from tests.helpers.apps import MadeApp, make_app

DAY = 86_400


def works(server: Server, client_id: str, secret: str) -> bool:
    return server.write(lambda tx: apps.authenticate_client(tx, client_id, secret, server.kit)) is not None


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The tests of this module keep out of each other's way."""
    return shared_server


@pytest.fixture
def owned(server: Server) -> tuple[Server, Any, MadeApp, str]:
    alice = make_person(server, "Alice")
    app = make_app(server.api(alice.api_key))
    return server, log_in(server, alice), app, f"/settings/api/apps/{app.client_id}"


def test_only_the_right_secret_of_the_right_app_works(server: Server) -> None:
    api = server.api(make_person(server, "Alice").api_key)
    one, other = make_app(api), make_app(api)
    assert works(server, one.client_id, one.secret)
    for client_id, secret in (
        (one.client_id, other.secret),
        (one.client_id, one.secret.upper()),
        (one.client_id, one.secret + "0"),
        (one.client_id, ""),
        (one.client_id, "x" * 100_000),
        (one.client_id, "\ud800"),
        ("0" * 32, one.secret),
        ("", one.secret),
    ):
        assert not works(server, client_id, secret)


def test_a_rotated_secret_works_until_its_set_end(owned: tuple[Server, Any, MadeApp, str]) -> None:
    server, browser, app, page = owned
    assert submit(browser, f"{page}/secret", at=page, grace=str(DAY)).status_code == 303
    new = browser_secret(server, app)
    assert new != app.secret
    assert works(server, app.client_id, new)
    assert works(server, app.client_id, app.secret)
    shown = browser.get(page).text
    assert "An old secret still works" in shown
    assert "last used" in shown
    assert app.secret not in shown
    server.move(DAY - 1)
    assert works(server, app.client_id, app.secret)
    server.move(1)
    assert not works(server, app.client_id, app.secret)
    assert works(server, app.client_id, new)


def test_an_old_secret_can_be_stopped_before_its_end(owned: tuple[Server, Any, MadeApp, str]) -> None:
    server, browser, app, page = owned
    submit(browser, f"{page}/secret", at=page, grace=str(7 * DAY))
    assert submit(browser, f"{page}/secret/end-old", at=page).status_code == 303
    assert not works(server, app.client_id, app.secret)
    assert works(server, app.client_id, browser_secret(server, app))


def test_a_compromised_secret_stops_at_once_with_all_older_ones(owned: tuple[Server, Any, MadeApp, str]) -> None:
    server, browser, app, page = owned
    submit(browser, f"{page}/secret", at=page, grace=str(7 * DAY))
    second = browser_secret(server, app)
    told: list[apps.AppSecretRotated] = []
    server.kit.facts.subscribe(apps.AppSecretRotated, lambda _tx, fact, _kit: told.append(fact))
    submit(browser, f"{page}/secret", at=page, grace="compromised")
    assert [fact.compromised for fact in told] == [True]
    assert not works(server, app.client_id, app.secret)
    assert not works(server, app.client_id, second)
    assert works(server, app.client_id, browser_secret(server, app))


def test_old_secrets_do_not_pile_up(owned: tuple[Server, Any, MadeApp, str]) -> None:
    _server, browser, _app, page = owned
    answers = [submit(browser, f"{page}/secret", at=page, grace=str(DAY)).status_code for _ in range(3)]
    assert answers == [303, 303, 400]


@pytest.mark.parametrize("grace", ["", "12", "-1", "x", "99999999999"])
def test_only_the_offered_ends_are_taken(owned: tuple[Server, Any, MadeApp, str], grace: str) -> None:
    server, browser, app, page = owned
    assert submit(browser, f"{page}/secret", at=page, grace=grace).status_code == 400
    assert browser_secret(server, app) == app.secret


def test_rotations_at_once_leave_one_current_secret(owned: tuple[Server, Any, MadeApp, str]) -> None:
    server, browser, app, page = owned
    token = browser.get(page).text.split('name="csrf_token" value="')[1].split('"')[0]

    def rotate(_number: int) -> int:
        own = server.client(cookies=browser.cookies)
        return own.post(f"{page}/secret", data={"csrf_token": token, "grace": "0"}).status_code

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(rotate, range(10)))
    assert set(answers) <= {303, 409}
    assert 303 in answers
    table = api_app_secrets
    mine = table.c.app_pk == api_apps.c.id, api_apps.c.client_id == app.client_id
    current = server.read(lambda tx: tx.all(table.select().where(table.c.ends_at.is_(None), *mine)))
    assert len(current) == 1
    assert works(server, app.client_id, browser_secret(server, app))


def test_a_stranger_rotates_nothing(owned: tuple[Server, Any, MadeApp, str]) -> None:
    server, _browser, app, page = owned
    bob = log_in(server, make_person(server, "Bob"))
    for path in ("/secret", "/secret/end-old", "/approval", "/protocol", "/delete", "/edit", "/test-event", "/logo"):
        answer = submit(bob, f"{page}{path}", at="/settings/api/apps/new", grace="0", name="Mine", profile="standard")
        assert answer.status_code == 404, path
    for path in ("", "/edit", "/delete", "/deliveries"):
        assert bob.get(f"{page}{path}").status_code == 404, path
    assert browser_secret(server, app) == app.secret


def browser_secret(server: Server, app: MadeApp) -> str:
    def query(tx: Any) -> str:
        found = apps.find_app(tx, app.client_id)
        assert found is not None
        return apps.current_secret(tx, found.pk, server.kit)

    return server.read(query)
