"""Consent and connected apps in Chromium: with scripts and without, as people see them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.harness import free_port, running_server
from tests.helpers.browser import PHONE, chromium, look_at
from tests.helpers.oauth import World, authorize_path, challenge, make_world, second_app

pytestmark = pytest.mark.browser


class Callback(BaseHTTPRequestHandler):
    """An app whose callback leads on to another address of the app, as many do."""

    def do_GET(self) -> None:
        if self.path.startswith("/cb"):
            self.send_response(303)
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/home{self.path[3:]}")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Acme</title><h1>Welcome back to Acme</h1>")

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def acme() -> Iterator[str]:
    """The address of the app."""
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Callback)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/cb"
    server.shutdown()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, acme: str) -> Iterator[World]:
    with running_server(tmp_path_factory.mktemp("data") / "data") as server:
        yield make_world(server, name="Acme Contracts", callback_url=acme)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser, world: World) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=world.server.url)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, world: World) -> Page:
    return logged_in(context, world)


def logged_in(context: BrowserContext, world: World) -> Page:
    """A tab of the person's own browser."""
    cookies = [
        {"name": name, "value": value, "url": world.server.url} for name, value in world.browser.cookies.items()
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    return context.new_page()


def test_a_person_logs_in_accepts_and_lands_at_the_app(context: BrowserContext, world: World) -> None:
    page = context.new_page()
    page.goto(authorize_path(world.app))
    page.get_by_label("Email").or_(page.get_by_label("E-mail")).first.fill(world.user.email)
    page.get_by_label("Password", exact=True).fill(world.user.password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme Contracts")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", name="Welcome back to Acme")).to_be_visible()
    assert re.search(r"/home\?code=pc_\w+&state=900e06e2&iss=", page.url)


def test_deny_lands_at_the_app_with_state_alone(page: Page, world: World) -> None:
    page.goto(authorize_path(world.app))
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url("**/home*")
    assert page.url.endswith("/home?state=900e06e2")


def test_it_works_without_scripts(browser: Browser, world: World) -> None:
    context = browser.new_context(base_url=world.server.url, java_script_enabled=False)
    page = logged_in(context, world)
    page.goto(authorize_path(world.app))
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/home?code=*")
    context.close()


def test_B13_a_click_right_after_the_page_appears_does_nothing(page: Page, world: World) -> None:
    page.goto(authorize_path(world.app))
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_role("button", name="Accept").dispatch_event("click")
    page.get_by_role("button", name="Accept").scroll_into_view_if_needed()
    box = page.get_by_role("button", name="Accept").bounding_box()
    assert box is not None
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_timeout(200)
    assert "/oauth/authorize" in page.url
    page.wait_for_timeout(600)
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_url("**/home?code=*")


def test_the_keyboard_is_enough(page: Page, world: World) -> None:
    page.goto(authorize_path(world.app))
    page.wait_for_timeout(600)
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Accept":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/home?code=*")


def test_switching_the_account(page: Page, world: World) -> None:
    page.goto(authorize_path(world.app))
    page.get_by_role("button", name="Switch account").click()
    page.wait_for_url("**/login*")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_the_pages_look_right(browser: Browser, world: World, tmp_path: Path) -> None:
    from tests.helpers.accounts import log_in

    world.browser = log_in(world.server, world.user)
    strict = second_app(world, name="A second app with a rather long name, for small screens", profile="standard")
    strict.connect(scope="basic_account_info", **challenge())
    world.call(world.connect().access_token)
    context = browser.new_context(base_url=world.server.url)
    page = logged_in(context, world)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(authorize_path(world.app))
    look_at(page, "oauth-consent")
    page.goto(authorize_path(strict.app, **challenge()))
    look_at(page, "oauth-consent-standard")
    page.goto("/settings/connected-apps")
    look_at(page, "oauth-connected-apps")
    page.goto("/oauth/authorize?client_id=nobody")
    look_at(page, "oauth-unknown-app")
    owner = browser.new_context(base_url=world.server.url)
    theirs = World(world.server, world.owner, world.owner, world.app, log_in(world.server, world.owner), world.calls)
    page = logged_in(owner, theirs)
    page.goto(f"/settings/api/apps/{world.app.client_id}/connections")
    look_at(page, "oauth-app-connections")
    owner.close()
    context.close()
