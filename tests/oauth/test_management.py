"""Checklist 2.6: revocation, introspection, metadata, apps."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from paraph.kit.settings import Settings, SettingsError
from tests.harness import Server, running_server
from tests.helpers.accounts import submit
from tests.helpers.oauth import CALLBACK, World, accept, error_of, make_world, second_app
from tests.oauth.test_code import basic

ISSUER = "/.well-known/oauth-authorization-server"


def revoke(world: World, token: str | None, **more: str) -> httpx.Response:
    body = {"token": token, **world.credentials} | more
    return world.calls.post("/oauth/revoke", data={name: value for name, value in body.items() if value is not None})


def introspect(world: World, token: str, **more: str) -> httpx.Response:
    return world.calls.post("/oauth/introspect", data={"token": token, **world.credentials} | more)


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "nonsense"}])
def test_M1_revoking_a_refresh_token_ends_the_family(world: World, hint: dict[str, str]) -> None:
    tokens, bystander = world.connect(), world.connect()
    assert revoke(world, tokens.refresh_token, **hint).status_code == 200
    assert not world.works(tokens.access_token)
    assert error_of(world.refresh(tokens.refresh_token)) == "invalid_grant"
    assert world.works(bystander.access_token)
    assert revoke(world, tokens.refresh_token).status_code == 200


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}])
def test_M1_V12_revoking_an_access_token_ends_that_token(world: World, hint: dict[str, str]) -> None:
    tokens = world.connect()
    assert revoke(world, tokens.access_token, **hint).status_code == 200
    assert not world.works(tokens.access_token)
    assert world.works(world.refresh(tokens.refresh_token).json()["access_token"])


def test_M1_an_unknown_token_is_no_error_and_a_missing_one_is(world: World) -> None:
    assert revoke(world, "unknown").status_code == 200
    assert revoke(world, "\u00e9\u202e").status_code == 200
    assert error_of(revoke(world, None)) == "invalid_request"


def test_M1_revocation_by_header_and_by_json(world: World) -> None:
    tokens = world.connect()
    sent = basic(world.app.client_id, world.app.secret)
    assert world.calls.post("/oauth/revoke", data={"token": tokens.access_token}, headers=sent).status_code == 200
    assert world.calls.post("/oauth/revoke", json={"token": tokens.refresh_token} | world.credentials).is_success
    assert not world.works(tokens.access_token)


def test_M2_V12_another_apps_token_stays_alive(world: World) -> None:
    other, tokens = second_app(world), world.connect()
    for token in (tokens.refresh_token, tokens.access_token):
        assert revoke(other, token).status_code == 200
    assert world.works(tokens.access_token)
    assert world.refresh(tokens.refresh_token).status_code == 200


def test_M2_V13_confidential_apps_prove_themselves_and_public_ones_need_not(world: World) -> None:
    from tests.helpers.oauth import VERIFIER, challenge, tokens_of

    tokens = world.connect()
    for wrong in ({"client_secret": "wrong"}, {"client_secret": ""}, {"client_id": "nobody"}):
        answer = revoke(world, tokens.refresh_token, **wrong)
        assert (answer.status_code, error_of(answer)) == (401, "invalid_client")
    assert world.works(tokens.access_token)
    native = second_app(world, native=True, callback_url="http://127.0.0.1:4000/cb")
    own = tokens_of(native.redeem(native.code(**challenge()), client_secret=None, code_verifier=VERIFIER))
    body = {"token": own.refresh_token, "client_id": native.app.client_id}
    assert world.calls.post("/oauth/revoke", data=body).status_code == 200
    assert not native.works(own.access_token)


def test_M3_what_the_app_revoked_is_gone_from_the_page(server: Server) -> None:
    world = make_world(server)
    tokens = world.connect()
    assert world.app.name in world.browser.get("/settings/connected-apps").text
    revoke(world, tokens.refresh_token)
    assert world.app.name not in world.browser.get("/settings/connected-apps").text


def test_M4_an_app_is_told_about_its_own_access_token(world: World) -> None:
    tokens = world.connect()
    told = introspect(world, tokens.access_token)
    assert told.headers["cache-control"] == "no-store"
    body = told.json()
    assert body["active"] is True
    assert body["scope"] == "basic_account_info request_signature"
    assert body["client_id"] == world.app.client_id
    assert body["sub"] == world.user.account_id
    assert body["username"] == world.user.email
    assert body["token_type"] == "Bearer"
    assert body["exp"] - body["iat"] == 3600
    assert body["iss"] == world.server.kit.settings.public_url


def test_M4_everything_else_is_inactive_and_nothing_more(lite: Server) -> None:
    world = make_world(lite)
    other = second_app(world)
    expired = world.connect().access_token
    lite.move(3600)
    revoked, foreign = world.connect(), other.connect()
    revoke(world, revoked.refresh_token)
    live = world.connect()
    for token in (expired, revoked.access_token, foreign.access_token, live.refresh_token, world.code(), "x"):
        assert introspect(world, token).json() == {"active": False}


def test_M4_nobody_is_told_without_credentials(world: World) -> None:
    token = world.connect().access_token
    for wrong in ({"client_secret": ""}, {"client_secret": "wrong"}, {"client_id": "", "client_secret": ""}):
        answer = introspect(world, token, **wrong)
        assert (answer.status_code, error_of(answer)) == (401, "invalid_client")
    native = second_app(world, native=True, callback_url="http://127.0.0.1:4000/cb")
    assert introspect(native, token, client_secret="").status_code == 401
    assert error_of(introspect(world, "")) == "invalid_request"


def test_M5_the_metadata_say_what_works(world: World) -> None:
    body = world.calls.get(ISSUER).json()
    issuer = world.server.kit.settings.public_url
    assert body["issuer"] == issuer
    assert body["code_challenge_methods_supported"] == ["S256"]
    assert body["authorization_response_iss_parameter_supported"] is True
    assert body["response_types_supported"] == ["code"]
    assert body["grant_types_supported"] == ["authorization_code", "refresh_token"]
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert body[name].startswith(f"{issuer}/oauth/")
        assert world.calls.post(body[name]).status_code in (400, 401), name
    assert body["authorization_endpoint"] == f"{issuer}/oauth/authorize"
    assert world.calls.get(body["authorization_endpoint"]).status_code == 400
    from paraph.apps import SCOPES

    assert body["scopes_supported"] == list(SCOPES)


def test_M5_every_announced_way_to_authenticate_works(world: World) -> None:
    methods = world.calls.get(ISSUER).json()["token_endpoint_auth_methods_supported"]
    assert methods == ["client_secret_post", "client_secret_basic", "none"]
    # post and basic: T1, T10; none, for public apps: test_public_apps_rotate_without_a_secret


def test_M5_there_is_no_issuer_with_a_path() -> None:
    with pytest.raises(SettingsError):
        Settings(public_url="https://sign.example.com/below")


def test_M5_another_issuer_is_not_ours(world: World) -> None:
    assert world.calls.get(f"{ISSUER}/evil").status_code == 404


def test_M5_the_protected_resource_points_to_its_authorization_server(world: World) -> None:
    issuer = world.server.kit.settings.public_url
    for path, resource in (("", issuer), ("/v3", f"{issuer}/v3")):
        body = world.calls.get(f"/.well-known/oauth-protected-resource{path}").json()
        assert body["resource"] == resource
        assert body["authorization_servers"] == [issuer]
        assert body["bearer_methods_supported"] == ["header"]


def test_M6_V33_forged_host_headers_change_nothing(world: World) -> None:
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "ftp"}
    assert "evil.example" not in world.calls.get(ISSUER, headers=forged).text
    assert "evil.example" not in world.calls.get("/v3/account", headers=forged).headers["www-authenticate"]
    fields_page = world.browser.get(world.ask().request.url, headers={"host": "evil.example"})
    location = accept(world.browser, fields_page).headers["location"]
    assert location.startswith(CALLBACK)
    assert "evil.example" not in location


def test_M7_pushed_requests_are_neither_announced_nor_taken(world: World) -> None:
    body = world.calls.get(ISSUER).json()
    assert not any("pushed" in name for name in body)
    assert body["request_uri_parameter_supported"] is False
    assert world.calls.post("/oauth/par", data=world.credentials).status_code in (404, 405)


BAD_CALLBACKS = [
    "javascript:alert(1)", "data:text/html,x", "https://a@b.example/cb", "http://localhost:80@attacker.test/cb",
    "https://app.example.com/cb#f", "https://app.example.com/cb?code=1", "https://app.example.com/cb?state=1",
    "https://app.example.com/cb?iss=1", "http://app.example.com/cb", "https://*.example.com/cb", "https://10.0.0.1/cb",
    "https://xn--pple-43d.com/cb", "https://[not-an-ip]/", "//app.example.com/cb", "https:app.example.com",
    "https://app.example.com/a/../b", "https://app.example.com\\@evil.example/",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_CALLBACKS)
def test_M9_V18_V26_V27_V28_V29_V37_callbacks_that_cannot_be_registered(world: World, url: str) -> None:
    body = {
        "name": f"Bad {url}"[:60],
        "domains": ["x.example"],
        "oauth": {"callback_url": url, "scopes": ["request_signature"]},
    }
    assert world.server.api(world.owner.api_key).post("/v3/api_app", json=body).status_code == 400


def test_M11_nothing_is_fetched_for_an_authorization(world: World) -> None:
    """No parameter of the protocol is an address that this server would call (webhooks: tests/events)."""
    for name in ("request_uri", "jwks_uri", "logo_uri", "client_id"):
        answer = world.ask(**{name: "http://169.254.169.254/latest"})
        assert answer.status_code in (200, 303, 400)


def test_V40_no_page_of_a_user_shows_a_client_secret(world: World) -> None:
    world.connect()
    for page in (world.browser.get("/settings/connected-apps"), world.ask()):
        assert world.app.secret not in page.text


def test_V48_consent_is_never_overwritten(server: Server) -> None:
    world = make_world(server)
    wide, narrow = world.connect(), world.connect(scope="basic_account_info")
    page = world.browser.get("/settings/connected-apps").text
    assert "Send documents for signature in your name" in page
    assert page.count(f'id="app-{world.app.client_id}"') == 1
    assert wide.answer["scope"] != narrow.answer["scope"]
    revoke(world, wide.refresh_token)
    assert "Send documents for signature in your name" not in world.browser.get("/settings/connected-apps").text


def test_V46_the_way_back_after_log_in_never_leads_off_this_site(world: World) -> None:
    browser = world.server.client()
    spellings = [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "\t//evil.example",
    ]
    for spelling in spellings:
        page = "/login?" + str(httpx.QueryParams({"continue": spelling}))
        answer = submit(browser, page, email=world.user.email, password=world.user.password)
        assert answer.headers["location"] == "/", spelling
        browser = world.server.client()


def test_connected_apps_can_be_stopped_at_once(server: Server) -> None:
    world, stranger = make_world(server), make_world(server)
    first, second = world.connect(), world.connect(scope="basic_account_info")
    waiting = world.code()
    path = f"/settings/connected-apps/{world.app.client_id}/revoke"
    assert submit(stranger.browser, path, at="/settings/connected-apps").status_code == 404
    assert world.works(first.access_token)
    assert world.browser.post(path).status_code == 403
    answer = submit(world.browser, path, at="/settings/connected-apps")
    assert answer.headers["location"] == "/settings/connected-apps"
    for tokens in (first, second):
        assert not world.works(tokens.access_token)
        assert error_of(world.refresh(tokens.refresh_token)) == "invalid_grant"
    assert error_of(world.redeem(waiting)) == "invalid_grant"
    page = world.browser.get("/settings/connected-apps").text
    assert f"{world.app.name} can no longer use your account" in page
    assert "No app is connected" in page
    for gone in (world.app.client_id, "nobody", "x" * 99, "%00"):
        path = f"/settings/connected-apps/{gone}/revoke"
        assert submit(world.browser, path, at="/settings").status_code in (400, 404)


def test_connected_apps_is_for_logged_in_people(world: World) -> None:
    answer = world.server.client().get("/settings/connected-apps")
    assert answer.headers["location"].startswith("/login?")


def test_C20_too_many_calls_are_refused_with_all_headers(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", api_rate_limit=20) as server:
        client = server.client()
        for encoding in ("data", "json"):
            answers = [client.post("/oauth/token", **{encoding: {"grant_type": "x"}}) for _ in range(25)]
            last = answers[-1]
            assert last.status_code == 429
            assert int(last.headers["retry-after"]) > 0
            assert last.headers["x-ratelimit-remaining"] == "0"
            assert error_of(last) == "exceeded_rate"
