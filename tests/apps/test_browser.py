"""A real Chromium registers an app and takes the authorization URL away, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness import Server
from tests.helpers.accounts import PASSWORD, make_person
from tests.helpers.apps import CALLBACK, make_app
from tests.helpers.browser import chromium as system_chromium
from tests.helpers.browser import photograph

AXE = Path(__file__).parents[1] / "tools/node_modules/axe-core/axe.min.js"
SIZES = ((360, 740), (768, 1024), (1440, 900))

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with system_chromium() as browser:
        yield browser


def logged_in(browser: Browser, server: Server, *, scripts: bool = True, operator: bool = False) -> tuple[Page, str]:
    """A page of a fresh person, and that person's API key."""
    person = make_person(server, "Alice", operator=operator)
    context = browser.new_context(base_url=server.url, java_script_enabled=scripts)
    if scripts:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page, person.api_key


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_developer_registers_an_app_and_copies_its_url(chromium: Browser, lite: Server, scripts: bool) -> None:
    page, _ = logged_in(chromium, lite, scripts=scripts)
    page.goto("/settings/api")
    page.get_by_role("link", name="Create app").click()
    page.get_by_label("App name").fill("Acme Contracts")
    page.get_by_label("OAuth callback URL").fill(CALLBACK)
    page.get_by_label("Event callback URL").fill("https://app.example.com/events")
    page.get_by_label("request_signature").check()
    page.get_by_label("team_access").check()
    page.get_by_role("button", name="Create app").click()

    expect(page.get_by_role("alert")).to_contain_text("cannot be combined")
    expect(page.get_by_label("App name")).to_have_value("Acme Contracts")
    expect(page.get_by_label("team_access")).to_be_checked()
    page.get_by_label("team_access").uncheck()
    page.get_by_role("button", name="Create app").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Acme Contracts")
    shown = page.locator("#authorization-url").inner_text()
    assert re.fullmatch(
        rf"{re.escape(lite.url)}/oauth/authorize\?response_type=code&client_id=[0-9a-f]{{32}}&state=[0-9a-f]{{8}}"
        rf"&redirect_uri=https%3A%2F%2Fapp\.example\.com%2Foauth%2Fcallback",
        shown,
    )
    copy = page.get_by_role("button", name="Copy the authorization URL")
    if scripts:
        copy.click()
        assert page.evaluate("navigator.clipboard.readText()") == shown
    else:
        expect(copy).to_be_hidden()

    expect(page.locator("#client-secret")).to_be_hidden()
    page.get_by_text("Show the secret").click()
    assert re.fullmatch("[0-9a-f]{32}", page.locator("#client-secret").inner_text())
    page.get_by_role("button", name="Request approval").click()
    expect(page.get_by_role("status")).to_contain_text("Approval is requested")
    page.context.close()


def test_the_pages_are_accessible_and_fit_every_screen(chromium: Browser, lite: Server) -> None:
    page, key = logged_in(chromium, lite, operator=True)
    app = make_app(lite.api(key), name="Acme Contracts with a rather long name for a small screen")
    here = f"/settings/api/apps/{app.client_id}"
    lite.api(key).put(f"/v3/api_app/{app.client_id}", json={"callback_url": "https://app.example.com/events"})
    page.goto(here)
    page.get_by_text("Rotate the secret").click()
    page.get_by_role("button", name="Make a new secret").click()
    page.get_by_role("button", name="Request approval").click()
    page.get_by_role("button", name="Send a test event").click()
    for name, path in (
        ("list", "/settings/api"),
        ("new", "/settings/api/apps/new"),
        ("details", here),
        ("edit", f"{here}/edit"),
        ("delete", f"{here}/delete"),
        ("deliveries", f"{here}/deliveries"),
        ("operator", "/operator/apps"),
    ):
        page.goto(path)
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert axe_violations(page) == [], (name, scheme)
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert overflow <= 0, f"{name} is {overflow} px too wide at {width} px"
                photograph(page, f"apps-{name}-{width}-{scheme}", full_page=True)
    page.context.close()


def axe_violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, as text."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
