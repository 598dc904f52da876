"""The pages of accounts and web in a real browser: the ways in without scripts, the looks, the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness import Server, running_server
from tests.helpers.accounts import PASSWORD, fresh_address, mailed_link
from tests.helpers.browser import CHECKED, PHONE, assert_accessible, assert_fits, chromium, look_at, photograph

pytestmark = pytest.mark.browser
FIRST_SCREENS = {"x": 0, "y": 0, "height": 3000}
"""Of a page that is too long to be photographed whole."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("data"), operator_contact="help@example.com") as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def sign_up(page: Page, server: Server, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{server.url}/signup")
    page.get_by_label("Name").fill("Ann Example-Featherstonehaugh")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign up", exact=True).click()


def test_ways_in_without_scripts(site: Server, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]})
    page, email = context.new_page(), fresh_address("noscript")
    sign_up(page, site, email)
    expect(page.get_by_text("Your account is ready.")).to_be_visible()
    expect(page.get_by_role("button", name="Send the mail again")).to_be_visible()
    page.goto(site.url + mailed_link(site, email, "/confirm/"))
    page.get_by_role("button", name="Confirm account", exact=True).click()
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
    expect(page.get_by_role("button", name="Send the mail again")).to_have_count(0)
    page.get_by_role("button", name="Log out", exact=True).click()
    page.get_by_role("link", name="Log in").first.click()
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The address or the password is not right.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("button", name="Log out", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Show", exact=True)).to_have_count(0)
    context.close()


def test_pages_for_strangers(site: Server, browser: Browser) -> None:
    page = browser.new_page()
    for name, path in (
        ("welcome", "/"),
        ("log-in", "/login"),
        ("sign-up", "/signup"),
        ("ask-reset", "/reset"),
        ("not-found", "/nothing"),
        ("stale-link", "/confirm/gone"),
    ):
        page.goto(site.url + path)
        look_at(page, name)
    sign_up(page, site, fresh_address("weak"), "password123")
    look_at(page, "sign-up-refused")
    page.get_by_role("link", name="This password is one of the first").click()
    expect(page.get_by_label("Password")).to_be_in_viewport()
    page.context.close()


def test_pages_of_an_account(site: Server, browser: Browser) -> None:
    page = browser.new_page()
    email = fresh_address("somebody.with.a.rather.long.name.at.a.subdomain.of")
    sign_up(page, site, email)
    look_at(page, "home")
    for name, path in (
        ("settings", "/settings"),
        ("change-email", "/settings/email"),
        ("change-password", "/settings/password"),
        ("callback", "/settings/callback"),
        ("no-keys", "/settings/keys"),
        ("mailbox", "/mailbox"),
        ("confirm", mailed_link(site, email, "/confirm/")),
    ):
        page.goto(site.url + path)
        look_at(page, name)
    page.goto(f"{site.url}/settings/keys")
    page.get_by_role("button", name="Create API key").click()
    look_at(page, "new-key")
    page.get_by_role("button", name="Create API key").click()
    look_at(page, "keys")
    page.context.close()


def test_mail_is_shown_in_its_frame(site: Server, browser: Browser) -> None:
    page, email = browser.new_page(), fresh_address("framed")
    sign_up(page, site, email)
    page.goto(f"{site.url}/mailbox")
    page.get_by_role("link", name="Confirm your address").first.click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Confirm your address")).to_be_visible()
    look_at(page, "mail")
    frame.get_by_role("link", name="Confirm your address").click()
    page.get_by_role("button", name="Confirm account").click()
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
    page.context.close()


def test_scripts_help(site: Server, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    sign_up(page, site, fresh_address("scripts"))
    page.goto(f"{site.url}/settings/keys")
    page.get_by_role("button", name="Create API key").click()
    key = page.locator("#new-key").inner_text()
    page.get_by_role("button", name="Copy the new API key").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    page.goto(f"{site.url}/settings/password")
    field = page.get_by_label("New password")
    field.fill("something to see")
    page.get_by_role("button", name="Show").last.click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(field).to_have_attribute("type", "password")
    context.close()


def test_log_in_by_keyboard_alone(site: Server, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/login")
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
        box = page.evaluate("(({outlineStyle}) => outlineStyle)(getComputedStyle(document.activeElement))")
        assert box != "none", f"the focus on {seen[-1]} cannot be seen"
    assert seen[0] == "Skip to the content"
    assert [name for name in seen if name in ("email", "password", "Show", "Forgot your password?", "Log in")][
        -5:
    ] == [
        "email",
        "password",
        "Show",
        "Forgot your password?",
        "Log in",
    ]
    page.context.close()


def test_targets_are_large_enough(site: Server, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
    sign_up(page, site, fresh_address("thumb"))
    for path in ("/login", "/settings", "/settings/keys"):
        page.goto(site.url + path)
        small = page.evaluate(
            """() => [...document.querySelectorAll('button, .nav a, input:not([type=hidden]), select, summary')]
                .filter(e => e.offsetParent && !e.matches('.choice input, .visually-hidden'))
                .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
        )
        assert small == []
    page.context.close()


def test_the_api_described(site: Server, browser: Browser) -> None:
    """Without scripts: the operations open, and lead to the objects that they are made of."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]})
    page = context.new_page()
    page.goto(f"{site.url}/docs")
    page.locator("#signatureRequestSend > summary").click()
    page.locator("#signatureRequestSend").get_by_role("link", name="list of object").first.click()
    expect(page.locator("#SignerBody")).to_be_in_viewport()
    context.close()
    page = browser.new_page()
    page.goto(f"{site.url}/docs")
    page.locator("#signatureRequestGet > summary").click()
    for (width, height), scheme in CHECKED:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        assert_fits(page, "docs")
        photograph(page, f"docs-{width}-{scheme}", full_page=True, clip=FIRST_SCREENS | {"width": width})
        assert_accessible(page, f"docs at {width}, {scheme}")
    page.context.close()
