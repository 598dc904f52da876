"""The bodies of the clients we cannot run (PHP, Ruby, Java, .NET, curl, the oldest SDKs), byte for byte, live."""

from __future__ import annotations

import httpx
import pytest

from tests.harness import Server
from tests.helpers.accounts import Person, fresh_address, log_in, make_person
from tests.helpers.apps import make_app
from tests.helpers.signing import EXAMPLE
from tests.wire.bodies import METADATA, WireBody, app_bodies, send_bodies, simple_bodies
from tests.wire.live import authorise

SEND = send_bodies(EXAMPLE.read_bytes())


@pytest.fixture(scope="module")
def sender(shared_server: Server) -> Person:
    return make_person(shared_server, "Sue Sender")


def post(client: httpx.Client, path: str, body: WireBody) -> httpx.Response:
    headers = {"Content-Type": body.content_type} | dict(body.headers)
    return client.post(path, content=body.content, headers=headers)


@pytest.mark.parametrize("body", SEND, ids=[body.client for body in SEND])
def test_send_means_the_same_from_every_client(shared_server: Server, sender: Person, body: WireBody) -> None:
    client = shared_server.api(sender.api_key)
    answer = post(client, "/v3/signature_request/send", body)
    assert answer.status_code == 200, answer.text
    sent = answer.json()["signature_request"]
    assert (sent["title"], sent["subject"], sent["message"]) == ("NDA", "Subj", "Line1\nLine2")
    people = [(one["signer_email_address"], one["signer_name"], one["order"]) for one in sent["signatures"]]
    assert people == [("jack@example.com", 'Jack "é"', 0), ("jill@example.com", "Jill", 1)]
    assert sent["cc_email_addresses"] == ["a@example.com", "b@example.com"]
    assert sent["test_mode"] is True
    assert sent["metadata"] == (METADATA if body.exact_metadata else {"custom_id": "1234", "t": "x"})
    shared_server.run_jobs()
    found = client.get(f"/v3/signature_request/{sent['signature_request_id']}").json()["signature_request"]
    assert not found["has_error"]


def test_apps_mean_the_same_from_every_client(shared_server: Server, sender: Person) -> None:
    for body in app_bodies("Wire"):
        answer = post(shared_server.api(sender.api_key), "/v3/api_app", body)
        assert answer.status_code == 201, f"{body.client}: {answer.text}"
        app = answer.json()["api_app"]
        assert app["domains"] == ["e.com"]
        assert app["oauth"]["callback_url"] == "https://e.com/cb"
        assert sorted(app["oauth"]["scopes"]) == ["basic_account_info", "request_signature"]


def test_account_verify_from_every_client(shared_server: Server, sender: Person) -> None:
    for body in simple_bodies({"email_address": sender.email}):
        answer = post(shared_server.api(sender.api_key), "/v3/account/verify", body)
        assert answer.json() == {"account": {"account_id": sender.account_id, "email_address": sender.email}}, body


@pytest.mark.parametrize("path", ["/oauth/token", "/v3/oauth/token"])
def test_tokens_from_every_client(shared_server: Server, sender: Person, path: str) -> None:
    made = make_app(shared_server.api(sender.api_key), name=f"Token {path} {fresh_address()}")
    browser = log_in(shared_server, sender)
    for number in range(3):
        code = authorise(browser, made.client_id)["code"]
        wanted = {
            "client_id": made.client_id,
            "state": "900e06e2",
            "code": code,
            "grant_type": "authorization_code",
            "client_secret": made.secret,
        }
        answer = post(shared_server.client(), path, simple_bodies(wanted)[number])
        assert answer.status_code == 200, answer.text
        assert answer.json()["state"] == "900e06e2"
        assert answer.json()["account_id"] == sender.account_id
        refresh = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
        again = post(shared_server.client(), f"{path}?refresh", simple_bodies(refresh)[number])
        assert again.status_code == 200, again.text
        token = again.json()["access_token"]
        assert shared_server.api(token=token).get("/v3/account").status_code == 200


def test_empty_posts_with_any_content_type(shared_server: Server, sender: Person) -> None:
    """cancel has no body: Node, Ruby and PHP say application/json all the same (G.1 rules 1 and 2)."""
    client = shared_server.api(sender.api_key)
    for content_type in ("application/json", "multipart/form-data", ""):
        headers = {"Content-Type": content_type} if content_type else {}
        answer = client.post(f"/v3/signature_request/cancel/{'0' * 40}", headers=headers)
        assert answer.status_code == 404, answer.text
    listing = client.get("/v3/signature_request/list", headers={"Content-Type": "application/json"})
    assert listing.status_code == 200


def test_no_accept_header_is_refused(shared_server: Server, sender: Person) -> None:
    """PHP asks for multipart/form-data on uploads, Python for JSON on downloads (G.1 rule 8)."""
    client = shared_server.api(sender.api_key)
    for accepted in ("multipart/form-data", "application/pdf", "text/html", "*/*"):
        assert client.get("/v3/account", headers={"Accept": accepted}).status_code == 200
