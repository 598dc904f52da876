"""No input may produce a 500."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Server
from tests.helpers.accounts import csrf_token, log_in, make_person, submit

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "path",
    [
        "/confirm/%00",
        "/confirm/%ff",
        "/confirm/" + "x" * 5000,
        "/reset/%00",
        "/login?continue=%00",
        "/login?continue=%ff.%ff",
        "/login?continue=a&continue=b",
        "/signup?continue=%F0%9F%92%A9",
        "/settings/keys?x=%00",
    ],
)
def test_odd_addresses(shared_server: Server, path: str) -> None:
    assert shared_server.client().get(path).status_code < 500


@pytest.mark.parametrize("query", ["account_id=%00", "email_address=%00", "account_id=%ff", "account_id[]=x"])
def test_odd_queries(shared_server: Server, query: str) -> None:
    api = shared_server.api(make_person(shared_server).api_key)
    assert 400 <= api.get(f"/v3/account?{query}").status_code < 500


@pytest.mark.parametrize(
    "body",
    [
        b'{"locale": "\\u0000"}',
        b'{"callback_url": "https://a\\u0000.example"}',
        b'{"callback_url": "https://\\ud800.example"}',
        b'{"callback_url": {}}',
        b'{"locale": ["en-US"]}',
        b'{"email_address": "a\\u0000@example.com"}',
        b'{"email_address": "\\ud800@example.com"}',
        b'{"email_address": 5}',
        ("ü" * 300).encode(),
        b"[]",
        b"\xff",
    ],
)
def test_odd_bodies(shared_server: Server, body: bytes) -> None:
    api = shared_server.api(make_person(shared_server).api_key)
    assert api.put("/v3/account", content=body, headers=JSON).status_code < 500
    assert 400 <= api.post("/v3/account/verify", content=body, headers=JSON).status_code < 500


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "\x00", "locale": "en-US"},
        {"name": ["a", "b"], "locale": "en-US"},
        {"name[x]": "1", "locale": "en-US"},
        {"name": "a" * 100_000, "locale": "\u202e"},
    ],
)
def test_odd_forms(shared_server: Server, fields: dict[str, Any]) -> None:
    client = log_in(shared_server, make_person(shared_server))
    token = csrf_token(client.get("/settings"))
    assert client.post("/settings", data={"csrf_token": token, **fields}).status_code < 500
    assert client.post("/settings", json={"csrf_token": token, "name": 7, "locale": None}).status_code < 500
    assert submit(client, "/settings/callback/deliveries/%00/replay", at="/settings").status_code == 404


def test_odd_cookies(shared_server: Server) -> None:
    odd = "paraph_session=\xe9; paraph_notice=\xe9.b; paraph_visit=\xe9".encode("latin-1")
    client = shared_server.client()
    assert client.get("/login", headers=[(b"Cookie", odd)]).status_code == 200
    assert shared_server.client(cookies={"paraph_session": "x" * 3000}).get("/").status_code == 200
