"""The vendor's account creation flow: C9, M12 to M15, R15."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from paraph.accounts.models import accounts
from paraph.oauth.models import oauth_grants
from tests.harness import Server
from tests.helpers.accounts import fresh_address, mailed_link, submit
from tests.helpers.apps import suspend
from tests.helpers.oauth import (
    World,
    accept,
    authorize_path,
    deny,
    error_of,
    form_fields,
    make_world,
    query_of,
    second_app,
    send,
)

DAY = 86_400
PASSWORD = "correct horse battery"


class Invited:
    """Somebody whom an app gave an account, and the tokens the app got."""

    def __init__(self, world: World, *, encoding: str = "json", **more: Any) -> None:
        self.world, self.server = world, world.server
        self.email = fresh_address("jill")
        self.browser = self.server.client()
        body = {"email_address": self.email, **world.credentials} | more
        key = self.server.api(world.owner.api_key)
        self.answer = send(key, "/v3/account/create", body, encoding)
        self.data = self.answer.json().get("oauth_data", {})

    def call(self) -> httpx.Response:
        return self.world.call(self.data["access_token"])

    def refresh(self) -> httpx.Response:
        return self.world.refresh(self.data["refresh_token"])

    def confirm(self) -> httpx.Response:
        """Open the mailed link, choose a password, press **Confirm account**."""
        link = mailed_link(self.server, self.email, "/confirm/")
        return submit(self.browser, link, password=PASSWORD, name="Jill")

    def consent_page(self) -> httpx.Response:
        return self.browser.get(self.confirm().headers["location"])


def refused(answer: httpx.Response, status: int, *words: str) -> bool:
    assert answer.status_code == status, answer.text
    message = answer.json()["error"]["error_msg"]
    assert all(word in message for word in words), message
    return True


@pytest.mark.parametrize("encoding", ["json", "form", "multipart"])
def test_M13_the_pair_works_only_after_confirmation_and_consent(world: World, encoding: str) -> None:
    jill = Invited(world, encoding=encoding)
    assert jill.answer.status_code == 200, jill.answer.text
    assert jill.answer.json()["account"]["email_address"] == jill.email
    assert jill.data.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert refused(jill.call(), 401, "not confirmed the account", "not authorized the app")
    assert 'error="invalid_token"' in jill.call().headers["www-authenticate"]
    page = jill.consent_page()
    assert refused(jill.call(), 401, "has confirmed the account but has not authorized the app")
    assert world.app.name in page.text
    assert jill.email in page.text
    done = accept(jill.browser, page)
    assert done.headers["location"] == "/settings/connected-apps"
    assert "Done." in jill.browser.get("/settings/connected-apps").text
    answer = jill.call()
    assert answer.status_code == 200
    assert answer.json()["account"]["email_address"] == jill.email
    assert jill.refresh().status_code == 200


def test_M13_confirmation_leads_to_the_consent_page_of_this_app(world: World) -> None:
    jill = Invited(world)
    location = jill.confirm().headers["location"]
    assert location.startswith("/oauth/authorize?")
    assert f"client_id={world.app.client_id}" in location


def test_M13_expires_in_counts_from_the_consent(lite: Server) -> None:
    world = make_world(lite)
    jill = Invited(world)
    assert jill.data["expires_in"] == 3600
    lite.move(2 * DAY)
    accept(jill.browser, jill.consent_page())
    lite.move(3599)
    assert jill.call().status_code == 200
    lite.move(1)
    assert refused(jill.call(), 401, "expired")
    assert jill.refresh().status_code == 200


def test_M13_a_pair_waits_thirty_days(lite: Server) -> None:
    world = make_world(lite)
    jill = Invited(world)
    page = jill.consent_page()
    lite.move(30 * DAY)
    assert refused(jill.call(), 401, "unknown, has expired or was revoked")
    browser = lite.client()
    submit(browser, "/login", email=jill.email, password=PASSWORD)
    assert "location" not in browser.get(authorize_path(world.app, invitation="1")).headers
    lite.run_jobs()
    assert error_of(jill.refresh()) == "invalid_grant"
    assert page.status_code == 200


def test_M13_a_sweep_leaves_a_waiting_pair_alone(lite: Server) -> None:
    world = make_world(lite)
    jill = Invited(world)
    lite.move(29 * DAY)
    lite.run_jobs()
    accept(jill.browser, jill.consent_page())
    assert jill.call().status_code == 200


def test_R15_refreshing_a_pending_pair_fails_and_uses_nothing_up(server: Server) -> None:
    from tests.helpers.apps import set_profile

    world = make_world(server)
    set_profile(server, world.app.client_id, "standard")
    jill = Invited(world)
    for _ in range(2):
        answer = world.refresh(jill.data["refresh_token"], **world.credentials)
        assert (answer.status_code, error_of(answer)) == (400, "invalid_grant")
    accept(jill.browser, jill.consent_page())
    assert world.refresh(jill.data["refresh_token"], **world.credentials).status_code == 200


def test_M14_an_invitation_that_is_over_is_a_page_where_a_code_would_need_a_challenge(server: Server) -> None:
    world = make_world(server, profile="standard")
    jill = Invited(world)
    address = jill.confirm().headers["location"]
    accept(jill.browser, jill.browser.get(address))
    again = jill.browser.get(address)
    assert again.status_code == 410
    assert "connect it from there" in again.text


def test_M4_a_pending_token_is_inactive(world: World) -> None:
    jill = Invited(world)
    body = {"token": jill.data["access_token"], **world.credentials}
    assert world.calls.post("/oauth/introspect", data=body).json() == {"active": False}


def test_M14_deny_kills_the_pair(world: World) -> None:
    jill = Invited(world)
    answer = deny(jill.browser, jill.consent_page())
    assert answer.headers["location"] == "/settings/connected-apps"
    assert refused(jill.call(), 401, "revoked")
    assert error_of(jill.refresh()) == "invalid_grant"
    page = jill.browser.get(authorize_path(world.app))
    assert "code" in query_of(accept(jill.browser, page))
    assert refused(jill.call(), 401, "revoked")


def test_M14_a_password_reset_confirms_but_gives_the_app_nothing(server: Server) -> None:
    world = make_world(server)
    jill = Invited(world)
    submit(jill.browser, "/reset", email=jill.email)
    server.run_jobs()
    link = mailed_link(server, jill.email, "/reset/")
    answer = submit(jill.browser, link, password=PASSWORD, name="Jill")
    assert answer.status_code == 303, answer.text
    assert refused(jill.call(), 401, "has confirmed the account but has not authorized the app")
    submit(jill.browser, "/login", email=jill.email, password=PASSWORD)
    assert "waits for you" in jill.browser.get("/settings/connected-apps").text
    told = query_of(accept(jill.browser, jill.browser.get(authorize_path(world.app))))
    assert world.redeem(told["code"]).status_code == 200
    assert jill.call().status_code == 200


def test_M14_consent_to_another_app_does_not_count(world: World) -> None:
    jill, other = Invited(world), second_app(world)
    jill.confirm()
    accept(jill.browser, jill.browser.get(authorize_path(other.app)))
    assert refused(jill.call(), 401, "has not authorized the app")


def test_M14_consent_to_less_does_not_count(world: World) -> None:
    jill = Invited(world)
    jill.confirm()
    accept(jill.browser, jill.browser.get(authorize_path(world.app, scope="basic_account_info")))
    assert refused(jill.call(), 401, "has not authorized the app")


def test_M14_the_mark_of_an_invitation_means_nothing_to_others(world: World) -> None:
    answer = accept(world.browser, world.ask(invitation="1"))
    assert answer.headers["location"].startswith(world.app.callback_url)


def test_M14_suspension_and_a_change_of_scopes_kill_the_pair(server: Server) -> None:
    first, second = make_world(server), make_world(server)
    suspended, changed = Invited(first), Invited(second)
    suspend(server, first.app.client_id)
    body = {"oauth": {"scopes": ["basic_account_info"]}}
    server.api(second.owner.api_key).put(f"/v3/api_app/{second.app.client_id}", json=body)
    for jill in (suspended, changed):
        assert refused(jill.call(), 401, "revoked")
    accept(changed.browser, changed.consent_page())
    assert refused(changed.call(), 401, "revoked")


def test_M15_the_link_goes_by_mail_only_and_once(server: Server) -> None:
    world = make_world(server)
    jill = Invited(world, name="Mallory", password="chosen by the app")
    link = mailed_link(server, jill.email, "/confirm/")
    token = link.rpartition("/")[2]
    assert token not in jill.answer.text
    assert len([mail for mail in server.mails() if token in json.dumps(mail)]) == 1
    assert submit(server.client(), "/login", email=jill.email, password="chosen by the app").status_code == 400
    jill.confirm()
    assert server.client().get(link).status_code == 410
    stranger = server.api(world.owner.api_key)
    assert token not in stranger.get("/v3/account", params={"email_address": jill.email}).text


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"client_secret": "0" * 32}, "client_secret"),
        ({"client_id": "0" * 32}, "client_secret"),
        ({"client_id": "\u00e9\u202e"}, "client_secret"),
        ({"client_secret": None}, "client_secret"),
        ({"client_id": None}, "client_id"),
        ({"email_address": "nobody"}, "email_address"),
        ({"email_address": None}, "email_address"),
        ({"locale": "xx_XX"}, "locale"),
    ],
)
def test_M12_bad_input_is_named_and_leaves_nothing(world: World, wrong: dict[str, Any], path: str) -> None:
    before = everything(world.server)
    answer = Invited(world, **wrong).answer
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["error_name"] == "bad_request"
    assert answer.json()["error"]["error_path"] == path
    assert everything(world.server) == before


def everything(server: Server) -> tuple[int, ...]:
    def count(tx: Any) -> tuple[int, ...]:
        return tuple(tx.scalar(select(func.count()).select_from(table)) for table in (accounts, oauth_grants))

    return (*server.read(count), len(server.mails()))


def test_M12_an_address_that_has_an_account(world: World) -> None:
    before = everything(world.server)
    answer = Invited(world, email_address=world.user.email.upper()).answer
    assert refused(answer, 400, "Account already exists.")
    assert everything(world.server) == before


def test_M12_an_app_must_be_approved_and_not_suspended(server: Server) -> None:
    unapproved, suspended = make_world(server, approved=False), make_world(server)
    suspend(server, suspended.app.client_id)
    assert refused(Invited(unapproved).answer, 400, "App not approved yet")
    assert refused(Invited(suspended).answer, 403, "suspended")


def test_M12_many_addresses_in_a_minute_are_refused(lite: Server) -> None:
    world = make_world(lite)
    statuses = [Invited(world).answer.status_code for _ in range(70)]
    assert statuses[:60] == [200] * 60
    assert set(statuses[60:]) == {429}
    lite.move(60)
    assert Invited(world).answer.status_code == 200


def test_M12_who_may_create(world: World) -> None:
    body = {"email_address": fresh_address(), **world.credentials}
    assert world.calls.post("/v3/account/create", json=body).status_code == 401
    token = world.connect().access_token
    assert world.server.api(token=token).post("/v3/account/create", json=body).status_code == 403
    paid = second_app(world, scopes=["account_access"]).connect().access_token
    assert world.server.api(token=paid).post("/v3/account/create", json=body).status_code == 200


def test_without_an_app_it_is_a_plain_invitation(server: Server) -> None:
    world = make_world(server)
    jill = Invited(world, client_id=None, client_secret=None)
    body = jill.answer.json()
    assert jill.answer.status_code == 200
    assert "oauth_data" not in body
    assert body["warnings"][0]["warning_name"] == "unconfirmed"
    assert jill.confirm().headers["location"] == "/"


def test_the_apps_callback_hears_of_the_confirmation(server: Server) -> None:
    from paraph import apps, events

    world = make_world(server, callback_url="https://app.example.com/oauth/callback")
    url = {"callback_url": "https://app.example.com/events"}
    assert server.api(world.owner.api_key).put(f"/v3/api_app/{world.app.client_id}", json=url).status_code == 200
    jill, plain = Invited(world), Invited(world, client_id=None, client_secret=None)
    plain.confirm()
    jill.confirm()

    def delivered(tx: Any) -> list[Any]:
        app = apps.find_app(tx, world.app.client_id)
        assert app is not None
        return list(events.deliveries_of(tx, app_pk=app.pk))

    found = [one for one in server.read(delivered) if one.event_type == "account_confirmed"]
    assert len(found) == 1
    told = json.loads(found[0].request_body)
    assert told["account"]["email_address"] == jill.email
    assert told["event"]["event_metadata"]["reported_for_app_id"] == world.app.client_id
    expected = events.event_hash(world.owner.api_key, told["event"]["event_time"], "account_confirmed")
    assert told["event"]["event_hash"] == expected


def test_a_person_who_is_invited_may_stop_the_app_before_deciding(world: World) -> None:
    jill = Invited(world)
    jill.confirm()
    page = jill.browser.get("/settings/connected-apps")
    assert ">Decide<" in page.text
    path = f"/settings/connected-apps/{world.app.client_id}/revoke"
    assert submit(jill.browser, path, at="/settings/connected-apps").status_code == 303
    assert refused(jill.call(), 401, "revoked")


def test_the_decide_button_leads_to_consent(world: World) -> None:
    jill = Invited(world)
    jill.confirm()
    address = jill.browser.get("/settings/connected-apps").text.split('href="/oauth/authorize?')[1].split('"')[0]
    page = jill.browser.get("/oauth/authorize?" + address.replace("&amp;", "&"))
    assert form_fields(page)
    assert accept(jill.browser, page).headers["location"] == "/settings/connected-apps"
    assert jill.call().status_code == 200
