"""Checklist 2.4: refreshing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from paraph import accounts
from paraph.kit.db import Guarded
from paraph.oauth.models import oauth_access_tokens, oauth_grants, oauth_refresh_tokens
from tests.harness import Server, running_server
from tests.helpers.accounts import mailed_link, submit
from tests.helpers.apps import set_profile, suspend
from tests.helpers.oauth import (
    VERIFIER,
    TokenSet,
    World,
    challenge,
    error_of,
    make_world,
    second_app,
    send,
    tokens_of,
)
from tests.oauth.test_code import basic, rotate

DAY = 86_400


def strictly(world: World) -> TokenSet:
    """Tokens of an app in the standard profile."""
    return world.connect(**challenge())


def rows(server: Server, table: Any) -> int:
    return server.read(lambda tx: tx.scalar(select(func.count()).select_from(table)))


@pytest.mark.parametrize("encoding", ["json", "form", "multipart"])
@pytest.mark.parametrize(
    "path", ["/oauth/token?refresh", "/oauth/token", "/v3/oauth/token?refresh", "/oauth/token?refresh="]
)
def test_R1_the_documented_refresh(world: World, encoding: str, path: str) -> None:
    tokens = world.connect()
    wanted = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    body = tokens_of(send(world.calls, path, wanted, encoding)).answer
    assert body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "account_id", "scope"}
    assert body["refresh_token"] == tokens.refresh_token
    assert body["access_token"] != tokens.access_token
    assert world.works(body["access_token"])
    assert world.works(tokens.access_token)


def test_R1_the_walkthroughs_refresh_token_stays_good(lite: Server) -> None:
    world = make_world(lite)
    tokens = world.connect()
    for _ in range(3):
        lite.move(200 * DAY)
        assert tokens_of(world.refresh(tokens.refresh_token)).refresh_token == tokens.refresh_token


def test_R1_the_standard_profile_rotates(strict: World) -> None:
    tokens = strictly(strict)
    new = tokens_of(strict.refresh(tokens.refresh_token, **strict.credentials))
    assert new.refresh_token != tokens.refresh_token
    assert strict.works(new.access_token)
    assert strict.works(tokens.access_token)


def test_R2_V41_using_an_old_token_ends_its_grant_and_no_other(server: Server) -> None:
    world = make_world(server, profile="standard")
    old, bystander = strictly(world), strictly(world)
    new = tokens_of(world.refresh(old.refresh_token, **world.credentials))
    server.move(11)
    answer = world.refresh(old.refresh_token, **world.credentials)
    assert (answer.status_code, error_of(answer)) == (400, "invalid_grant")
    assert error_of(world.refresh(new.refresh_token, **world.credentials)) == "invalid_grant"
    assert not world.works(new.access_token)
    assert not world.works(old.access_token)
    assert world.works(bystander.access_token)
    ended = select(func.count()).select_from(oauth_grants).where(oauth_grants.c.status == "revoked")
    assert server.read(lambda tx: tx.scalar(ended)) == 1
    told = [mail for mail in server.mails() if mail["to"] == world.user.email and world.app.name in mail["subject"]]
    assert len(told) == 1


def test_R3_within_the_window_the_same_request_gets_the_same_answer(server: Server) -> None:
    world = make_world(server, profile="standard")
    tokens = strictly(world)
    first = tokens_of(world.refresh(tokens.refresh_token, **world.credentials)).answer
    before = rows(server, oauth_access_tokens), rows(server, oauth_refresh_tokens)
    server.move(9)
    assert tokens_of(world.refresh(tokens.refresh_token, **world.credentials)).answer == first
    assert (rows(server, oauth_access_tokens), rows(server, oauth_refresh_tokens)) == before


def test_R3_within_the_window_another_request_is_reuse(server: Server) -> None:
    world = make_world(server, profile="standard")
    tokens = strictly(world)
    assert world.refresh(tokens.refresh_token, **world.credentials).status_code == 200
    again = world.refresh(tokens.refresh_token, scope="basic_account_info", **world.credentials)
    assert error_of(again) == "invalid_grant"
    assert not world.works(tokens.access_token)


def test_V43_a_revoked_token_gets_nothing_within_the_window(server: Server) -> None:
    world = make_world(server, profile="standard")
    tokens = strictly(world)
    new = tokens_of(world.refresh(tokens.refresh_token, **world.credentials))
    revoked = world.calls.post("/oauth/revoke", data={"token": new.refresh_token} | world.credentials)
    assert revoked.status_code == 200
    assert error_of(world.refresh(tokens.refresh_token, **world.credentials)) == "invalid_grant"


def test_R4_V9_still_refused_after_a_restart_and_after_the_clean_up(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        world = make_world(server, profile="standard")
        tokens = strictly(world)
        new = tokens_of(world.refresh(tokens.refresh_token, **world.credentials))
        server.move(60)
        assert world.refresh(tokens.refresh_token, **world.credentials).status_code == 400
    with running_server(tmp_path / "data") as server:
        world.server, world.calls = server, server.client()
        server.move(100 * DAY)
        for _ in range(2):
            for token in (tokens.refresh_token, new.refresh_token):
                assert error_of(world.refresh(token, **world.credentials)) == "invalid_grant"
            server.run_jobs()
        assert rows(server, oauth_refresh_tokens) == 0


def test_R4_the_clean_up_leaves_what_lives(lite: Server) -> None:
    world = make_world(lite)
    tokens = world.connect()
    lite.move(400 * DAY)
    lite.run_jobs()
    assert world.refresh(tokens.refresh_token).status_code == 200


def test_R5_V10_a_database_failure_in_the_middle_changes_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(server, profile="standard")
    tokens = strictly(world)
    really = Guarded.did

    def written_and_lost(rotation: Guarded, tx: Any, **values: Any) -> bool:
        assert really(rotation, tx, **values)
        tx.connection.exec_driver_sql("SELECT no_such_function_at_all()")
        return True

    monkeypatch.setattr(Guarded, "did", written_and_lost)
    answer = world.refresh(tokens.refresh_token, **world.credentials)
    assert (answer.status_code, error_of(answer)) == (503, "temporarily_unavailable")
    monkeypatch.undo()
    assert world.works(tokens.access_token)
    assert world.refresh(tokens.refresh_token, **world.credentials).status_code == 200


def test_R6_V12_a_failing_store_never_says_revoked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world(server)
    tokens = world.connect()
    break_the_connection(monkeypatch, "paraph.oauth.token_endpoint.revoke_token")
    answer = world.calls.post("/oauth/revoke", data={"token": tokens.refresh_token} | world.credentials)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    monkeypatch.undo()
    assert world.works(tokens.access_token)


def break_the_connection(monkeypatch: pytest.MonkeyPatch, instead_of: str) -> None:
    """Let the database fail in the middle of the transaction, after its first writes."""

    def fail(tx: Any, *_args: Any, **_more: Any) -> None:
        tx.connection.exec_driver_sql("SELECT no_such_function_at_all()")

    monkeypatch.setattr(instead_of, fail)


def test_R7_a_token_in_another_apps_hands_is_revoked(server: Server) -> None:
    world = make_world(server)
    other = second_app(world)
    tokens, bystander = world.connect(), other.connect()
    answer = world.refresh(tokens.refresh_token, **other.credentials)
    assert (answer.status_code, error_of(answer)) == (400, "invalid_grant")
    assert not world.works(tokens.access_token)
    assert world.works(bystander.access_token)


def test_R7_who_does_not_prove_to_be_the_other_app_harms_nobody(world: World) -> None:
    other = second_app(world)
    tokens = world.connect()
    assert error_of(world.refresh(tokens.refresh_token, client_id=other.app.client_id)) == "invalid_grant"
    wrong = {"client_id": other.app.client_id, "client_secret": "wrong"}
    assert error_of(world.refresh(tokens.refresh_token, **wrong)) == "invalid_client"
    assert world.works(tokens.access_token)


def test_R8_who_may_leave_the_secret_out(server: Server) -> None:
    world = make_world(server)
    tokens = world.connect()
    assert world.refresh(tokens.refresh_token).status_code == 200
    assert world.refresh(tokens.refresh_token, client_id=world.app.client_id).status_code == 200
    set_profile(server, world.app.client_id, "walkthrough", refresh_needs_secret=True)
    for sent in ({}, {"client_id": world.app.client_id}):
        answer = world.refresh(tokens.refresh_token, **sent)
        assert (answer.status_code, error_of(answer)) == (401, "invalid_client")
    assert world.refresh(tokens.refresh_token, **world.credentials).status_code == 200
    set_profile(server, world.app.client_id, "standard")
    assert error_of(world.refresh(tokens.refresh_token)) == "invalid_client"


def test_R8_a_refresh_without_the_secret_is_shown_to_the_owner(server: Server) -> None:
    from tests.helpers.accounts import log_in

    world = make_world(server)
    owner = log_in(server, world.owner)
    address = f"/settings/api/apps/{world.app.client_id}/connections"
    tokens = world.connect()
    assert f'href="{address}"' in owner.get(f"/settings/api/apps/{world.app.client_id}").text
    assert "Never" in owner.get(address).text
    world.refresh(tokens.refresh_token, **world.credentials)
    assert "Never" in owner.get(address).text
    world.refresh(tokens.refresh_token)
    world.refresh(tokens.refresh_token)
    assert "2 times, last on" in owner.get(address).text
    assert world.browser.get(address).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {"client_secret": "wrong"},
        {"client_secret": "wrong", "client_id": "right"},
        {"client_secret": "wrong", "client_id": "0" * 32},
        {"client_id": "0" * 32},
    ],
)
def test_R9_wrong_credentials_are_never_ignored(world: World, sent: dict[str, str]) -> None:
    tokens = world.connect()
    wrong = {name: world.app.client_id if value == "right" else value for name, value in sent.items()}
    answer = world.refresh(tokens.refresh_token, **wrong)
    assert (answer.status_code, error_of(answer)) == (401, "invalid_client")
    assert world.refresh(tokens.refresh_token, client_secret=world.app.secret).status_code == 200
    header = basic(world.app.client_id, "wrong")
    wanted = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    assert send(world.calls, "/oauth/token", wanted, "form", headers=header).status_code == 401


def test_R10_narrower_is_fine_and_wider_is_not(world: World) -> None:
    tokens = world.connect(scope="basic_account_info")
    for wider in ("request_signature", "basic_account_info request_signature", "nothing", " "):
        assert error_of(world.refresh(tokens.refresh_token, scope=wider)) == "invalid_scope"
    both = world.connect()
    narrow = tokens_of(world.refresh(both.refresh_token, scope="basic_account_info"))
    assert narrow.answer["scope"] == "basic_account_info"
    sent = {"authorization": f"Bearer {narrow.access_token}"}
    assert world.calls.get("/v3/signature_request/list", headers=sent).status_code == 403
    assert tokens_of(world.refresh(both.refresh_token)).answer["scope"] == "basic_account_info request_signature"


def test_R11_no_token_passes_for_another_kind(world: World) -> None:
    tokens, code = world.connect(), world.code()
    for wrong in (tokens.access_token, code, "", "x"):
        assert error_of(world.refresh(wrong)) in ("invalid_grant", "invalid_request")
    for wrong in (tokens.access_token, tokens.refresh_token):
        assert error_of(world.redeem(wrong)) == "invalid_grant"
    assert not world.works(tokens.refresh_token)
    assert not world.works(code)


def test_R12_rotated_tokens_end_when_idle_and_in_any_case(lite: Server) -> None:
    world = make_world(lite, profile="standard")
    idle, busy = strictly(world), strictly(world)
    token = busy.refresh_token
    for _ in range(4):
        lite.move(89 * DAY)
        token = tokens_of(world.refresh(token, **world.credentials)).refresh_token
    assert error_of(world.refresh(idle.refresh_token, **world.credentials)) == "invalid_grant"
    lite.move(10 * DAY)
    assert error_of(world.refresh(token, **world.credentials)) == "invalid_grant"


def ends_by_reset(world: World) -> None:
    server, browser = world.server, world.server.client()
    submit(browser, "/reset", email=world.user.email)
    server.run_jobs()
    link = mailed_link(server, world.user.email, "/reset/")
    assert submit(browser, link, password="another good password", revoke_grants="1").status_code == 303


def ends_by_page(world: World) -> None:
    path = f"/settings/connected-apps/{world.app.client_id}/revoke"
    assert submit(world.browser, path, at="/settings/connected-apps").status_code == 303


def ends_by_suspension(world: World) -> None:
    suspend(world.server, world.app.client_id)


def ends_by_compromise(world: World) -> None:
    rotate(world, grace=0, compromised=True)


def ends_by_deletion(world: World) -> None:
    owner = world.server.api(world.owner.api_key)
    assert owner.delete(f"/v3/api_app/{world.app.client_id}").status_code == 204


def ends_by_command_for_the_app(world: World) -> None:
    from paraph import apps, oauth

    def verb(tx: Any) -> int:
        app = apps.find_app(tx, world.app.client_id)
        assert app is not None
        return oauth.revoke_app_tokens(tx, app.pk, kit=world.server.kit)

    assert world.server.write(verb) == 1


def ends_by_command_for_the_account(world: World) -> None:
    from paraph import oauth

    revoke = oauth.revoke_account_tokens
    assert world.server.write(lambda tx: revoke(tx, world.user.pk, kit=world.server.kit)) == 1


@pytest.mark.parametrize(
    "end",
    [
        ends_by_reset,
        ends_by_page,
        ends_by_suspension,
        ends_by_compromise,
        ends_by_deletion,
        ends_by_command_for_the_app,
        ends_by_command_for_the_account,
    ],
)
def test_R13_dead_at_the_next_request(server: Server, end: Any) -> None:
    world = make_world(server)
    tokens, code = world.connect(), world.code()
    end(world)
    assert not world.works(tokens.access_token)
    assert error_of(world.refresh(tokens.refresh_token)) == "invalid_grant"
    assert error_of(world.redeem(code)) in ("invalid_grant", "invalid_client")


def test_R13_a_reset_that_keeps_the_apps_and_a_rotation_without_alarm_end_nothing(server: Server) -> None:
    world = make_world(server)
    tokens = world.connect()
    rotate(world, grace=3600)
    browser = server.client()
    submit(browser, "/reset", email=world.user.email)
    server.run_jobs()
    submit(browser, mailed_link(server, world.user.email, "/reset/"), password="another good password")
    assert world.works(tokens.access_token)
    assert world.refresh(tokens.refresh_token).status_code == 200


def test_R14_a_stale_token_costs_the_same_however_large_its_family(lite: Server) -> None:
    world = make_world(lite, profile="standard")
    tokens = strictly(world)
    assert world.refresh(tokens.refresh_token, **world.credentials).status_code == 200
    grant = lite.read(lambda tx: tx.execute(select(oauth_grants)).one())
    family = [
        {"token_hash": number.to_bytes(32), "account_pk": grant.account_pk, "grant_pk": grant.id, "created_at": 0}
        for number in range(10_000)
    ]
    lite.write(lambda tx: tx.execute(oauth_refresh_tokens.insert(), family))
    lite.move(60)
    started = time.perf_counter()
    for _ in range(50):
        assert error_of(world.refresh(tokens.refresh_token, **world.credentials)) == "invalid_grant"
    assert (time.perf_counter() - started) / 50 < 0.1


@pytest.mark.parametrize("profile", ["walkthrough", "standard"])
def test_R16_a_suspended_person_gets_no_new_tokens_and_loses_none(server: Server, profile: str) -> None:
    """Whoever holds the person's tokens and codes is told to ask again; when the suspension ends they are good."""
    world = make_world(server, profile=profile)
    pkce = challenge() if profile == "standard" else {}
    proof = {"code_verifier": VERIFIER} if pkce else {}
    tokens, code = world.connect(**pkce), world.code(**pkce)
    kit, person = server.kit, world.user.account_id
    server.write(lambda tx: accounts.suspend_account(tx, person, "Spam", kit=kit))
    asked = {"token": tokens.access_token, **world.credentials}
    assert world.calls.post("/oauth/introspect", data=asked).json() == {"active": False}
    for _ in range(2):
        refreshed = world.refresh(tokens.refresh_token, **world.credentials)
        assert (refreshed.status_code, error_of(refreshed)) == (400, "invalid_grant")
        redeemed = world.redeem(code, **proof)
        assert (redeemed.status_code, error_of(redeemed)) == (400, "invalid_grant")
    server.write(lambda tx: accounts.resume_account(tx, person, kit=kit))
    assert world.works(tokens_of(world.redeem(code, **proof)).access_token)
    assert world.works(tokens_of(world.refresh(tokens.refresh_token, **world.credentials)).access_token)


def test_R16_a_suspended_persons_code_that_was_used_is_still_noticed(server: Server) -> None:
    world = make_world(server)
    code = world.code()
    tokens = tokens_of(world.redeem(code))
    kit, person = server.kit, world.user.account_id
    server.write(lambda tx: accounts.suspend_account(tx, person, "Spam", kit=kit))
    assert error_of(world.redeem(code)) == "invalid_grant"
    server.write(lambda tx: accounts.resume_account(tx, person, kit=kit))
    assert not world.works(tokens.access_token), "the second use revoked what the first gave"


def test_public_apps_rotate_without_a_secret(world: World) -> None:
    native = second_app(world, native=True, callback_url="http://127.0.0.1:4000/cb")
    code = native.code(**challenge())
    first = tokens_of(native.redeem(code, client_secret=None, code_verifier=VERIFIER))
    second = tokens_of(native.refresh(first.refresh_token, client_id=native.app.client_id))
    assert second.refresh_token != first.refresh_token
    world.server.move(11)
    assert error_of(native.refresh(first.refresh_token, client_id=native.app.client_id)) == "invalid_grant"
    assert error_of(native.refresh(second.refresh_token, client_id=native.app.client_id)) == "invalid_grant"
    wrong = {"client_id": native.app.client_id, "client_secret": "wrong"}
    assert error_of(native.refresh(second.refresh_token, **wrong)) == "invalid_client"


def test_the_retry_answer_does_not_outlive_its_window(lite: Server) -> None:
    world = make_world(lite, profile="standard")
    tokens = strictly(world)
    world.refresh(tokens.refresh_token, **world.credentials)
    kept = select(func.count()).select_from(oauth_refresh_tokens).where(oauth_refresh_tokens.c.answer.is_not(None))
    assert lite.read(lambda tx: tx.scalar(kept)) == 1
    lite.move(601)
    lite.run_jobs()
    assert lite.read(lambda tx: tx.scalar(kept)) == 0
