"""Who may see and do what: outsiders, signers, other apps' tokens; and cancel, remind, remove."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.harness import Server
from tests.helpers import requests
from tests.helpers.accounts import Person, fresh_address, make_person
from tests.helpers.apps import make_app, suspend
from tests.helpers.oauth import make_world, second_app
from tests.helpers.requests import (
    Sent,
    accepted,
    decline,
    error_of,
    mails_to,
    post_send,
    sign,
    signing_token,
    two_signers,
)

OPERATIONS = [
    ("GET", "/v3/signature_request/{id}"),
    ("GET", "/v3/signature_request/files/{id}"),
    ("GET", "/v3/signature_request/final_copy/{id}"),
    ("GET", "/v3/signature_request/files_as_data_uri/{id}"),
    ("GET", "/v3/signature_request/files_as_file_url/{id}"),
    ("POST", "/v3/signature_request/cancel/{id}"),
    ("POST", "/v3/signature_request/remind/{id}"),
    ("POST", "/v3/signature_request/remove/{id}"),
]


@pytest.fixture
def jack() -> dict[str, str]:
    return {"name": "Jack", "email_address": fresh_address("jack")}


def call(client: httpx.Client, method: str, path: str, sent_id: str) -> httpx.Response:
    body: dict[str, Any] = {"json": {"email_address": "jack@example.com"}} if "remind" in path else {}
    return client.request(method, path.format(id=sent_id), **body)


def test_an_outsider_is_told_the_same_as_about_nothing(shared_server: Server, alice: Person) -> None:
    sent = requests.send(shared_server, shared_server.api(alice.api_key))
    mallory = shared_server.api(make_person(shared_server, "Mallory").api_key)
    for method, path in OPERATIONS:
        foreign, unknown = call(mallory, method, path, sent.id), call(mallory, method, path, "f" * 40)
        assert (foreign.status_code, error_of(foreign)["error_name"]) == (404, "not_found"), path
        assert foreign.content == unknown.content, path
        for strange in ("x", "%00", "é", "0" * 500):
            assert call(mallory, method, path, strange).status_code == 404, (path, strange)
    assert mallory.get("/v3/signature_request/list").json()["signature_requests"] == []
    for method, path in OPERATIONS:
        assert call(shared_server.client(), method, path, sent.id).status_code == 401


def test_a_token_sees_only_its_apps_requests(server: Server) -> None:
    world = make_world(server)
    other = second_app(world)
    mine, others = (server.api(token=app.connect().access_token) for app in (world, other))
    direct = server.api(world.user.api_key)
    through = requests.send(server, mine, title="Through the app")
    by_hand = requests.send(server, direct, title="By hand")
    assert requests.get(mine, through)["client_id"] == world.app.client_id
    for client, visible in ((mine, [through]), (others, []), (direct, [by_hand, through])):
        listed = client.get("/v3/signature_request/list").json()
        assert [one["signature_request_id"] for one in listed["signature_requests"]] == [one.id for one in visible]
        assert listed["list_info"]["num_results"] == len(visible)
    for client, hidden in ((mine, by_hand), (others, through), (others, by_hand)):
        for method, path in OPERATIONS[:-1]:
            answer = call(client, method, path, hidden.id)
            assert (answer.status_code, error_of(answer)["error_name"]) == (404, "not_found"), path
    assert call(mine, "POST", OPERATIONS[-1][1], through.id).status_code == 403, "remove needs an API key"


def test_a_token_sends_with_its_own_app_only(shared_server: Server) -> None:
    world = make_world(shared_server)
    other = second_app(world)
    client = shared_server.api(token=world.connect().access_token)
    assert accepted(post_send(client, client_id=world.app.client_id)).json["client_id"] == world.app.client_id
    foreign = post_send(client, client_id=other.app.client_id)
    assert (foreign.status_code, error_of(foreign)["error_path"]) == (403, "client_id")
    narrow = second_app(world, scopes=("basic_account_info",))
    refused = post_send(shared_server.api(token=narrow.connect().access_token))
    assert (refused.status_code, error_of(refused)["error_name"]) == (403, "forbidden")


def test_an_api_key_sends_with_apps_of_its_own(shared_server: Server, alice: Person) -> None:
    client = shared_server.api(alice.api_key)
    own = make_app(client)
    foreign = make_app(shared_server.api(make_person(shared_server, "Bob").api_key))
    sent = accepted(post_send(client, client_id=own.client_id))
    assert sent.json["client_id"] == own.client_id
    for wrong in (foreign.client_id, "0" * 32, "nonsense"):
        answer = post_send(client, client_id=wrong)
        assert (answer.status_code, error_of(answer)["error_path"]) == (403, "client_id")
    suspend(shared_server, own.client_id)
    stopped = post_send(client, client_id=own.client_id)
    assert (stopped.status_code, "suspended" in error_of(stopped)["error_msg"]) == (403, True)


def test_a_suspended_app_asks_nobody_more(server: Server) -> None:
    """T15: what is out already may be signed, but nobody else is asked, and nobody is reminded."""
    client = server.api(make_person(server, "Alice").api_key)
    app = make_app(client)
    first, second = two_signers()
    sent = requests.send(server, client, client_id=app.client_id, signers=[first, second])
    suspend(server, app.client_id)
    sign(server, signing_token(server, first["email_address"]))
    server.run_jobs()
    assert not any("/sign/" in mail.text for mail in mails_to(server, second["email_address"]))
    server.move(3601)
    refused = client.post(f"/v3/signature_request/remind/{sent.id}", json={"email_address": second["email_address"]})
    assert (refused.status_code, error_of(refused)["error_name"]) == (403, "forbidden")


def test_the_mail_names_the_app(shared_server: Server, jack: dict[str, str]) -> None:
    world = make_world(shared_server)
    requests.send(shared_server, shared_server.api(token=world.connect().access_token), signers=[jack])
    (mail,) = mails_to(shared_server, jack["email_address"])
    assert f"Sent through the app: {world.app.name}" in mail.text
    assert world.user.email in mail.text


def test_requests_outlive_their_app(server: Server, jack: dict[str, str]) -> None:
    alice = make_person(server, "Alice")
    client = server.api(alice.api_key)
    app = make_app(client, name="Shortlived")
    sent = requests.send(server, client, client_id=app.client_id, signers=[jack])
    assert client.delete(f"/v3/api_app/{app.client_id}").status_code == 204
    sign(server, signing_token(server, jack["email_address"]))
    found = requests.get(client, sent)
    assert (found["is_complete"], found["client_id"]) == (True, app.client_id)


def test_a_signer_with_a_confirmed_account_sees_but_does_not_rule(shared_server: Server, alice: Person) -> None:
    server = shared_server
    bob, eve = make_person(server, "Bob"), make_person(server, "Eve", confirmed=False)
    people = [{"name": "Bob", "email_address": bob.email.upper()}, {"name": "Eve", "email_address": eve.email}]
    sent = accepted(post_send(server.api(alice.api_key), signers=people))
    signer, impostor = server.api(bob.api_key), server.api(eve.api_key)
    assert signer.get(f"/v3/signature_request/{sent.id}").status_code == 404, "not sent yet"
    server.run_jobs()
    assert signer.get(f"/v3/signature_request/{sent.id}").status_code == 200
    assert signer.get(f"/v3/signature_request/files/{sent.id}").status_code == 200
    assert len(signer.get("/v3/signature_request/list").json()["signature_requests"]) == 1
    assert impostor.get(f"/v3/signature_request/{sent.id}").status_code == 404, "anybody can claim an address"
    assert impostor.get("/v3/signature_request/list").json()["signature_requests"] == []
    cancelled = signer.post(f"/v3/signature_request/cancel/{sent.id}")
    assert error_of(cancelled)["error_name"] == "signature_request_cancel_failed"
    reminded = signer.post(f"/v3/signature_request/remind/{sent.id}", json={"email_address": eve.email})
    assert reminded.status_code == 404


# --- cancel ------------------------------------------------------------------------------------------------


def test_cancel_is_200_without_a_body_and_then_410(
    shared_server: Server, alice: Person, jack: dict[str, str]
) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    sent = requests.send(server, client, signers=[jack])
    answer = client.post(f"/v3/signature_request/cancel/{sent.id}")
    assert (answer.status_code, answer.content) == (200, b"")
    for method, path in OPERATIONS[:-1]:
        again = call(client, method, path, sent.id)
        assert (again.status_code, error_of(again)["error_name"]) == (410, "deleted"), path
        assert error_of(again)["error_msg"] == "This resource has been deleted"
    server.run_jobs()
    assert sent.id not in client.get("/v3/signature_request/list").text
    told = mails_to(server, jack["email_address"])[-1]
    assert told.subject.startswith("Cancelled")
    assert "/sign/" not in told.text


def test_cancel_refuses_what_is_over(shared_server: Server, alice: Person, jack: dict[str, str]) -> None:
    client = shared_server.api(alice.api_key)
    done = requests.complete(shared_server, client, signers=[jack])
    answer = client.post(f"/v3/signature_request/cancel/{done.id}")
    assert (answer.status_code, error_of(answer)["error_name"]) == (400, "signature_request_cancel_failed")


def test_cancel_while_the_files_are_prepared(shared_server: Server, alice: Person, jack: dict[str, str]) -> None:
    client = shared_server.api(alice.api_key)
    sent = accepted(post_send(client, signers=[jack]))
    assert client.post(f"/v3/signature_request/cancel/{sent.id}").status_code == 200
    shared_server.run_jobs()
    assert mails_to(shared_server, jack["email_address"]) == []
    assert client.get(f"/v3/signature_request/{sent.id}").status_code == 410


def test_the_apps_owner_may_cancel_by_key(shared_server: Server, jack: dict[str, str]) -> None:
    world = make_world(shared_server)
    user, owner = shared_server.api(token=world.connect().access_token), shared_server.api(world.owner.api_key)
    sent = requests.send(shared_server, user, signers=[jack])
    by_hand = requests.send(shared_server, shared_server.api(world.user.api_key), signers=[jack])
    assert owner.post(f"/v3/signature_request/cancel/{by_hand.id}").status_code == 404
    assert owner.post(f"/v3/signature_request/cancel/{sent.id}").status_code == 200
    assert owner.post(f"/v3/signature_request/cancel/{sent.id}").status_code == 410
    assert user.get(f"/v3/signature_request/{sent.id}").status_code == 410


# --- remind ------------------------------------------------------------------------------------------------


def remind(client: httpx.Client, sent: Sent, address: str, **more: str) -> httpx.Response:
    return client.post(f"/v3/signature_request/remind/{sent.id}", json={"email_address": address} | more)


def test_remind_mails_the_same_link_once_an_hour(server: Server) -> None:
    alice, address = make_person(server, "Alice"), fresh_address("jack")
    client = server.api(alice.api_key)
    sent = requests.send(server, client, signers=[{"name": "Jack", "email_address": address}])
    token = signing_token(server, address)
    answer = remind(client, sent, address.upper())
    assert answer.status_code == 200, answer.text
    reminded = answer.json()["signature_request"]["signatures"][0]
    assert reminded["last_reminded_at"] == server.clock.now()
    assert signing_token(server, address) == token
    server.move(3599)
    early = remind(client, sent, address)
    assert (early.status_code, error_of(early)["error_name"]) == (400, "invalid_reminder")
    server.move(1)
    assert remind(client, sent, address).status_code == 200
    assert len(mails_to(server, address)) == 3


def test_remind_names_what_is_wrong(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    first, second = fresh_address("first"), fresh_address("second")
    people = [
        {"name": "First", "email_address": first, "order": 0},
        {"name": "Second", "email_address": second, "order": 1},
    ]
    sent = accepted(post_send(client, signers=people))
    stranger = remind(client, sent, "nobody@example.com")
    assert error_of(stranger) == {
        "error_msg": "nobody@example.com is not a signer",
        "error_name": "bad_request",
        "error_path": "email_address",
    }
    assert error_of(remind(client, sent, first))["error_name"] == "invalid_reminder", "not sent yet"
    server.run_jobs()
    assert error_of(remind(client, sent, second))["error_name"] == "invalid_reminder", "others come first"
    assert error_of(remind(client, sent, first, name="Second"))["error_name"] == "bad_request"
    assert error_of(remind(client, sent, "not an address"))["error_path"] == "email_address"
    assert error_of(remind(client, sent, ""))["error_path"] == "email_address"
    sign(server, signing_token(server, first))
    assert "already signed" in error_of(remind(client, sent, first))["error_msg"]
    assert remind(client, sent, second).status_code == 200
    assert mails_to(server, "nobody@example.com") == []


def test_names_tell_apart_who_shares_an_address(shared_server: Server, alice: Person) -> None:
    client, shared = shared_server.api(alice.api_key), fresh_address("office")
    people = [{"name": "Ann", "email_address": shared}, {"name": "Ben", "email_address": shared}]
    sent = requests.send(shared_server, client, signers=people)
    answer = remind(client, sent, shared, name="ben")
    reminded = [one["last_reminded_at"] for one in answer.json()["signature_request"]["signatures"]]
    assert reminded == [None, shared_server.clock.now()]


# --- remove ------------------------------------------------------------------------------------------------


def test_remove_hides_a_finished_request_from_the_one_who_asks(shared_server: Server, alice: Person) -> None:
    server, client = shared_server, shared_server.api(alice.api_key)
    bob = make_person(server, "Bob")
    sent = requests.send(server, client, signers=[{"name": "Bob", "email_address": bob.email}], allow_decline=True)
    early = client.post(f"/v3/signature_request/remove/{sent.id}")
    assert (early.status_code, error_of(early)["error_name"]) == (400, "signature_request_remove_failed")
    decline(server, signing_token(server, bob.email))
    answer = client.post(f"/v3/signature_request/remove/{sent.id}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert client.get(f"/v3/signature_request/{sent.id}").status_code == 404
    assert client.post(f"/v3/signature_request/remove/{sent.id}").status_code == 404
    assert sent.id not in client.get("/v3/signature_request/list").text
    signer = server.api(bob.api_key)
    assert signer.get(f"/v3/signature_request/{sent.id}").status_code == 200
    assert signer.post(f"/v3/signature_request/remove/{sent.id}").status_code == 200
    assert signer.get(f"/v3/signature_request/{sent.id}").status_code == 404


def test_a_dump_of_the_database_holds_no_signing_link(lite: Server, jack: dict[str, str]) -> None:
    """T13: links are computed, mails are sealed."""
    alice = make_person(lite, "Alice")
    requests.send(lite, lite.api(alice.api_key), signers=[jack])
    token = signing_token(lite, jack["email_address"])
    tables = lite.read(
        lambda tx: [row[0] for row in tx.all(text("SELECT name FROM sqlite_master WHERE type='table'"))]
    )
    for table in tables:
        rows = lite.read(lambda tx, name=table: tx.all(text(f'SELECT * FROM "{name}"')))  # type: ignore[misc]
        assert token not in str([tuple(row) for row in rows]), table
