"""Checklist 2.1: the authorization request."""

from __future__ import annotations

import time
from html import unescape
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

import httpx
import pytest

from tests.harness import Server
from tests.helpers.accounts import fresh_address, log_in, make_person
from tests.helpers.apps import suspend
from tests.helpers.oauth import (
    CALLBACK,
    STATE,
    World,
    accept,
    authorize_path,
    challenge,
    decide,
    deny,
    form_fields,
    make_world,
    query_of,
    second_app,
)

TWISTED_CALLBACKS = {
    "case of the path": "https://app.example.com/OAuth/callback",
    "trailing slash": f"{CALLBACK}/",
    "added query": f"{CALLBACK}?x=1",
    "fragment": f"{CALLBACK}#f",
    "encoded dots": "https://app.example.com/oauth/%2e%2e/oauth/callback",
    "dots": "https://app.example.com/oauth/../oauth/callback",
    "another host": "https://evil.example/oauth/callback",
    "no scheme": "//app.example.com/oauth/callback",
    "user info": "https://app.example.com@evil.example/oauth/callback",
    "other port": "https://app.example.com:8443/oauth/callback",
    "http": "http://app.example.com/oauth/callback",
    "prefix": "https://app.example.com/oauth/callback.evil",
    "space": f"{CALLBACK} ",
    "not an address": "https://[not-an-ip]/",
    "script": "javascript:alert(1)",
    "template": "{{7*7}}${7*7}%s",
    "not utf-8": "\udcff",
}
OTHER_FAULTS: dict[str, dict[str, Any]] = {
    "response type": {"response_type": "token"},
    "scope": {"scope": "everything"},
    "challenge": {"code_challenge": "short"},
    "prompt": {"prompt": "none"},
    "request object": {"request_uri": "https://evil.example/request"},
}


def refused_on_a_page(answer: httpx.Response, status: int = 400) -> bool:
    """An error page of ours, with no way off this site."""
    assert "location" not in answer.headers
    assert answer.status_code == status, answer.text
    return "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize("client_id", [None, "", "f" * 32, "x\x00y", "é", "a" * 500, "{{7*7}}", "' OR 1=1 --"])
def test_A1_unknown_client_is_a_page(world: World, client_id: str | None) -> None:
    answer = world.ask(client_id=client_id, redirect_uri="https://evil.example/cb")
    assert refused_on_a_page(answer)
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("twist", TWISTED_CALLBACKS)
@pytest.mark.parametrize("logged_in", [True, False])
def test_A2_a_callback_that_differs_in_anything_is_a_page(world: World, twist: str, logged_in: bool) -> None:
    browser = world.browser if logged_in else world.server.client()
    raw = TWISTED_CALLBACKS[twist].encode("utf-8", "surrogateescape")
    answer = browser.get(authorize_path(world.app) + "&redirect_uri=" + quote(raw, safe=""))
    assert refused_on_a_page(answer)


@pytest.mark.parametrize("fault", OTHER_FAULTS)
def test_A2_V35_never_a_redirect_to_an_unregistered_callback_whatever_else_is_wrong(world: World, fault: str) -> None:
    for browser in (world.browser, world.server.client()):
        answer = world.ask(browser=browser, redirect_uri="https://evil.example/cb", **OTHER_FAULTS[fault])
        assert refused_on_a_page(answer)


def test_A2_the_registered_callback_itself_is_accepted(world: World) -> None:
    assert form_fields(world.ask(redirect_uri=CALLBACK))


@pytest.mark.parametrize(
    ("registered", "native", "asked", "accepted"),
    [
        ("http://127.0.0.1:4000/cb", True, "http://127.0.0.1:51234/cb", True),
        ("http://127.0.0.1:4000/cb", True, "http://127.0.0.1:51234/other", False),
        ("http://127.0.0.1:4000/cb", True, "http://localhost:51234/cb", False),
        ("http://localhost:4000/cb", True, "http://localhost:51234/cb", False),
        ("http://127.0.0.1:4000/cb", False, "http://127.0.0.1:51234/cb", False),
    ],
)
def test_A3_only_a_native_apps_loopback_address_may_change_its_port(
    world: World, registered: str, native: bool, asked: str, accepted: bool
) -> None:
    app = second_app(world, callback_url=registered, native=native)
    answer = app.ask(redirect_uri=asked, **challenge())
    if not accepted:
        assert refused_on_a_page(answer)
        return
    assert accept(app.browser, answer).headers["location"].startswith(f"{asked}?code=")


def test_A4_without_redirect_uri_the_registered_callback_is_used(world: World) -> None:
    for parameters in ({}, {"redirect_uri": ""}):
        answer = accept(world.browser, world.ask(**parameters))
        assert answer.headers["location"].startswith(f"{CALLBACK}?code=")


@pytest.mark.parametrize(
    ("response_type", "error"),
    [
        (None, "invalid_request"),
        ("token", "unsupported_response_type"),
        ("id_token", "unsupported_response_type"),
        ("code token", "unsupported_response_type"),
        ("CODE", "unsupported_response_type"),
    ],
)
def test_A5_only_response_type_code(world: World, response_type: str | None, error: str) -> None:
    told = query_of(world.ask(response_type=response_type))
    assert told["error"] == error
    assert "access_token" not in told


def test_A5_only_response_mode_query(world: World) -> None:
    assert query_of(world.ask(response_mode="fragment"))["error"] == "invalid_request"
    assert form_fields(world.ask(response_mode="query"))


@pytest.mark.parametrize("name", ["state", "scope", "code_challenge", "response_type", "prompt", "unheard_of"])
def test_A6_a_parameter_given_twice_is_told_to_the_app(world: World, name: str) -> None:
    answer = world.browser.get(f"{authorize_path(world.app)}&{name}=code&{name}=code")
    assert query_of(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(("name", "value"), [("client_id", "x"), ("redirect_uri", CALLBACK)])
def test_A6_client_or_callback_given_twice_is_a_page(world: World, name: str, value: str) -> None:
    again = urlencode({name: value})
    answer = world.browser.get(f"{authorize_path(world.app, redirect_uri=CALLBACK)}&{again}")
    assert refused_on_a_page(answer)


def test_A7_a_posted_request_leads_to_the_same_page_and_decides_nothing(world: World) -> None:
    path, _, query = authorize_path(world.app, redirect_uri=CALLBACK).partition("?")
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "https://app.example.com"}
    answer = world.browser.post(path, content=query, headers=form | {"sec-fetch-site": "cross-site"})
    assert answer.status_code == 303
    assert "code=" not in urlsplit(answer.headers["location"]).query.replace("response_type=code", "")
    assert form_fields(world.browser.get(answer.headers["location"]))


def test_A7_a_posted_request_keeps_repeated_and_strange_parameters(world: World) -> None:
    body = f"{authorize_path(world.app).partition('?')[2]}&state=again\r\nX-Injected: 1\xff".encode("latin-1")
    answer = world.browser.post("/oauth/authorize", content=body)
    assert "x-injected" not in answer.headers
    assert query_of(world.browser.get(answer.headers["location"]))["error"] == "invalid_request"
    assert world.browser.post("/oauth/authorize", content=b"x" * 70_000).status_code == 413


def test_A8_V31_HEAD_gives_nothing(world: World) -> None:
    assert world.browser.head(authorize_path(world.app)).status_code == 405
    fields = form_fields(world.ask())
    for method in ("HEAD", "GET", "PUT"):
        answer = world.browser.request(method, "/oauth/authorize/consent", params=fields | {"decision": "accept"})
        assert answer.status_code == 405
        assert "location" not in answer.headers
    assert "code" in query_of(decide(world.browser, fields, "accept"))


@pytest.mark.parametrize(
    "sent",
    [
        {"code_challenge": "a" * 43},
        {"code_challenge": "a" * 43, "code_challenge_method": "plain"},
        {"code_challenge": "a" * 43, "code_challenge_method": "s256"},
        {"code_challenge": "a" * 42, "code_challenge_method": "S256"},
        {"code_challenge": "a" * 129, "code_challenge_method": "S256"},
        {"code_challenge": "a" * 42 + "+", "code_challenge_method": "S256"},
        {"code_challenge": "a" * 42 + "\n", "code_challenge_method": "S256"},
        {"code_challenge_method": "S256"},
    ],
)
def test_A9_a_challenge_that_is_not_S256_is_refused(world: World, sent: dict[str, str]) -> None:
    assert query_of(world.ask(**sent))["error"] == "invalid_request"


def test_A9_a_challenge_of_S256_passes(world: World) -> None:
    assert form_fields(world.ask(**challenge()))


def test_A10_public_apps_and_the_standard_profile_need_a_challenge(world: World, strict: World) -> None:
    native = second_app(world, callback_url="http://127.0.0.1:4000/cb", native=True)
    for app in (native, strict):
        assert query_of(app.ask())["error"] == "invalid_request"
        assert form_fields(app.ask(**challenge()))


@pytest.mark.parametrize(
    "scope",
    ["everything", "account_access", "basic_account_info everything", "basic_account_info\x07", " ", "x" * 50_000],
)
def test_A11_a_scope_that_is_not_the_apps_is_refused_quickly(world: World, scope: str) -> None:
    started = time.perf_counter()
    told = query_of(world.ask(scope=scope))
    assert time.perf_counter() - started < 2
    assert told["error"] == "invalid_scope"


def test_A11_a_long_scope_costs_little(world: World) -> None:
    """V20: what 50 kB of scope adds is the price of reading them."""
    spent = {}
    for scope in ("everything", "a " * 25_000):
        started = time.process_time()
        world.ask(scope=scope)
        spent[scope[:3]] = time.process_time() - started
    assert spent["a a"] - spent["eve"] < 0.05


def test_A12_without_scope_all_of_the_apps_are_asked_for(world: World) -> None:
    page = world.ask()
    assert "See who you are" in page.text
    assert "Send documents for signature in your name" in page.text
    tokens = world.connect()
    assert tokens.answer["scope"] == "basic_account_info request_signature"


def test_A13_state_comes_back_byte_for_byte(world: World) -> None:
    every = bytes(range(32, 127)) + "äöü€ 漢字 🖋 </script><img>".encode()
    state = (every * 40)[:4096]
    for answered in (accept, deny):
        page = world.browser.get(authorize_path(world.app, state=None) + "&state=" + quote(state, safe=""))
        assert "<img>" not in page.text
        query = urlsplit(answered(world.browser, page).headers["location"]).query
        found = dict(pair.split("=", 1) for pair in query.split("&"))
        assert unquote_to_bytes(found["state"]) == state


def test_A13_state_need_not_be_text(world: World) -> None:
    page = world.browser.get(authorize_path(world.app, state=None) + "&state=%ff%fe%80+%2B")
    assert accept(world.browser, page).headers["location"].split("state=")[1].startswith("%FF%FE%80%20%2B")


def test_A13_a_state_that_is_too_long_is_told_to_the_app(world: World) -> None:
    assert query_of(world.ask(state="s" * 9000))["error"] == "invalid_request"


@pytest.mark.parametrize("fault", ["response type", "scope", "challenge", "request object"])
def test_A14_an_error_carries_code_state_and_issuer_and_nothing_else(world: World, fault: str) -> None:
    told = query_of(world.ask(**OTHER_FAULTS[fault]))
    assert told.keys() == {"error", "error_description", "state", "iss"}
    assert told["state"] == STATE
    assert told["iss"] == world.server.kit.settings.public_url
    assert told["error_description"].isascii()
    assert not set('"\\') & set(told["error_description"])


def test_A15_an_unapproved_app_is_for_its_owner_only(shared_server: Server) -> None:
    world = make_world(shared_server, approved=False)
    operator = make_person(shared_server, "Otto", operator=True)
    owner = log_in(shared_server, world.owner)
    for browser in (world.browser, log_in(shared_server, operator)):
        assert refused_on_a_page(world.ask(browser=browser), 403)
        assert refused_on_a_page(world.ask(browser=browser, scope="everything"), 403)
    assert refused_on_a_page(world.ask(browser=shared_server.client(), prompt="none"), 403)
    assert "code" in query_of(accept(owner, world.ask(browser=owner)))


def test_A16_an_app_that_is_suspended_meanwhile_gets_no_code(shared_server: Server) -> None:
    world = make_world(shared_server)
    page = world.ask()
    suspend(shared_server, world.app.client_id)
    answer = accept(world.browser, page)
    assert "location" not in answer.headers
    assert answer.status_code in (403, 409)
    assert refused_on_a_page(world.ask(), 403)


def test_A16_an_app_that_is_deleted_meanwhile_gets_no_code(shared_server: Server) -> None:
    world = make_world(shared_server)
    page = world.ask()
    owner = shared_server.api(world.owner.api_key)
    assert owner.delete(f"/v3/api_app/{world.app.client_id}").status_code == 204
    assert refused_on_a_page(accept(world.browser, page), 409)


def test_A16_an_app_that_changes_its_callback_meanwhile_gets_no_code(shared_server: Server) -> None:
    world = make_world(shared_server)
    page = world.ask()
    elsewhere = {"oauth": {"callback_url": "https://elsewhere.example.com/cb"}}
    owner = shared_server.api(world.owner.api_key)
    assert owner.put(f"/v3/api_app/{world.app.client_id}", json=elsewhere).status_code == 200
    assert refused_on_a_page(accept(world.browser, page), 409)


def test_A17_nobody_is_sent_through_us_before_log_in(world: World) -> None:
    browser = world.server.client()
    for fault in ({}, {"scope": "everything"}, {"response_type": "token"}):
        answer = world.ask(browser=browser, **fault)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?")


def test_A17_after_log_in_straight_back(world: World) -> None:
    browser = world.server.client()
    log_in_page = world.ask(browser=browser, redirect_uri=CALLBACK).headers["location"]
    fields = form_fields(browser.get(log_in_page))
    typed = {"email_address": world.user.email, "email": world.user.email, "password": world.user.password}
    answer = browser.post(log_in_page, data=fields | typed)
    assert answer.status_code == 303
    assert answer.headers["location"] == authorize_path(world.app, redirect_uri=CALLBACK)
    assert "code" in query_of(accept(browser, browser.get(answer.headers["location"])))


def test_A17_after_sign_up_straight_back_too(world: World) -> None:
    browser = world.server.client()
    log_in_page = browser.get(world.ask(browser=browser).headers["location"])
    sign_up_page = unescape(log_in_page.text.split('href="/signup?')[1].split('"')[0])
    fields = form_fields(browser.get(f"/signup?{sign_up_page}"))
    typed = {"name": "Nora New", "email": fresh_address("nora"), "password": world.user.password}
    answer = browser.post("/signup", data=fields | typed)
    assert answer.headers["location"] == authorize_path(world.app)
    assert "code" in query_of(accept(browser, browser.get(answer.headers["location"])))


def test_A18_prompt_none_shows_no_page(shared_server: Server) -> None:
    world = make_world(shared_server)
    assert query_of(world.ask(browser=shared_server.client(), prompt="none"))["error"] == "login_required"
    assert query_of(world.ask(prompt="none"))["error"] == "consent_required"
    world.connect(scope="basic_account_info")
    assert query_of(world.ask(prompt="none"))["error"] == "consent_required"
    told = query_of(world.ask(prompt="none", scope="basic_account_info"))
    assert world.redeem(told["code"]).json()["scope"] == "basic_account_info"


@pytest.mark.parametrize("prompt", ["none login", "anything", "none none x"])
def test_A18_other_prompts_are_refused(world: World, prompt: str) -> None:
    assert query_of(world.ask(prompt=prompt))["error"] == "invalid_request"


def test_A19_A20_pages_cannot_be_framed_kept_or_followed(world: World) -> None:
    pages = {
        "consent": world.ask(),
        "error": world.ask(client_id="nobody"),
        "log-in": world.server.client().get("/login"),
        "redirect": accept(world.browser, world.ask()),
        "refusal": world.ask(response_type="token"),
    }
    for name, answer in pages.items():
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], name
        assert answer.headers["x-frame-options"] == "DENY", name
        assert answer.headers["referrer-policy"] == "no-referrer", name
        assert answer.headers["cache-control"] == "no-store", name
        assert "unsafe-inline" not in answer.headers["content-security-policy"], name
    for address in ("src=", "href="):
        for found in pages["consent"].text.split(f'{address}"')[1:]:
            assert found.startswith(("/", "#")), found[:60]


def test_A20_the_consent_form_may_lead_to_the_callback(world: World) -> None:
    policy = world.ask().headers["content-security-policy"]
    assert "https://app.example.com" in policy.partition("form-action")[2]


def test_A21_other_sites_scripts_may_call_the_token_endpoint_but_not_authorize(world: World) -> None:
    asked = {"origin": "https://spa.example", "access-control-request-method": "POST"}
    for path in ("/oauth/token", "/v3/oauth/token", "/oauth/revoke", "/.well-known/oauth-authorization-server"):
        answer = world.calls.options(path, headers=asked)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    assert "access-control-allow-origin" not in world.browser.options("/oauth/authorize", headers=asked).headers
    assert "access-control-allow-origin" not in world.ask().headers


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_A22_V19_request_objects_are_refused(world: World, parameter: str, error: str) -> None:
    assert query_of(world.ask(**{parameter: "https://127.0.0.1:1/x"}))["error"] == error


@pytest.mark.parametrize(
    "parameter", ["client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge"]
)
def test_V25_nothing_is_evaluated(world: World, parameter: str) -> None:
    answer = world.ask(**{parameter: "{{7331*1337}}${7331*1337}<%= 7331*1337 %>%s%n"})
    assert answer.status_code in (200, 303, 400)
    assert str(7331 * 1337) not in answer.headers.get("location", "") + answer.text


def test_V34_a_callback_with_its_own_query_keeps_it(world: World) -> None:
    app = second_app(world, callback_url="https://app.example.com/cb?tenant=7&x=a%20b")
    for answered in (accept, deny):
        location = answered(app.browser, app.ask()).headers["location"]
        assert location.startswith("https://app.example.com/cb?tenant=7&x=a%20b&")
        assert location.count("state=") == 1


def test_V38_cookies_hold_nothing_of_the_request(world: World) -> None:
    browser = log_in(world.server, world.user)
    world.ask(browser=browser, state="very-special-state")
    assert all("special" not in value and world.app.client_id not in value for value in browser.cookies.values())


def test_S9_a_resource_of_another_server_is_refused(world: World) -> None:
    assert query_of(world.ask(resource="https://api.elsewhere.example"))["error"] == "invalid_target"
    assert form_fields(world.ask(resource=f"{world.server.kit.settings.public_url}/v3"))


def test_an_app_without_oauth_cannot_be_authorized(world: World) -> None:
    owner = world.server.api(world.owner.api_key)
    body = {"name": "No OAuth here", "domains": ["app.example.com"]}
    made = owner.post("/v3/api_app", json=body).json()["api_app"]
    assert refused_on_a_page(world.ask(client_id=made["client_id"]))


def test_bytes_that_are_no_text_are_no_server_error(world: World) -> None:
    for raw in ("%00", "%ff", "%", "%zz", "&&&=&=", "client_id", ";"):
        answer = world.browser.get(f"/oauth/authorize?client_id={raw}&{raw}={raw}")
        assert answer.status_code == 400, raw
        assert world.ask(scope=None, state=raw).status_code in (200, 303)
