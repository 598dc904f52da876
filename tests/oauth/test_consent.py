"""Checklist 2.2: consent and log-in."""

from __future__ import annotations

import threading

import pytest

from tests.harness import Server
from tests.helpers.accounts import log_in, make_person
from tests.helpers.apps import set_profile
from tests.helpers.oauth import (
    STATE,
    VERIFIER,
    World,
    accept,
    challenge,
    decide,
    deny,
    error_of,
    form_fields,
    make_world,
    query_of,
    second_app,
)


def gives_no_code(answer: object) -> bool:
    location = answer.headers.get("location", "")  # type: ignore[attr-defined]
    return "code=" not in location and answer.status_code in (303, 400, 403, 409)  # type: ignore[attr-defined]


def test_B1_consent_needs_the_csrf_token_of_this_session(world: World) -> None:
    fields = form_fields(world.ask())
    stranger = log_in(world.server, make_person(world.server, "Mallory"))
    foreign = form_fields(world.ask(browser=stranger))["csrf_token"]
    for token in ("", "x", foreign):
        assert decide(world.browser, fields | {"csrf_token": token}, "accept").status_code == 403


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_B1_consent_from_another_site_is_refused(world: World, headers: dict[str, str]) -> None:
    fields = form_fields(world.ask()) | {"decision": "accept"}
    answer = world.browser.post("/oauth/authorize/consent", data=fields, headers=headers)
    assert answer.status_code == 403


def test_B1_consent_belongs_to_the_session_that_asked(world: World) -> None:
    fields = form_fields(world.ask())
    elsewhere = log_in(world.server, world.user)
    own_token = form_fields(world.ask(browser=elsewhere))["csrf_token"]
    assert decide(elsewhere, fields | {"csrf_token": own_token}, "accept").status_code == 409


def test_B1_consent_of_another_person_is_refused(world: World) -> None:
    fields = form_fields(world.ask())
    stranger = log_in(world.server, make_person(world.server, "Mallory"))
    own_token = form_fields(world.ask(browser=stranger))["csrf_token"]
    assert decide(stranger, fields | {"csrf_token": own_token}, "accept").status_code == 409


def test_B1_a_request_is_answered_once(world: World) -> None:
    fields = form_fields(world.ask())
    assert "code" in query_of(decide(world.browser, fields, "accept"))
    for again in ("accept", "deny"):
        assert decide(world.browser, fields, again).status_code == 409


def test_B1_a_request_that_waited_too_long_is_refused(lite: Server) -> None:
    world = make_world(lite)
    page = world.ask()
    lite.move(3601)
    assert accept(world.browser, page).status_code == 409


def test_B2_V24_V21_the_stored_request_counts(world: World) -> None:
    other = second_app(world)
    changed = {"client_id": other.app.client_id, "redirect_uri": "https://evil.example", "scope": "team_access"}
    answer = accept(world.browser, world.ask(scope="basic_account_info"), **changed, state="changed")
    assert answer.headers["location"].startswith(f"{world.app.callback_url}?code=")
    assert query_of(answer)["state"] == STATE
    assert world.redeem(query_of(answer)["code"]).json()["scope"] == "basic_account_info"


def test_B3_two_consents_at_once_give_one_code(server: Server) -> None:
    world = make_world(server)
    fields = form_fields(world.ask())
    cookies = dict(world.browser.cookies)
    answers = []
    barrier = threading.Barrier(8)

    def press() -> None:
        client = server.client(cookies=cookies)
        barrier.wait()
        answers.append(decide(client, fields, "accept"))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 7


def test_B4_a_person_may_leave_scopes_out(strict: World) -> None:
    page = strict.ask(**challenge())
    answer = accept(strict.browser, page, leave_out=["request_signature"])
    tokens = strict.redeem(query_of(answer)["code"], code_verifier=VERIFIER).json()
    assert tokens["scope"] == "basic_account_info"
    sent = {"authorization": f"Bearer {tokens['access_token']}"}
    assert strict.calls.get("/v3/account", headers=sent).status_code == 200
    assert strict.calls.get("/v3/signature_request/list", headers=sent).status_code == 403


def test_B4_not_everything_can_be_left_out(strict: World) -> None:
    fields = form_fields(strict.ask(**challenge()))
    everything = ["request_signature", "basic_account_info"]
    assert decide(strict.browser, fields, "accept", leave_out=everything).status_code == 400
    assert "code" in query_of(decide(strict.browser, fields, "accept"))


def test_B4_an_app_may_ask_for_less(world: World) -> None:
    tokens = world.connect(scope="basic_account_info")
    assert tokens.answer["scope"] == "basic_account_info"


def test_B5_what_is_new_is_marked_and_the_page_is_always_shown(server: Server) -> None:
    world = make_world(server)
    assert ">new<" not in world.ask().text
    world.connect(scope="basic_account_info")
    assert ">new<" not in world.ask(scope="basic_account_info").text
    assert world.ask().text.count(">new<") == 1


def test_B6_V22_V30_public_apps_ask_every_time(world: World) -> None:
    native = second_app(world, native=True, callback_url="http://127.0.0.1:4000/cb")
    assert "code" in query_of(accept(native.browser, native.ask(**challenge())))
    assert query_of(native.ask(prompt="none", **challenge()))["error"] == "consent_required"
    assert form_fields(native.ask(**challenge()))


def test_B7_V42_after_a_change_of_scopes_the_person_is_asked_again(server: Server) -> None:
    world = make_world(server)
    tokens = world.connect()
    waiting = world.code()
    changed = {"oauth": {"scopes": ["basic_account_info"]}}
    answer = server.api(world.owner.api_key).put(f"/v3/api_app/{world.app.client_id}", json=changed)
    assert answer.json()["warnings"][0]["warning_name"] == "oauth_grants_revoked"
    assert not world.works(tokens.access_token)
    assert error_of(world.refresh(tokens.refresh_token)) == "invalid_grant"
    assert error_of(world.redeem(waiting)) == "invalid_grant"
    assert query_of(world.ask(prompt="none"))["error"] == "consent_required"
    assert world.connect().answer["scope"] == "basic_account_info"


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "Acme \u202e\u2066lagel", "Very " + "long " * 58, "{{ 7*7 }}", '"><b>', "عكس"],
)
def test_B8_V23_V32_an_apps_name_does_no_harm(world: World, name: str) -> None:
    app = second_app(world, name=name)
    page = app.ask().text
    assert "<script>alert" not in page
    assert '"><b>' not in page
    assert "\u202e" not in page
    assert ">49<" not in page
    assert len(page.split("<h1", 1)[1].split("</h1>")[0]) < 300
    assert "app.example.com" in page
    assert world.owner.email in page


def test_B8_a_name_that_claims_to_be_official_is_refused(world: World) -> None:
    body = {"name": "Official Paraph", "domains": ["app.example.com"]}
    assert world.server.api(world.owner.api_key).post("/v3/api_app", json=body).status_code == 400


def test_B9_a_plain_walkthrough_request_that_is_denied_gets_state_alone(world: World) -> None:
    assert query_of(deny(world.browser, world.ask())) == {"state": STATE}
    assert form_fields(world.ask())


def test_B9_V45_modern_requests_are_told_that_access_was_denied(world: World, strict: World) -> None:
    modern = [
        deny(world.browser, world.ask(**challenge())),
        deny(world.browser, world.ask(scope="basic_account_info")),
        deny(world.browser, world.ask(prompt="consent")),
        deny(world.browser, world.ask(state=None)),
        deny(strict.browser, strict.ask(**challenge())),
    ]
    for answer in modern:
        told = query_of(answer)
        assert told["error"] == "access_denied"
        assert told["iss"] == world.server.kit.settings.public_url
        assert "code" not in told


def test_B9_deny_stores_no_grant(server: Server) -> None:
    world = make_world(server)
    deny(world.browser, world.ask())
    assert "No app is connected" in world.browser.get("/settings/connected-apps").text
    assert query_of(world.ask(prompt="none"))["error"] == "consent_required"


def test_B9_success_carries_code_state_and_issuer(world: World, strict: World) -> None:
    for answer in (accept(world.browser, world.ask()), accept(strict.browser, strict.ask(**challenge()))):
        told = query_of(answer)
        assert told.keys() == {"code", "state", "iss"}
        assert told["iss"] == world.server.kit.settings.public_url


def test_B10_every_redirect_is_a_303(world: World) -> None:
    assert accept(world.browser, world.ask()).status_code == 303
    assert deny(world.browser, world.ask()).status_code == 303
    assert world.ask(response_type="token").status_code == 303
    assert world.ask(browser=world.server.client()).status_code == 303


def test_B11_the_session_changes_at_log_in(world: World) -> None:
    browser = world.server.client()
    browser.get("/login")
    browser.cookies.set("paraph_session", "chosen-by-the-attacker", domain="127.0.0.1", path="/")
    browser = log_in(world.server, world.user, browser)
    sessions = {value for name, value in browser.cookies.items() if name == "paraph_session"}
    assert sessions
    assert "chosen-by-the-attacker" not in sessions


def test_B13_clicks_of_the_first_half_second_are_not_taken(world: World) -> None:
    page = world.ask().text
    address = page.split('src="/static/oauth/settle.js')[1].split('"')[0]
    assert page.index("settle.js") < page.index("<body")
    script = world.browser.get(f"/static/oauth/settle.js{address}").text
    assert "SETTLE_MILLISECONDS = 500" in script


def test_the_page_says_who_asks_whose_account_what_and_who_pays(world: World) -> None:
    page = world.ask().text
    for words in (
        world.app.name,
        world.owner.email,
        world.user.email,
        "Switch account",
        "app.example.com",
        "costs you nothing",
        "It cannot sign for you",
        "You can stop this at any time under",
        ">Accept<",
        ">Deny<",
    ):
        assert words in page, words
    paid = second_app(world, scopes=["signature_request_access"]).ask().text
    assert "counts against your account" in paid


def test_switching_the_account_leads_back_to_the_same_request(world: World) -> None:
    browser = log_in(world.server, world.user)
    page = world.ask(browser=browser)
    action = page.text.split('id="switch" method="post" action="')[1].split('"')[0]
    answer = browser.post(action, data={"csrf_token": form_fields(page)["csrf_token"]})
    assert answer.headers["location"].startswith("/oauth/authorize?")
    again = browser.get(answer.headers["location"])
    assert again.headers["location"].startswith("/login?")


def test_an_owner_may_try_an_app_that_nobody_approved(server: Server) -> None:
    world = make_world(server, approved=False)
    owner = log_in(server, world.owner)
    page = world.ask(browser=owner)
    assert "not approved yet" in page.text
    code = query_of(accept(owner, page))["code"]
    assert world.redeem(code).status_code == 200


def test_a_change_of_profile_counts_at_once(server: Server) -> None:
    world = make_world(server)
    set_profile(server, world.app.client_id, "standard")
    assert query_of(world.ask())["error"] == "invalid_request"
