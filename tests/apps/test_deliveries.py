"""Deliveries on the app's page: test, look, replay; and the mail when one is given up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

from tests.harness import Server
from tests.helpers.accounts import Person, log_in, make_person, submit
from tests.helpers.apps import MadeApp, make_app
from tests.helpers.receiver import Receiver, receiving, replies

RETRIES = (300, 900, 2_700, 8_100, 24_300, 72_900)


@dataclass(frozen=True)
class Place:
    server: Server
    alice: Person
    browser: httpx.Client
    app: MadeApp
    receiver: Receiver

    @property
    def page(self) -> str:
        return f"/settings/api/apps/{self.app.client_id}"

    def test_event(self) -> httpx.Response:
        return submit(self.browser, f"{self.page}/test-event", at=self.page)

    def shown(self, query: str = "") -> str:
        """The words of the page of deliveries."""
        text = self.browser.get(f"{self.page}/deliveries{query}").text
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def place(shared_server: Server) -> Iterator[Place]:
    alice = make_person(shared_server, "Alice")
    api = shared_server.api(alice.api_key)
    with receiving() as receiver:
        app = make_app(api)
        assert api.put(f"/v3/api_app/{app.client_id}", json={"callback_url": receiver.url}).status_code == 200
        yield Place(shared_server, alice, log_in(shared_server, alice), app, receiver)


def test_a_test_event_reaches_the_app_and_is_shown(place: Place) -> None:
    assert "Nothing was delivered yet" in place.shown()
    answer = place.test_event()
    assert answer.headers["location"] == f"{place.page}/deliveries"
    assert "Waiting" in place.shown()
    place.server.run_jobs()
    (received,) = place.receiver.received
    event = received.event
    assert event["event"]["event_type"] == "callback_test"
    assert event["event"]["event_metadata"]["reported_for_app_id"] == place.app.client_id
    shown = place.shown()
    for words in (
        "callback_test",
        "Delivered",
        "1 attempt",
        "status 200",
        "Hello API Event Received",
        place.receiver.url,
    ):
        assert words in shown
    assert received.fields["json"] in unescape(place.browser.get(f"{place.page}/deliveries").text)


def test_a_delivery_is_replayed_with_the_same_bytes(place: Place) -> None:
    place.test_event()
    place.server.run_jobs()
    text = place.browser.get(f"{place.page}/deliveries").text
    path = re.findall(rf'action="({place.page}/deliveries/\w+/replay)"', text)[0]
    assert submit(place.browser, path, at=f"{place.page}/deliveries").status_code == 303
    place.server.run_jobs()
    first, second = place.receiver.received
    assert first.fields["json"] == second.fields["json"]
    assert "sent again" in place.shown()

    bob = log_in(place.server, make_person(place.server, "Bob"))
    assert submit(bob, path, at="/settings/api/apps/new").status_code == 404
    other = make_app(place.server.api(place.alice.api_key))
    elsewhere = path.replace(place.app.client_id, other.client_id)
    assert submit(place.browser, elsewhere, at=place.page).status_code == 404
    for odd in ("x", "%00", "0" * 32):
        assert submit(place.browser, f"{place.page}/deliveries/{odd}/replay", at=place.page).status_code == 404
    place.server.run_jobs()
    assert len(place.receiver.received) == 2


def test_a_failing_callback_is_shown_tried_again_and_then_mailed_about(place: Place) -> None:
    place.receiver.always = replies(500, b"<script>boom</script>")
    place.test_event()
    place.server.run_jobs()
    shown = place.shown()
    assert "1 attempt" in shown
    assert "next try" in shown
    assert "status 500" in shown
    assert "&lt;script&gt;boom" in place.browser.get(f"{place.page}/deliveries").text
    for wait in RETRIES:
        assert mails_about(place) == []
        place.server.move(wait)
        place.server.run_jobs()
    assert "Given up" in place.shown()
    assert "7 attempts" in place.shown()
    (mail,) = mails_about(place)
    assert mail["subject"] == f"An event could not be delivered to “{place.app.name}”"
    assert place.receiver.url in mail["text"]
    assert "callback_test" in mail["text"]
    assert f"{place.server.kit.settings.public_url}{place.page}/deliveries" in mail["text"]


def test_without_a_callback_there_is_nothing_to_test(place: Place) -> None:
    page = f"/settings/api/apps/{make_app(place.server.api(place.alice.api_key)).client_id}"
    answer = submit(place.browser, f"{page}/test-event", at=page)
    assert answer.status_code == 400
    assert "no callback URL" in answer.text
    assert "no event callback URL" in place.browser.get(f"{page}/deliveries").text


def test_the_list_has_pages(place: Place) -> None:
    for _ in range(21):
        place.test_event()
    place.server.run_jobs()
    assert place.shown().count("callback_test ") >= 20
    assert "Older" in place.shown()
    second = place.shown("?page=2")
    assert "Newer" in second
    assert second.count("Attempt 1") == 1
    assert "This page of the list is empty" in place.shown("?page=3")
    for odd in ("?page=0", "?page=x", "?page=999999", "?page=99999999999999999999"):
        assert place.browser.get(f"{place.page}/deliveries{odd}").status_code == 200


def test_a_deleted_app_takes_its_deliveries_along(place: Place) -> None:
    place.test_event()
    assert submit(place.browser, f"{place.page}/delete").status_code == 303
    place.server.run_jobs()
    assert place.receiver.received == []
    assert place.browser.get(f"{place.page}/deliveries").status_code == 404


def mails_about(place: Place) -> list[dict[str, str]]:
    mails = place.server.mails()
    return [mail for mail in mails if mail["to"] == place.alice.email and "could not be delivered" in mail["subject"]]
