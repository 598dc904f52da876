"""PUT /v3/api_app/{client_id}: a partial update, and what it revokes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.apps.conftest import ApiPlace, refused
from tests.helpers.apps import CALLBACK, make_app

OAUTH = {"callback_url": CALLBACK, "scopes": ["request_signature"]}


def test_an_update_is_partial_and_an_empty_text_clears(api: httpx.Client) -> None:
    app = make_app(api, callback_url=CALLBACK, options={"can_insert_everywhere": True})
    api.put(f"/v3/api_app/{app.client_id}", json={"callback_url": "https://app.example.com/events"})
    before = api.get(f"/v3/api_app/{app.client_id}").json()["api_app"]
    assert before["callback_url"] == "https://app.example.com/events"
    answer = api.put(f"/v3/api_app/{app.client_id}", json={"callback_url": "", "name": "Cleared"})
    assert answer.status_code == 200
    assert answer.json() == {"api_app": before | {"callback_url": None, "name": "Cleared"}}
    cleared = api.put(f"/v3/api_app/{app.client_id}", json={"oauth": "", "options": ""}).json()
    assert cleared["api_app"]["oauth"] is None
    assert cleared["api_app"]["options"] is None
    assert [warning["warning_name"] for warning in cleared["warnings"]] == ["oauth_grants_revoked"]
    refused(api.put(f"/v3/api_app/{app.client_id}", json={"name": ""}), "Must specify name", "name")
    refused(api.put(f"/v3/api_app/{app.client_id}", json={"domains": []}), "Must specify domain", "domains")


def test_an_app_without_oauth_keeps_its_secret_for_later(api: httpx.Client) -> None:
    app = make_app(api)
    none = {"callback_url": "", "scopes": [""]}
    assert api.put(f"/v3/api_app/{app.client_id}", json={"oauth": none}).json()["api_app"]["oauth"] is None
    again = api.put(f"/v3/api_app/{app.client_id}", json={"oauth": OAUTH}).json()["api_app"]["oauth"]
    assert again["secret"] == app.secret


def test_oauth_stays_whole_in_an_update(api: httpx.Client) -> None:
    app = make_app(api)
    url = f"/v3/api_app/{app.client_id}"
    moved = api.put(url, json={"oauth": {"callback_url": "https://app.example.com/new"}})
    assert moved.json()["api_app"]["oauth"]["callback_url"] == "https://app.example.com/new"
    assert "warnings" not in moved.json()
    refused(api.put(url, json={"oauth": {"scopes": [""]}}), "needs scopes", "oauth.scopes")
    refused(api.put(url, json={"oauth": {"callback_url": ""}}), "need an OAuth callback", "oauth.callback_url")


def test_changed_scopes_are_warned_about_and_the_same_scopes_are_not(api: httpx.Client) -> None:
    app = make_app(api, scopes=["basic_account_info", "request_signature"])
    url = f"/v3/api_app/{app.client_id}"
    same = api.put(url, json={"oauth": {"scopes": ["request_signature", "basic_account_info"]}}).json()
    assert "warnings" not in same
    fewer = api.put(url, json={"oauth": {"scopes": ["basic_account_info"]}}).json()
    assert [warning["warning_name"] for warning in fewer["warnings"]] == ["oauth_grants_revoked"]
    assert fewer["warnings"][0]["warning_msg"]


def test_the_old_verb_updates_too(api: httpx.Client) -> None:
    app = make_app(api)
    answer = api.post(f"/v3/api_app/{app.client_id}", data={"name": "Posted"})
    assert answer.json()["api_app"]["name"] == "Posted"


def test_white_label_options_are_merged_and_reset(api: httpx.Client) -> None:
    url = f"/v3/api_app/{make_app(api).client_id}"
    first = api.put(url, data={"white_labeling_options[link_color]": "#123456"}).json()["api_app"]
    assert first["white_labeling_options"]["link_color"] == "#123456"
    text = json.dumps({"text_color1": "#333333"})
    second = api.put(url, data={"white_labeling_options": text}).json()["api_app"]["white_labeling_options"]
    assert (second["link_color"], second["text_color1"]) == ("#123456", "#333333")
    reset = api.put(url, json={"white_labeling_options": {"reset_to_default": True}}).json()["api_app"]
    assert reset["white_labeling_options"] is None


def test_one_of_many_renamings_at_once_has_the_name(api_place: ApiPlace) -> None:
    made = [make_app(api_place.api).client_id for _ in range(8)]

    def rename(client_id: str) -> int:
        own = api_place.server.api(api_place.alice.api_key)
        return own.put(f"/v3/api_app/{client_id}", json={"name": "Renamed at once"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(rename, made)) == [200] + [400] * 7
