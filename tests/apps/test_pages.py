"""/settings/api…: the pages of a developer, without a script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from paraph.apps.scopes import SCOPES
from tests.apps.pictures import PNG
from tests.harness import Server
from tests.helpers.accounts import Person, csrf_token, log_in, make_person, submit
from tests.helpers.apps import CALLBACK, make_app

NEW = "/settings/api/apps/new"
EVENTS = "https://app.example.com/events"
FORM = {"name": "Acme", "oauth_callback_url": CALLBACK, "event_callback_url": EVENTS, "scopes": ["request_signature"]}


@dataclass(frozen=True)
class Place:
    server: Server
    alice: Person
    browser: httpx.Client
    api: httpx.Client


@pytest.fixture
def place(shared_server: Server) -> Place:
    alice = make_person(shared_server, "Alice")
    return Place(shared_server, alice, log_in(shared_server, alice), shared_server.api(alice.api_key))


def created(place: Place, **fields: object) -> str:
    """The address of the page of an app made with the form."""
    answer = submit(place.browser, NEW, **(FORM | fields))
    assert answer.status_code == 303, words_of(answer)
    return answer.headers["location"]


def words_of(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_stranger_is_asked_to_log_in_and_comes_back(place: Place) -> None:
    answer = place.server.client().get(NEW)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?continue=")


def test_the_four_fields_make_an_app_with_everything_to_take_away(place: Place) -> None:
    page = created(place)
    shown = place.browser.get(page)
    client_id = page.rpartition("/")[2]
    app = place.api.get(f"/v3/api_app/{client_id}").json()["api_app"]
    assert app["callback_url"] == EVENTS
    assert app["domains"] == ["app.example.com"]
    assert app["oauth"]["scopes"] == ["request_signature"]
    assert app["oauth"]["secret"] in shown.text
    assert "The app is created." in words_of(shown)
    assert "Not approved yet" in words_of(shown)
    assert shown.headers["cache-control"] == "no-store"

    url = unescape(re.findall(r'<code id="authorization-url">([^<]+)</code>', shown.text)[0])
    parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{place.server.url}/oauth/authorize"
    state = query.pop("state")[0]
    assert re.fullmatch("[0-9a-f]{8}", state)
    assert query == {"response_type": ["code"], "client_id": [client_id], "redirect_uri": [CALLBACK]}
    assert state not in place.browser.get(page).text, "each copy has a state of its own"


def test_the_list_shows_my_apps_and_where_the_keys_are(place: Place) -> None:
    empty = place.browser.get("/settings/api")
    assert "You have no apps yet" in words_of(empty)
    assert 'href="/settings/keys"' in empty.text
    page = created(place)
    assert f'href="{page}"' in place.browser.get("/settings/api").text
    for number in range(26):
        make_app(place.api, name=f"Many {number}")
    assert "Page 1 of 2" in words_of(place.browser.get("/settings/api"))
    second = place.browser.get("/settings/api?page=2")
    assert f'href="{page}"' in second.text
    for odd in ("0", "x", "99999999999999", "-1", "²", "9"):
        assert place.browser.get("/settings/api", params={"page": odd}).status_code == 200


def test_scopes_stand_in_their_two_groups_with_what_they_permit(place: Place) -> None:
    shown = place.browser.get(NEW)
    words = words_of(shown)
    for scope in SCOPES.values():
        assert f'value="{scope.name}"' in shown.text
        assert scope.sentence in words
        assert scope.not_allowed in words
    owner, user = words.index("The app's owner pays"), words.index("The person who gives access pays")
    assert owner < words.index("request_signature") < user < words.index("template_access")


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": ""}, "name", "Must specify name"),
        ({"scopes": ["request_signature", "team_access"]}, "scopes", "cannot be combined"),
        ({"scopes": []}, "scopes", "choose at least one"),
        ({"scopes": ["nonsense"]}, "scopes", "Unknown scope"),
        ({"oauth_callback_url": ""}, "oauth_callback_url", "Scopes need an OAuth callback URL"),
        ({"oauth_callback_url": "http://example.com"}, "oauth_callback_url", "must start with https://"),
        ({"oauth_callback_url": "https://[x"}, "oauth_callback_url", "cannot be read"),
        ({"event_callback_url": "nonsense"}, "event_callback_url", "Invalid url for callback_url"),
        ({"domains": "example.com https://x"}, "domains", "Not a domain"),
        (
            {"oauth_callback_url": "", "event_callback_url": "", "scopes": []},
            "domains",
            "Give at least one domain",
        ),
    ],
)
def test_a_refusal_is_put_to_its_field_and_keeps_what_was_typed(
    place: Place, change: dict[str, object], field: str, sentence: str
) -> None:
    typed = FORM | change
    answer = submit(place.browser, NEW, **typed)
    assert answer.status_code == 400
    assert sentence in words_of(answer)
    assert f'href="#field-{field}"' in answer.text
    assert f'id="error-{field}"' in answer.text
    assert f'id="field-{field}"' in answer.text
    for name in ("name", "oauth_callback_url", "event_callback_url"):
        assert f'name="{name}" type=' in answer.text
        assert f'value="{typed[name]}"' in answer.text
    checked = set(re.findall(r'name="scopes" value="(\w+)" checked', answer.text))
    assert checked == set(typed["scopes"]) & set(SCOPES)  # type: ignore[call-overload]
    assert place.api.get("/v3/api_app/list").json()["api_apps"] == []


def test_an_app_is_edited(place: Place) -> None:
    page = created(place, domains="app.example.com, www.example.com")
    form = place.browser.get(f"{page}/edit")
    assert 'value="app.example.com www.example.com"' in form.text
    assert 'value="request_signature" checked' in form.text
    same = submit(place.browser, f"{page}/edit", **FORM, domains="app.example.com www.example.com")
    assert same.status_code == 303
    assert "authorise it again" not in words_of(place.browser.get(page))
    changed = FORM | {"name": "Acme 2", "event_callback_url": "", "scopes": ["basic_account_info"]}
    assert submit(place.browser, f"{page}/edit", **changed).status_code == 303
    shown = words_of(place.browser.get(page))
    assert "Its scopes changed, so everybody has to authorise it again." in shown
    assert "Acme 2" in shown
    assert "Without an event callback URL no events are sent" in shown
    refused = submit(place.browser, f"{page}/edit", **(FORM | {"scopes": ["team_access", "request_signature"]}))
    assert refused.status_code == 400
    assert "cannot be combined" in words_of(refused)


def test_hostile_names_are_only_words(place: Place) -> None:
    name = "<script>alert(1)</script>{{7*7}}${7*7}"
    page = created(place, name=name)
    for path in ("/settings/api", page, f"{page}/edit", f"{page}/delete", f"{page}/deliveries"):
        text = place.browser.get(path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}${7*7}" in text


def test_a_long_name_is_shown_shorter(place: Place) -> None:
    page = created(place, name="Long " * 59 + "name")
    heading = re.search(r"<h1[^>]*>([^<]+)</h1>", place.browser.get(page).text)
    assert heading is not None
    assert len(heading[1]) <= 100
    assert heading[1].endswith("…")


def test_the_oauth_rules_are_switched(place: Place) -> None:
    page = created(place)
    assert re.search(r'value="walkthrough" checked', place.browser.get(page).text)
    rules = {"profile": "standard", "refresh_needs_secret": "1", "access_token_seconds": "600"}
    assert submit(place.browser, f"{page}/protocol", at=page, **rules).status_code == 303
    shown = place.browser.get(page).text
    assert re.search(r'value="standard" checked', shown)
    assert 'value="600"' in shown
    for bad in ({"profile": "x"}, {"access_token_seconds": "59"}, {"access_token_seconds": "86401"},
                {"access_token_seconds": "1e3"}, {"access_token_seconds": "9" * 40}):  # fmt: skip
        assert submit(place.browser, f"{page}/protocol", at=page, **(rules | bad)).status_code == 400
    assert submit(place.browser, f"{page}/protocol", at=page, profile="walkthrough").status_code == 303
    assert re.search(r'value="walkthrough" checked', place.browser.get(page).text)


def test_a_native_app_may_have_loopback_addresses_on_a_public_server(place: Place) -> None:
    page = created(place, oauth_callback_url="http://127.0.0.1/cb", is_native="1")
    assert "Native app" in words_of(place.browser.get(page))
    assert re.search(r'name="is_native" value="1" checked', place.browser.get(f"{page}/edit").text)


def test_an_app_is_deleted_after_being_asked_once_more(place: Place) -> None:
    page = created(place)
    asked = place.browser.get(f"{page}/delete")
    assert "This cannot be undone" in words_of(asked)
    assert place.browser.get(page).status_code == 200
    assert submit(place.browser, f"{page}/delete").status_code == 303
    assert "is deleted" in words_of(place.browser.get("/settings/api"))
    assert place.browser.get(page).status_code == 404


def test_a_logo_is_set_and_removed(place: Place) -> None:
    page = created(place)
    token = csrf_token(place.browser.get(f"{page}/edit"))
    files = {"logo": ("logo.png", PNG, "image/png")}
    assert place.browser.post(f"{page}/logo", data={"csrf_token": token}, files=files).status_code == 303
    picture = re.search(r'<img src="([^"]+)"', place.browser.get(f"{page}/edit").text)
    assert picture is not None
    assert place.server.client().get(picture[1]).content == PNG
    bad = {"logo": ("logo.png", b"<svg/>", "image/png")}
    refused = place.browser.post(f"{page}/logo", data={"csrf_token": token}, files=bad)
    assert refused.status_code == 400
    assert "PNG or JPEG" in words_of(refused)
    assert submit(place.browser, f"{page}/logo", at=page).status_code == 400
    assert submit(place.browser, f"{page}/logo", at=page, remove="1").status_code == 303
    assert place.server.client().get(picture[1]).status_code == 404
    assert list(place.server.kit.files.keys_older_than(-60)) == []


def test_forms_without_their_token_change_nothing(place: Place) -> None:
    page = created(place)
    for path in ("/edit", "/delete", "/secret", "/approval", "/protocol", "/logo", "/test-event"):
        for sent in ({}, {"csrf_token": "wrong"}):
            answer = place.browser.post(f"{page}{path}", data=FORM | sent)
            assert answer.status_code == 403, path
    assert place.browser.post(NEW, data=FORM | {"name": "Forged"}).status_code == 403
    assert len(place.api.get("/v3/api_app/list").json()["api_apps"]) == 1
