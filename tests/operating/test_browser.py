"""The operator's pages in a browser: they fit, light and dark, axe finds nothing, and no script is needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from paraph.events import set_callback
from paraph.kit.queue import jobs
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import PASSWORD, Person, make_person
from tests.helpers.browser import chromium, look_at
from tests.helpers.receiver import receiving, replies

REASON = "[Errno 28] No space left on device: /srv/paraph/data/files/incoming/3f1c2b9a0d4e5f60718293a4b5c6d7e8f9"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in every kind of trouble."""
    with running_server(tmp_path_factory.mktemp("looks"), api_rate_limit=20) as server, receiving() as receiver:
        alice = make_person(server, "Alice")
        server.write(
            lambda tx: set_callback(tx, account_pk=alice.pk, url=f"{receiver.url}/a/long/path", kit=server.kit)
        )
        receiver.always = replies(503)
        api = server.api(alice.api_key)
        requests.send(server, api)
        token = requests.signing_token(server, requests.JACK["email_address"])
        server.client().post(f"/sign/{token}/report", data={"reason": "I do not know this person."})
        requests.accepted(requests.post_send(api))
        for number in range(3):
            _break_a_job(server, number)
        server.move(40)
        for _ in range(25):
            api.get("/v3/account")
        yield server


def _break_a_job(server: Server, number: int) -> None:
    now = server.clock.now()
    failed = {"name": "signature_requests.complete", "lane": "work", "payload": {"request_pk": 0}, "error": REASON}
    times = {"created_at": now, "due_at": now + 900, "failed_at": now if number else None, "attempts": 3}
    server.write(lambda tx: tx.insert(jobs, failed | times))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def page(place: Server, browser: Browser) -> Iterator[Page]:
    """An operator's browser that runs no script."""
    person = make_person(place, "Olga", operator=True)
    context = browser.new_context(base_url=place.url, java_script_enabled=True)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    yield page
    context.close()


@pytest.mark.parametrize(
    ("name", "path", "says"),
    [
        ("overview", "/operator", "Delivery: retrying"),
        ("queue", "/operator/queue", "No space left on device"),
        ("requests", "/operator/requests", "Is being prepared"),
        ("deliveries", "/operator/deliveries", "The receiver answered 503"),
        ("accounts", "/operator/accounts", "Alice"),
        ("reports", "/operator/reports", "I do not know this person."),
    ],
)
def test_each_page_in_every_size(page: Page, name: str, path: str, says: str) -> None:
    page.goto(path)
    expect(page.get_by_text(says).first).to_be_visible()
    for details in page.locator("details").all():
        details.evaluate("element => element.open = true")
    look_at(page, f"operator-{name}")


def test_an_account_is_suspended_and_let_go_on_without_script(place: Server, browser: Browser) -> None:
    mallory: Person = make_person(place, "Mallory")
    olga = make_person(place, "Olga", operator=True)
    context = browser.new_context(base_url=place.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Email address").fill(olga.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.goto("/operator")
    page.get_by_role("link", name="Accounts").click()
    page.get_by_label("Address or id").fill(mallory.email)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=mallory.email).click()
    page.locator("summary").click()
    page.get_by_label("Reason").fill("Sends spam to strangers.")
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("The account is suspended. Its owner gets a mail.")).to_be_visible()
    expect(page.get_by_text("Sends spam to strangers.")).to_be_visible()
    page.get_by_role("button", name="End the suspension").click()
    expect(page.get_by_text("The account works again.")).to_be_visible()
    page.goto("/operator/acts")
    expect(page.get_by_text("Account suspended").first).to_be_visible()
    context.close()
