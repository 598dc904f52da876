"""Checklist 2.3: exchanging a code."""

from __future__ import annotations

import base64
import json
import time
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest

from tests.harness import Server
from tests.helpers.accounts import mailed_link, submit
from tests.helpers.apps import suspend
from tests.helpers.oauth import (
    CALLBACK,
    STATE,
    VERIFIER,
    World,
    challenge,
    code_request,
    error_of,
    make_world,
    second_app,
    send,
    tokens_of,
)

ENCODINGS = ("json", "form", "multipart")


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of RFC 6749 section 2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("path", ["/oauth/token", "/v3/oauth/token", "/oauth/token?refresh"])
def test_T1_the_documented_request_in_every_encoding(world: World, encoding: str, path: str) -> None:
    body = tokens_of(send(world.calls, path, code_request(world.app, world.code()), encoding)).answer
    expected = {"access_token", "token_type", "expires_in", "refresh_token", "account_id", "state", "scope"}
    assert body.keys() == expected
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["account_id"] == world.user.account_id
    assert body["state"] == STATE
    assert world.works(body["access_token"])


def test_T2_only_post_and_only_the_body(world: World) -> None:
    assert world.calls.get("/oauth/token").status_code == 405
    assert world.calls.put("/oauth/token").status_code == 405
    code = world.code()
    for query in ({"code": code}, {"refresh": "1"}, {"grant_type": "authorization_code"}, {"x": ""}):
        request = code_request(world.app, code, code=None if "code" in query else code)
        answer = send(world.calls, "/oauth/token", request, "form", params=query)
        assert (answer.status_code, error_of(answer)) == (400, "invalid_request")
    assert world.redeem(code).status_code == 200


@pytest.mark.parametrize("name", ["code", "client_id", "client_secret", "grant_type", "unheard_of"])
def test_T3_a_parameter_given_twice_is_refused(world: World, name: str) -> None:
    fields = code_request(world.app, "pc_x")
    pairs = [*fields.items(), (name, "again"), (name, "and again")]
    members = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs)
    answers = [
        world.calls.post("/oauth/token", content=httpx.QueryParams(pairs).__str__(), headers=FORM),
        world.calls.post("/oauth/token", content="{" + members + "}", headers={"content-type": "application/json"}),
        world.calls.post("/oauth/token", files=[(key, (None, value)) for key, value in pairs]),
    ]
    for answer in answers:
        assert (answer.status_code, error_of(answer)) == (400, "invalid_request")


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("value", [["x"], 1, True, {"a": "b"}])
def test_T3_only_text(world: World, value: Any) -> None:
    answer = world.calls.post("/oauth/token", json=code_request(world.app, "x") | {"code": value})
    assert (answer.status_code, error_of(answer)) == (400, "invalid_request")


def test_T4_V20_V37_bodies_that_are_too_much_are_refused_quickly(world: World) -> None:
    parts = [(f"p{number}", (None, "x")) for number in range(10_000)]
    nested = '{"code":' + "[" * 5000 + "]" * 5000 + "}"
    bodies: list[dict[str, Any]] = [
        {"content": b"code=" + b"x" * 1_000_000, "headers": FORM},
        {"files": parts},
        {"content": nested, "headers": {"content-type": "application/json"}},
        {"content": b"\xff\xfe\x00", "headers": {"content-type": "application/json"}},
        {"content": b"code=%ff%fe", "headers": FORM},
        {"content": b"code=%00", "headers": FORM},
        {"content": b"{}", "headers": {"content-type": "text/xml"}},
        {"content": b"--x\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {}},
    ]
    for body in bodies:
        started = time.perf_counter()
        answer = world.calls.post("/oauth/token", **body)
        assert time.perf_counter() - started < 5
        assert answer.status_code in (400, 413), body
        assert error_of(answer) == "invalid_request"


def test_T5_a_second_use_revokes_what_the_first_gave(world: World) -> None:
    code = world.code()
    first = tokens_of(world.redeem(code))
    assert world.works(first.access_token)
    second = world.redeem(code)
    assert (second.status_code, error_of(second)) == (400, "invalid_grant")
    assert not world.works(first.access_token)
    assert error_of(world.refresh(first.refresh_token)) == "invalid_grant"


def test_T5_a_replay_is_noticed_after_the_codes_end_and_by_its_app_only(lite: Server) -> None:
    world = make_world(lite)
    other = second_app(world)
    code = world.code()
    first = tokens_of(world.redeem(code))
    assert error_of(other.redeem(code)) == "invalid_grant"
    assert error_of(world.redeem(code, client_secret="wrong")) == "invalid_client"
    assert world.works(first.access_token)
    lite.move(600)
    assert error_of(world.redeem(code)) == "invalid_grant"
    assert not world.works(first.access_token)


def test_T7_V4_a_code_lives_five_minutes(lite: Server) -> None:
    world = make_world(lite)
    fresh, stale = world.code(), world.code()
    lite.move(299)
    assert world.redeem(fresh).status_code == 200
    lite.move(1)
    assert error_of(world.redeem(stale)) == "invalid_grant"


def test_T8_V5_a_code_is_for_the_app_it_was_given_to(world: World) -> None:
    other = second_app(world)
    code = world.code()
    answer = other.redeem(code)
    assert (answer.status_code, error_of(answer)) == (400, "invalid_grant")
    assert world.redeem(code).status_code == 200


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "0" * 32},
        {"client_secret": None},
        {"client_secret": ""},
        {"client_id": "0" * 32},
        {"client_id": None},
        {"client_id": "\u00e9"},
        {"client_secret": "x" * 5000},
    ],
)
def test_T9_wrong_client_credentials(world: World, encoding: str, wrong: dict[str, Any]) -> None:
    code = world.code()
    answer = world.redeem(code, encoding=encoding, **wrong)
    assert (answer.status_code, error_of(answer)) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert world.redeem(code).status_code == 200


def test_T9_a_secret_that_was_rotated_away_is_wrong(server: Server) -> None:
    world = make_world(server)
    code = world.code()
    rotate(world, grace=0)
    assert error_of(world.redeem(code)) == "invalid_client"


def test_M10_after_a_rotation_the_old_secret_works_until_its_end(lite: Server) -> None:
    world = make_world(lite)
    tokens = world.connect()
    new = rotate(world, grace=3600)
    assert world.redeem(world.code()).status_code == 200
    assert world.redeem(world.code(), client_secret=new).status_code == 200
    lite.move(3600)
    assert error_of(world.redeem(world.code())) == "invalid_client"
    assert world.redeem(world.code(), client_secret=new).status_code == 200
    assert world.refresh(tokens.refresh_token).status_code == 200


def rotate(world: World, *, grace: int, compromised: bool = False) -> str:
    """Give the app a new secret, as its owner does on its page."""
    from paraph.apps.rotate_secret import rotate_secret
    from paraph.kit.caller import Caller, Client

    owner = Caller("system", world.owner.pk, world.owner.account_id, world.owner.email, Client("", ""))
    kit = world.server.kit
    return world.server.write(
        lambda tx: rotate_secret(tx, owner, world.app.client_id, grace=grace, compromised=compromised, kit=kit)
    )


def test_T10_basic_credentials_are_form_decoded(world: World) -> None:
    request = code_request(world.app, world.code(), client_id=None, client_secret=None)
    sent = basic(world.app.client_id, world.app.secret)
    assert send(world.calls, "/oauth/token", request, "form", headers=sent).status_code == 200
    escaped = "".join(f"%{ord(ch):02X}" for ch in world.app.secret)
    pair = base64.b64encode(f"{world.app.client_id}:{escaped}".encode()).decode()
    request = code_request(world.app, world.code(), client_id=None, client_secret=None)
    answer = send(world.calls, "/oauth/token", request, "form", headers={"authorization": f"bAsIc {pair}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic eA==", "Basic Og==", "Basic /w==", "Basic Ong="])
def test_T10_broken_basic_credentials_are_a_wrong_client(world: World, header: str) -> None:
    request = code_request(world.app, "pc_x", client_id=None, client_secret=None)
    answer = send(world.calls, "/oauth/token", request, "form", headers={"authorization": header})
    assert (answer.status_code, error_of(answer)) == (401, "invalid_client")


def test_T11_two_ways_at_once_are_refused(world: World) -> None:
    code = world.code()
    sent = basic(world.app.client_id, world.app.secret)
    for body in (code_request(world.app, code), code_request(world.app, code, client_id="x", client_secret=None)):
        answer = send(world.calls, "/oauth/token", body, "form", headers=sent)
        assert (answer.status_code, error_of(answer)) == (400, "invalid_request")
    same = code_request(world.app, code, client_secret=None)
    assert send(world.calls, "/oauth/token", same, "form", headers=sent).status_code == 200


def test_T11_two_headers_are_refused(world: World) -> None:
    one = basic(world.app.client_id, world.app.secret)["authorization"]
    headers = [("authorization", one), ("authorization", one)]
    request = code_request(world.app, "x", client_id=None, client_secret=None)
    answer = world.calls.post("/oauth/token", data={k: v for k, v in request.items() if v}, headers=headers)
    assert error_of(answer) == "invalid_request"


@pytest.mark.parametrize(
    "verifier",
    [None, "", "x" * 43, VERIFIER[:42], VERIFIER + "!", challenge()["code_challenge"], "x" * 129, "\u00e9" * 43],
)
def test_T12_V6_V8_the_proof_must_fit_the_challenge(world: World, verifier: str | None) -> None:
    code = world.code(**challenge())
    assert error_of(world.redeem(code, code_verifier=verifier)) == "invalid_grant"
    assert world.redeem(code, code_verifier=VERIFIER).status_code == 200


def test_T12_in_the_standard_profile_too(strict: World) -> None:
    code = strict.code(**challenge())
    assert error_of(strict.redeem(code)) == "invalid_grant"
    assert strict.redeem(code, code_verifier=VERIFIER).status_code == 200


def test_T13_V7_a_proof_without_a_challenge_is_a_downgrade(world: World) -> None:
    code = world.code()
    assert error_of(world.redeem(code, code_verifier=VERIFIER)) == "invalid_grant"


def test_T14_three_wrong_proofs_kill_the_code(world: World) -> None:
    code = world.code(**challenge())
    for _ in range(3):
        assert error_of(world.redeem(code, code_verifier="w" * 43)) == "invalid_grant"
    assert error_of(world.redeem(code, code_verifier=VERIFIER)) == "invalid_grant"


@pytest.mark.parametrize("asked", [CALLBACK, None])
def test_T15_another_redirect_uri_is_refused(world: World, asked: str | None) -> None:
    code = world.code(redirect_uri=asked)
    for wrong in (f"{CALLBACK}/", "https://evil.example/", CALLBACK.upper()):
        assert error_of(world.redeem(code, redirect_uri=wrong)) == "invalid_grant"
    assert world.redeem(code, redirect_uri=CALLBACK).status_code == 200


def test_T16_redirect_uri_may_be_left_out(world: World) -> None:
    assert world.redeem(world.code(redirect_uri=CALLBACK)).status_code == 200


def test_T17_state_is_checked_when_it_is_sent(world: World) -> None:
    code = world.code()
    assert error_of(world.redeem(code, state="another")) == "invalid_grant"
    assert error_of(world.redeem(code, state="\u00e9")) == "invalid_grant"
    body = world.redeem(code, state=None).json()
    assert "access_token" in body
    assert "state" not in body
    assert error_of(world.redeem(world.code(state=None))) == "invalid_grant"
    assert world.redeem(world.code(state="äöü €"), state="äöü €").json()["state"] == "äöü €"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_T18_the_answer_is_not_kept_and_counts(world: World, encoding: str) -> None:
    answer = world.redeem(world.code(), encoding=encoding)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert isinstance(answer.json()["expires_in"], int)
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= answer.headers.keys()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_T19_T23_errors_speak_the_dialect_of_the_request(world: World, encoding: str) -> None:
    answers = [
        world.redeem("pc_unknown", encoding=encoding),
        world.redeem('"\\<é\u202e', encoding=encoding),
        world.redeem("pc_x", encoding=encoding, client_secret="wrong"),
        world.redeem("pc_x", encoding=encoding, grant_type="password"),
        world.redeem("pc_x", encoding=encoding, grant_type=None),
        world.redeem("pc_x", encoding=encoding, code=None),
        world.refresh("pr_unknown", encoding=encoding),
    ]
    for answer in answers:
        assert answer.status_code in (400, 401)
        assert answer.headers["cache-control"] == "no-store"
        assert "x-ratelimit-limit" in answer.headers
        error = answer.json()["error"]
        if encoding == "form":
            described = answer.json()["error_description"]
            assert isinstance(error, str)
            assert all(" " <= ch <= "~" and ch not in '"\\' for ch in described)
        else:
            assert {"error_msg", "error_name"} <= error.keys()
        assert world.app.secret not in answer.text


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("grant_type", "error"),
    [
        ("password", "unsupported_grant_type"),
        ("client_credentials", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:device_code", "unsupported_grant_type"),
        ("AUTHORIZATION_CODE", "unsupported_grant_type"),
        (None, "invalid_request"),
        ("", "invalid_request"),
    ],
)
def test_T20_V39_only_two_grant_types(world: World, encoding: str, grant_type: str | None, error: str) -> None:
    answer = world.redeem("pc_x", encoding=encoding, grant_type=grant_type)
    assert (answer.status_code, error_of(answer)) == (400, error)


def test_T21_a_password_reset_voids_codes_on_their_way(server: Server) -> None:
    world = make_world(server)
    code = world.code()
    browser = server.client()
    submit(browser, "/reset", email=world.user.email)
    server.run_jobs()
    link = mailed_link(server, world.user.email, "/reset/")
    answer = submit(browser, link, password="another good password here")
    assert answer.status_code == 303, answer.text
    assert error_of(world.redeem(code)) == "invalid_grant"


def test_T21_a_suspended_app_gets_nothing_for_its_code(server: Server) -> None:
    world = make_world(server)
    code = world.code()
    suspend(server, world.app.client_id)
    assert error_of(world.redeem(code)) == "invalid_grant"


def test_T22_wrong_id_wrong_secret_and_wrong_code_take_alike(lite: Server) -> None:
    world = make_world(lite)
    wrong: dict[str, dict[str, Any]] = {
        "id": {"client_id": "0" * 32},
        "secret": {"client_secret": "0" * 32},
        "code": {},
    }
    times: dict[str, list[float]] = {name: [] for name in wrong}
    for _ in range(60):
        for name, change in wrong.items():
            started = time.perf_counter()
            world.redeem("pc_unknown", **change)
            times[name].append(time.perf_counter() - started)
    medians = {name: sorted(values)[len(values) // 2] for name, values in times.items()}
    # none compares a secret letter by letter: a whole request differs by its look-ups only
    assert max(medians.values()) - min(medians.values()) < 0.02, medians


def test_S14_tokens_are_256_bit_and_of_the_right_alphabet(world: World) -> None:
    import re

    from paraph.kit import ids

    made = {ids.opaque_token("pa_") for _ in range(10_000)}
    assert len(made) == 10_000
    tokens = world.connect()
    for token in (tokens.access_token, tokens.refresh_token, world.code()):
        assert re.fullmatch(r"p[arc]_[0-9A-Za-z]{49}", token)


def test_C7_of_behaviour_an_access_tokens_life_is_the_apps_choice(server: Server) -> None:
    from tests.helpers.apps import set_profile

    world = make_world(server)
    set_profile(server, world.app.client_id, "walkthrough", access_token_seconds=7200)
    tokens = world.connect()
    assert tokens.answer["expires_in"] == 7200
    server.move(7199)
    assert world.works(tokens.access_token)
    server.move(1)
    assert not world.works(tokens.access_token)


def test_a_header_of_another_scheme_is_ignored(world: World) -> None:
    answer = send(
        world.calls,
        "/oauth/token",
        code_request(world.app, world.code()),
        "json",
        headers={"authorization": "Bearer x"},
    )
    assert answer.status_code == 200


def test_M8_client_assertions_are_refused_and_not_announced(world: World) -> None:
    assertion = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "eyJhbGciOiJub25lIn0.e30.",
    }
    for encoding in ENCODINGS:
        answer = world.redeem("pc_x", encoding=encoding, **assertion)
        assert (answer.status_code, error_of(answer)) == (401, "invalid_client")
    announced = world.calls.get("/.well-known/oauth-authorization-server").json()
    assert not any("jwt" in method for method in announced["token_endpoint_auth_methods_supported"])


def test_two_authorizations_of_one_person_live_side_by_side(world: World) -> None:
    first, second = world.connect(), world.connect()
    assert world.works(first.access_token)
    assert world.works(second.access_token)
    assert world.refresh(first.refresh_token).status_code == 200
