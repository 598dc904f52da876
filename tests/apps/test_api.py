"""/v3/api_app…: it works, the outsider is refused, bad input is named, the wire shape is exact."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from paraph.kit.db import metadata
from tests.apps.conftest import ApiPlace, refused
from tests.apps.pictures import PNG
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.apps import CALLBACK, make_app

OAUTH = {"callback_url": CALLBACK, "scopes": ["request_signature"]}


def test_an_app_is_created_with_the_vendors_shape(api_place: ApiPlace) -> None:
    body = {
        "name": "Shape",
        "domains": ["Example.com", "www.example.com"],
        "callback_url": "https://app.example.com/events",
        "oauth": {"callback_url": CALLBACK, "scopes": ["request_signature", "basic_account_info"]},
        "options": {"can_insert_everywhere": True},
        "white_labeling_options": {"primary_button_color": "#00AA33"},
    }
    answer = api_place.api.post("/v3/api_app", json=body)
    assert answer.status_code == 201
    app = answer.json()["api_app"]
    secret, client_id = app["oauth"].pop("secret"), app.pop("client_id")
    assert len(secret) == len(client_id) == 32
    assert int(secret, 16) != int(client_id, 16)
    white = app.pop("white_labeling_options")
    assert len(white) == 14
    assert white["primary_button_color_hover"] == "#00AA33"
    assert app == {
        "callback_url": "https://app.example.com/events",
        "created_at": api_place.server.clock.now(),
        "domains": ["example.com", "www.example.com"],
        "is_approved": False,
        "name": "Shape",
        "oauth": {
            "callback_url": CALLBACK,
            "scopes": ["basic_account_info", "request_signature"],
            "charges_users": False,
        },
        "options": {"can_insert_everywhere": True},
        "owner_account": {"account_id": api_place.alice.account_id, "email_address": api_place.alice.email},
    }
    assert "warnings" not in answer.json()
    shown = api_place.api.get(f"/v3/api_app/{client_id}").json()["api_app"]
    assert shown["oauth"]["secret"] == secret


def test_an_app_without_anything_optional_has_nulls(api: httpx.Client) -> None:
    app = api.post("/v3/api_app", json={"name": "Bare", "domains": ["example.com"]}).json()["api_app"]
    assert [app[key] for key in ("callback_url", "oauth", "options", "white_labeling_options")] == [None] * 4


def test_user_pays_scopes_charge_users(api: httpx.Client) -> None:
    app = make_app(api, scopes=["signature_request_access", "account_access"])
    oauth = api.get(f"/v3/api_app/{app.client_id}").json()["api_app"]["oauth"]
    assert oauth["charges_users"] is True
    assert oauth["scopes"] == ["account_access", "signature_request_access"]


BOTH = "basic_account_info,request_signature"
AS_JSON = json.dumps({"callback_url": CALLBACK, "scopes": BOTH.split(",")})


@pytest.mark.parametrize(
    "request_of",
    [
        {"data": {"domain": "e.com", "oauth[callback_url]": CALLBACK, "oauth[scopes]": BOTH}},
        {"data": {"domains[]": "e.com", "oauth[callback_url]": CALLBACK, "oauth[scopes][]": BOTH.split(",")}},
        {"json": {"domains": '["e.com"]', "oauth": AS_JSON}},
        {"data": {"domains": '["e.com"]', "oauth": AS_JSON}, "files": {"custom_logo_file": ("a.png", PNG)}},
    ],
    ids=["urlencoded-php", "urlencoded-curl", "ruby-json", "multipart"],
)
def test_every_encoding_makes_the_same_app(
    api: httpx.Client, request_of: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    kind = "json" if "json" in request_of else "data"
    body = {**request_of[kind], "name": request.node.name}
    answer = api.post("/v3/api_app", **{**request_of, kind: body})
    assert answer.status_code == 201, answer.text
    app = answer.json()["api_app"]
    assert app["domains"] == ["e.com"]
    assert app["oauth"]["scopes"] == ["basic_account_info", "request_signature"]


@pytest.mark.parametrize(
    ("change", "words", "path"),
    [
        ({"name": None}, "Must specify name", "name"),
        ({"name": "\u202e\u200b"}, "Must specify name", "name"),
        ({"name": "Official Paraph"}, "reserved", "name"),
        ({"name": "x" * 301}, "at most 300", "name"),
        ({"domains": []}, "Must specify domain", "domains"),
        ({"domains": None}, "Must specify domain", "domains"),
        ({"domains": ["https://example.com"]}, "Not a domain: https://example.com", "domains[0]"),
        ({"domains": [f"d{n}.com" for n in range(11)]}, "at most 10", "domains"),
        ({"callback_url": "no url"}, "Invalid url for callback_url : no url", "callback_url"),
        ({"callback_url": "http://example.com/x"}, "Invalid url for callback_url", "callback_url"),
        ({"oauth": {"callback_url": CALLBACK}}, "needs scopes", "oauth.scopes"),
        ({"oauth": {"callback_url": CALLBACK, "scopes": [""]}}, "needs scopes", "oauth.scopes"),
        ({"oauth": {"scopes": ["team_access"]}}, "need an OAuth callback URL", "oauth.callback_url"),
        ({"oauth": {"callback_url": CALLBACK, "scopes": ["send_docs"]}}, "Unknown scope: send_docs", "oauth.scopes"),
        (
            {"oauth": {"callback_url": CALLBACK, "scopes": ["request_signature", "team_access"]}},
            "different billing groups",
            "oauth.scopes",
        ),
        ({"oauth": {"callback_url": "javascript:x()", "scopes": ["team_access"]}}, "https://", "oauth.callback_url"),
        ({"oauth": {"callback_url": f"{CALLBACK}?code=1", "scopes": ["team_access"]}}, "code", "oauth.callback_url"),
        ({"oauth": "text"}, "object", "oauth"),
        ({"white_labeling_options": {"link_color": "blue"}}, "invalid_hex_code", "white_labeling_options"),
        ({"white_labeling_options": "[1]"}, "object", "white_labeling_options"),
        ({"options": {"can_insert_everywhere": "maybe"}}, "true or false", "options.can_insert_everywhere"),
        ({"custom_logo_file": "text"}, "uploaded file", "custom_logo_file"),
    ],
)  # fmt: skip
def test_bad_input_is_named(api: httpx.Client, change: dict[str, Any], words: str, path: str) -> None:
    before = api.get("/v3/api_app/list").json()["list_info"]["num_results"]
    body = {"name": "Bad input", "domains": ["example.com"], "oauth": OAUTH} | change
    refused(api.post("/v3/api_app", json=body), words, path)
    assert api.get("/v3/api_app/list").json()["list_info"]["num_results"] == before


def test_a_name_is_unique_within_the_account_only(api_place: ApiPlace) -> None:
    make_app(api_place.api, name="Twice")
    body = {"name": " twice ", "domains": ["example.com"]}
    refused(api_place.api.post("/v3/api_app", json=body), "An app with the same name already exists", "name")
    assert api_place.outsider.post("/v3/api_app", json=body).status_code == 201
    other = make_app(api_place.api)
    answer = api_place.api.put(f"/v3/api_app/{other.client_id}", json={"name": "TWICE"})
    refused(answer, "An app with the same name already exists", "name")
    kept = api_place.api.put(f"/v3/api_app/{other.client_id}", json={"name": other.name})
    assert kept.status_code == 200


def test_a_deleted_app_is_gone(api: httpx.Client) -> None:
    app = make_app(api)
    answer = api.delete(f"/v3/api_app/{app.client_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "PUT", "DELETE"):
        assert api.request(method, f"/v3/api_app/{app.client_id}").status_code == 404
    make_app(api, name=app.name)


def test_an_outsider_and_an_unknown_id_get_the_same_answer(api_place: ApiPlace) -> None:
    app = make_app(api_place.api)
    name = {"name": "Mine"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("GET", {}),
        ("PUT", {"json": name}),
        ("POST", {"data": name}),
        ("DELETE", {}),
    ]
    for method, more in calls:
        ids = (app.client_id, "0" * 32, "x", "%20", "%ff")
        answers = [api_place.outsider.request(method, f"/v3/api_app/{one}", **more) for one in ids]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.text for answer in answers} == {'{"error":{"error_msg":"Not found","error_name":"not_found"}}'}
    assert api_place.api.get("/v3/api_app/%00").status_code == 404
    upload = api_place.outsider.put(f"/v3/api_app/{app.client_id}", files={"custom_logo_file": ("l.png", PNG)})
    assert upload.status_code == 404
    assert api_place.api.get(f"/v3/api_app/{app.client_id}").json()["api_app"]["name"] == app.name


def test_without_credentials_nothing_is_told(api_place: ApiPlace) -> None:
    answer = api_place.server.client().get("/v3/api_app/list")
    assert answer.status_code == 401
    assert answer.json()["error"]["error_name"] == "unauthorized"


def test_the_list_is_mine_newest_first_in_pages(shared_server: Server) -> None:
    carol = shared_server.api(make_person(shared_server, "Carol").api_key)
    empty = carol.get("/v3/api_app/list").json()
    assert empty == {"api_apps": [], "list_info": {"num_pages": 0, "num_results": 0, "page": 1, "page_size": 20}}
    made = [make_app(carol).client_id for _ in range(3)]
    listed = carol.get("/v3/api_app/list", params={"page": 1, "page_size": 2}).json()
    assert [app["client_id"] for app in listed["api_apps"]] == [made[2], made[1]]
    assert listed["list_info"] == {"num_pages": 2, "num_results": 3, "page": 1, "page_size": 2}
    assert carol.get("/v3/api_app/list?page=9").json()["api_apps"] == []
    for bad in ("page=0", "page=x", "page_size=101"):
        assert carol.get(f"/v3/api_app/list?{bad}").status_code == 400


def test_no_secret_is_readable_in_the_database(api_place: ApiPlace) -> None:
    app = make_app(api_place.api)

    def rows(tx: Any) -> str:
        tables = ("api_apps", "api_app_secrets", "api_app_decisions")
        return "".join(str(tx.all(metadata.tables[name].select())) for name in tables)

    dump = api_place.server.read(rows)
    assert app.client_id in dump
    assert app.secret not in dump
    assert app.secret.encode().hex() not in dump


def test_one_of_many_creations_at_once_has_the_name(api_place: ApiPlace) -> None:
    def create(_number: int) -> int:
        own = api_place.server.api(api_place.alice.api_key)
        return own.post("/v3/api_app", json={"name": "At once", "domains": ["example.com"]}).status_code

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(create, range(10))) == [201] + [400] * 9


def test_on_a_public_server_this_machine_is_no_callback(tmp_path: Path) -> None:
    with running_server(tmp_path, public_url="https://sign.example.com") as server:
        api = server.api(make_person(server, "Alice").api_key)
        for callback in ("http://localhost:5000/cb", "http://127.0.0.1/cb", "https://localhost/cb"):
            body = {"name": "A", "domains": ["e.com"], "oauth": {"callback_url": callback, "scopes": ["team_access"]}}
            refused(api.post("/v3/api_app", json=body), "cannot be used", "oauth.callback_url")
        refused(
            api.post("/v3/api_app", json={"name": "A", "domains": ["e.com"], "callback_url": "http://localhost/x"}),
            "Invalid url for callback_url : http://localhost/x",
            "callback_url",
        )
        refused(api.post("/v3/api_app", json={"name": "A", "domains": ["127.0.0.1"]}), "Not a domain", "domains[0]")


def test_localhost_is_a_callback_while_developing(api: httpx.Client) -> None:
    app = make_app(
        api,
        callback_url="http://localhost:5000/cb",
        domains=["localhost", "127.0.0.1"],
    )
    answer = api.put(f"/v3/api_app/{app.client_id}", json={"callback_url": "http://127.0.0.1:5000/events"})
    assert answer.json()["api_app"]["callback_url"] == "http://127.0.0.1:5000/events"
