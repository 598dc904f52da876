"""Checklist 2.5: using an access token."""

from __future__ import annotations

import base64
import logging
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.harness import Server, running_server
from tests.helpers.oauth import World, challenge, make_world, second_app


def refused(answer: httpx.Response, status: int = 401) -> httpx.Response:
    """The vendor's error body with this status."""
    assert answer.status_code == status, answer.text
    assert answer.json()["error"].keys() >= {"error_msg", "error_name"}
    return answer


def call(world: World, *authorization: str, path: str = "/v3/account", **more: object) -> httpx.Response:
    headers = [("authorization", value) for value in authorization]
    return world.calls.request("GET", path, headers=headers, **more)  # type: ignore[arg-type]


def test_S1_no_token(world: World) -> None:
    challenge_ = refused(call(world)).headers["www-authenticate"]
    assert challenge_.startswith("Bearer ")
    address = challenge_.split('resource_metadata="')[1].split('"')[0]
    assert httpx.get(address).json()["authorization_servers"] == [world.server.kit.settings.public_url]


def test_S2_unknown_expired_and_revoked_tokens_read_the_same(lite: Server) -> None:
    world = make_world(lite)
    expired = world.connect().access_token
    lite.move(3600)
    revoked, whole = world.connect().access_token, world.connect()
    world.calls.post("/oauth/revoke", data={"token": revoked} | world.credentials)
    world.calls.post("/oauth/revoke", data={"token": whole.refresh_token} | world.credentials)
    answers = [refused(world.call(token)) for token in ("pa_unknown", expired, revoked, whole.access_token)]
    assert len({answer.text for answer in answers}) == 1
    for answer in answers:
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_S3_without_the_scope(world: World) -> None:
    token = world.connect(scope="basic_account_info").access_token
    for method, path in (("GET", "/v3/signature_request/list"), ("GET", "/v3/api_app/list"), ("GET", "/v3/team")):
        answer = world.calls.request(method, path, headers={"authorization": f"Bearer {token}"})
        challenge_ = refused(answer, 403).headers["www-authenticate"]
        assert 'error="insufficient_scope"' in challenge_
        assert 'scope="' in challenge_


def test_S3_what_needs_an_api_key(world: World) -> None:
    token = world.connect().access_token
    answer = world.calls.post("/v3/report/create", headers={"authorization": f"Bearer {token}"}, json={})
    refused(answer, 403)


def test_S4_a_token_elsewhere_than_in_the_header_does_not_count(world: World) -> None:
    token = world.connect().access_token
    refused(call(world, path=f"/v3/account?access_token={token}"))
    for body in ({"data": {"access_token": token}}, {"json": {"access_token": token}}):
        refused(world.calls.request("PUT", "/v3/account", **body))  # type: ignore[arg-type]


ACCEPTED = ["Bearer {}", "bearer {}", "BEARER {}", "bEaReR {}"]
REFUSED = [
    "Bearer  {}", "Bearer\t{}", "Bearer {} ,", "Bearer {},x", "Bearer {} {}", 'Bearer "{}"', "Bearer={}", "Bearer:{}",
    "{}", "Token {}", "Bearer", "OAuth {}", "Bearer token={}", "Bearer {}, Basic eA==", "DPoP {}", "JWT {}",
]  # fmt: skip


@pytest.mark.parametrize("spelling", ACCEPTED)
def test_S5_V14_the_scheme_in_any_case(world: World, spelling: str) -> None:
    assert call(world, spelling.format(world.connect().access_token)).status_code == 200


@pytest.mark.parametrize("spelling", REFUSED)
def test_S5_V14_one_space_and_one_token(world: World, spelling: str) -> None:
    token = world.connect().access_token
    assert call(world, spelling.replace("{}", token)).status_code in (400, 401)


def test_S5_two_headers_are_refused(world: World) -> None:
    token = world.connect().access_token
    refused(call(world, f"Bearer {token}", f"Bearer {token}"), 400)


def test_S6_key_and_token_together_are_refused(world: World) -> None:
    token = world.connect().access_token
    key = base64.b64encode(f"{world.user.api_key}:".encode()).decode()
    refused(call(world, f"Bearer {token}", f"Basic {key}"), 400)


def test_S6_a_token_is_no_api_key_and_the_reverse(world: World) -> None:
    token = world.connect().access_token
    refused(world.server.api(token).get("/v3/account"))
    refused(world.server.api(token=world.user.api_key).get("/v3/account"))


def test_S8_an_apps_token_has_no_operator_rights(server: Server) -> None:
    from tests.helpers.accounts import log_in, make_person

    world = make_world(server)
    operator = make_person(server, "Otto", operator=True)
    world.user, world.browser = operator, log_in(server, operator)
    token = world.connect().access_token
    found = server.read(lambda tx: authenticate(server, tx, token))
    assert found.account_id == operator.account_id
    assert not found.is_operator


def authenticate(server: Server, tx: object, token: str):  # type: ignore[no-untyped-def]
    from paraph import oauth
    from paraph.kit.caller import Client

    return oauth.authenticate_bearer(tx, token, Client("127.0.0.1", ""), server.kit).caller  # type: ignore[arg-type]


def test_S10_a_revocation_counts_at_once_on_the_other_process(cluster) -> None:  # type: ignore[no-untyped-def]
    """Two servers on one database; nothing about a token is remembered."""
    import tempfile

    address = cluster.new_database()
    folder = Path(tempfile.mkdtemp())
    key = "one secret for both of the servers, long enough"
    with (
        running_server(folder, address, secret_key=key) as one,
        running_server(folder, address, secret_key=key) as two,
    ):
        world = make_world(one)
        token = world.connect().access_token
        elsewhere = two.api(token=token)
        for _ in range(3):
            assert elsewhere.get("/v3/account").status_code == 200
        world.calls.post("/oauth/revoke", data={"token": token} | world.credentials)
        assert elsewhere.get("/v3/account").status_code == 401


def test_S11_S12_no_proof_of_possession_is_announced_or_taken(world: World) -> None:
    announced = world.calls.get("/.well-known/oauth-authorization-server").json()
    assert not any("dpop" in name for name in announced)
    token = world.connect().access_token
    refused(call(world, f"DPoP {token}"))


def test_S13_no_secret_is_at_rest_in_the_clear_or_in_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("paraph"), "propagate", True)
    caplog.set_level(logging.DEBUG)
    with running_server(tmp_path / "data") as server:
        world = make_world(server)
        code, unused = world.code(), world.code()
        body = world.redeem(code).json()
        strict = second_app(world, profile="standard")
        rotated = strict.connect(**challenge())
        new = strict.refresh(rotated.refresh_token, **strict.credentials).json()
        world.redeem(code)
        world.refresh("pr_unknown")
        world.call(body["access_token"])
    secrets = [code, unused, world.app.secret, world.user.api_key, body["access_token"], body["refresh_token"]]
    secrets += [rotated.access_token, rotated.refresh_token, new["access_token"], new["refresh_token"]]
    connection = sqlite3.connect(tmp_path / "data" / "paraph.sqlite3")
    everything = "\n".join(connection.iterdump())
    # the clients of this test log what they send; the server is what is looked at
    ours = ("paraph", "uvicorn", "sqlalchemy", "asyncio")
    logged = "\n".join(
        record.getMessage() + str(vars(record)) for record in caplog.records if record.name.startswith(ours)
    )
    for secret in secrets:
        assert secret not in everything
        assert secret.encode().hex() not in everything.lower()
        assert secret not in logged
    assert "oauth_call" in logged


def test_V47_no_app_is_an_exception(lite: Server) -> None:
    """Whatever an app's settings, an expired token is dead."""
    plain = make_world(lite)
    worlds = [plain, second_app(plain, profile="standard"), second_app(plain, scopes=["account_access"])]
    tokens = [(app, app.connect(**challenge()).access_token) for app in worlds]
    lite.move(3600)
    assert not any(app.works(token) for app, token in tokens)


def test_last_use_is_recorded_at_most_once_a_minute(lite: Server) -> None:
    world = make_world(lite)
    token = world.connect().access_token
    assert "Not used yet" in world.browser.get("/settings/connected-apps").text
    world.call(token)
    first = world.browser.get("/settings/connected-apps").text
    lite.move(59)
    world.call(token)
    assert last_used(world.browser.get("/settings/connected-apps").text) == last_used(first)
    lite.move(61)
    world.call(token)
    assert last_used(world.browser.get("/settings/connected-apps").text) != last_used(first)


def last_used(page: str) -> str:
    return page.split("<dt>Last used</dt>")[1].split("</dd>")[0]
