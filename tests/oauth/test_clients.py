"""Real clients as black boxes: the vendor's SDK, requests-oauthlib and Authlib, unmodified (oauth.md, part 4)."""

from __future__ import annotations

from typing import Any

import dropbox_sign
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from dropbox_sign import api, exceptions, models
from oauthlib.oauth2.rfc6749 import errors as oauthlib_errors
from requests_oauthlib import OAuth2Session

from tests.helpers.accounts import fresh_address
from tests.helpers.oauth import CALLBACK, STATE, VERIFIER, World, accept, deny, second_app


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server speaks http on loopback, which the clients must be told is all right."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


def vendor(world: World, path: str, **credentials: str) -> dropbox_sign.ApiClient:
    host = world.server.url + path
    return dropbox_sign.ApiClient(dropbox_sign.Configuration(host=host, ignore_operation_servers=True, **credentials))


def callback_of(world: World, address: str, decision: Any = accept) -> str:
    """Open the address a client made, decide, and return where the browser ends."""
    path = address.removeprefix(world.server.url)
    return str(decision(world.browser, world.browser.get(path)).headers["location"])


@pytest.mark.parametrize("path", ["/v3", ""])
def test_T1_R1_the_vendors_sdk_gets_and_refreshes_tokens(world: World, path: str) -> None:
    with vendor(world, path) as client:
        oauth = api.OAuthApi(client)
        asked = models.OAuthTokenGenerateRequest(
            client_id=world.app.client_id,
            client_secret=world.app.secret,
            code=world.code(),
            state=STATE,
            grant_type="authorization_code",
        )
        tokens = oauth.oauth_token_generate(o_auth_token_generate_request=asked)
        assert (tokens.token_type, tokens.expires_in, tokens.state) == ("Bearer", 3600, STATE)
        again = models.OAuthTokenRefreshRequest(grant_type="refresh_token", refresh_token=tokens.refresh_token)
        refreshed = oauth.oauth_token_refresh(o_auth_token_refresh_request=again)
        assert refreshed.refresh_token == tokens.refresh_token
    with vendor(world, "/v3", access_token=refreshed.access_token) as client:
        account = api.AccountApi(client).account_get().account
        assert account.email_address == world.user.email


def test_T19_the_vendors_sdk_reads_our_errors(world: World) -> None:
    with vendor(world, "/v3") as client:
        wrong = models.OAuthTokenGenerateRequest(
            client_id=world.app.client_id,
            client_secret=world.app.secret,
            code="pc_unknown",
            state=STATE,
            grant_type="authorization_code",
        )
        with pytest.raises(exceptions.BadRequestException) as caught:
            api.OAuthApi(client).oauth_token_generate(o_auth_token_generate_request=wrong)
        assert caught.value.data.error.error_name == "invalid_grant"
        bad = models.OAuthTokenGenerateRequest(
            client_id=world.app.client_id,
            client_secret="wrong",
            code="pc_unknown",
            state=STATE,
            grant_type="authorization_code",
        )
        with pytest.raises(exceptions.UnauthorizedException) as refused:
            api.OAuthApi(client).oauth_token_generate(o_auth_token_generate_request=bad)
        assert refused.value.data.error.error_name == "invalid_client"


def test_M13_the_vendors_sdk_creates_accounts(world: World) -> None:
    with vendor(world, "/v3", username=world.owner.api_key) as client:
        asked = models.AccountCreateRequest(
            email_address=fresh_address("jill"), client_id=world.app.client_id, client_secret=world.app.secret
        )
        made = api.AccountApi(client).account_create(account_create_request=asked)
        assert made.oauth_data.token_type == "Bearer"
        assert len(made.account.account_id) == 40
    with vendor(world, "/v3", access_token=made.oauth_data.access_token) as client:
        with pytest.raises(exceptions.UnauthorizedException) as refused:
            api.AccountApi(client).account_get()
        assert "has not authorized the app" in refused.value.data.error.error_msg


@pytest.mark.parametrize("profile", ["walkthrough", "standard"])
def test_T1_R1_requests_oauthlib(world: World, profile: str) -> None:
    app = second_app(world, profile=profile)
    session = OAuth2Session(
        app.app.client_id, redirect_uri=CALLBACK, pkce="S256", scope=["basic_account_info", "request_signature"]
    )
    address, _state = session.authorization_url(f"{world.server.url}/oauth/authorize")
    landed = callback_of(app, address)
    session.fetch_token(
        f"{world.server.url}/oauth/token", authorization_response=landed, client_secret=app.app.secret
    )
    assert session.get(f"{world.server.url}/v3/account").status_code == 200
    refreshed = session.refresh_token(f"{world.server.url}/oauth/token?refresh", **app.credentials)
    assert refreshed["access_token"]
    with pytest.raises(oauthlib_errors.InvalidGrantError):
        session.refresh_token(f"{world.server.url}/oauth/token", refresh_token="pr_unknown", **app.credentials)


def test_B9_V45_a_denial_ends_the_clients_flow(world: World) -> None:
    session = OAuth2Session(world.app.client_id, redirect_uri=CALLBACK, scope=["basic_account_info"])
    address, _state = session.authorization_url(f"{world.server.url}/oauth/authorize")
    landed = callback_of(world, address, deny)
    with pytest.raises(oauthlib_errors.AccessDeniedError):
        session.fetch_token(f"{world.server.url}/oauth/token", authorization_response=landed, client_secret="x")


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_T1_T10_R1_M1_authlib(strict: World, method: str) -> None:
    server = strict.server.url
    metadata = strict.calls.get("/.well-known/oauth-authorization-server").json()
    session = AuthlibSession(
        strict.app.client_id,
        strict.app.secret,
        token_endpoint_auth_method=method,
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        revocation_endpoint_auth_method=method,
    )
    address, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=VERIFIER)
    landed = callback_of(strict, address)
    assert f"state={state}" in landed
    token = session.fetch_token(metadata["token_endpoint"], authorization_response=landed, code_verifier=VERIFIER)
    assert session.get(f"{server}/v3/account").json()["account"]["email_address"] == strict.user.email
    new = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert new["refresh_token"] != token["refresh_token"]
    told = session.introspect_token(metadata["introspection_endpoint"], token=new["access_token"]).json()
    assert told["active"] is True
    assert session.revoke_token(metadata["revocation_endpoint"], token=new["refresh_token"]).status_code == 200
    with pytest.raises(OAuthError):
        session.refresh_token(metadata["token_endpoint"], refresh_token=new["refresh_token"])
