"""The signing pages in other languages: right to left, long words, no spaces; the picker by keyboard."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from paraph.kit.i18n import Translator, translator
from tests.browser.conftest import DESK, PHONE, OpenContext, Screen, check_accessibility, check_fits, shoot, wait_for
from tests.browser.test_signing import invite
from tests.harness import Server
from tests.helpers.forms import every_kind
from tests.helpers.signing import Sent

pytestmark = pytest.mark.browser


def look(page: Page, name: str) -> None:
    """Photograph the page; it fits, and axe finds nothing where it could differ from the English page."""
    shoot(page, f"language-{name}", full=True)
    check_fits(page)
    if name.startswith(("ar-360", "picker")):
        check_accessibility(page)


def agree(page: Page, said: Translator) -> None:
    page.locator("#agreement").check()
    page.get_by_role("button", name=said.gettext("Agree and continue"), exact=True).click()


def fill(page: Page) -> None:
    """Fill in what the form needs, by the names of its controls, which are the sender's words."""
    page.get_by_label("Full name").fill("ليلى الموقّعة")
    page.get_by_label("Social security number").fill("123-45-6789")
    page.get_by_label("Colour of the door").select_option("Green")
    page.get_by_label("Yearly").check()


@pytest.mark.parametrize(
    ("code", "screen"),
    [("ar", PHONE), ("ar", DESK), ("de-DE", PHONE), ("ja-JP", PHONE)],
    ids=lambda each: str(each)[:6],
)
def test_the_whole_way_in_another_language(
    site: Server, open_context: OpenContext, code: str, screen: Screen
) -> None:
    said, name = translator(code), f"{code}-{screen.name}"
    sent = invite(site, "Layla (ليلى الموقّعة)" if code == "ar" else "Jill Signer")
    page = open_context(screen, locale=code).new_page()
    page.goto(site.url + sent.signer.base)
    first = page.locator(".paper-image").first
    wait_for(lambda: first.evaluate("image => image.naturalWidth > 0"))
    assert page.evaluate("getComputedStyle(document.body).direction") == said.language.direction
    look(page, f"{name}-1-open")
    agree(page, said)
    expect(page.locator("#typed").or_(page.locator("#pad")).first).to_be_attached()
    look(page, f"{name}-2-sign")
    sign_by_name(page, said)
    expect(page.get_by_role("heading", level=1, name=said.gettext("Check and finish"))).to_be_visible()
    look(page, f"{name}-3-check")
    page.get_by_role("button", name=said.gettext("Agree and finish"), exact=True).click()
    thanks = page.get_by_role("heading", level=1, name=said.gettext("Thank you, you have signed"))
    expect(thanks.or_(page.get_by_role("heading", level=1, name=said.gettext("Everyone has signed")))).to_be_visible()
    look(page, f"{name}-4-done")


def sign_by_name(page: Page, said: Translator) -> None:
    page.get_by_role("radio", name=said.gettext("Type"), exact=True).check()
    page.get_by_role("button", name=said.gettext("Sign here"), exact=True).click()


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_a_form_from_right_to_left(site: Server, open_context: OpenContext, screen: Screen) -> None:
    said, sent = translator("ar"), invite(site, **forms())
    page = open_context(screen, locale="ar").new_page()
    page.goto(site.url + sent.signer.base)
    agree(page, said)
    if screen is DESK:
        look(page, f"ar-{screen.name}-form-guide")
        return
    page.goto(f"{site.url}{sent.signer.base}?view=list")
    fill(page)
    look(page, f"ar-{screen.name}-form-list")


def forms() -> dict[str, str]:
    return {key: json.dumps(value) for key, value in every_kind().items()}


@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_the_other_pages_from_right_to_left(site: Server, open_context: OpenContext, screen: Screen) -> None:
    files = [{"name": "Passport", "signer_index": 0, "instructions": "Both sides", "required": True}]
    sent: Sent = invite(site, attachments=files, allow_reassign="1")
    locked: Sent = invite(site, **{"signers[0][pin]": "Ross-7531"})
    page = open_context(screen, locale="ar").new_page()
    page.goto(site.url + sent.signer.base)
    agree(page, translator("ar"))
    for path in ("decline", "report", "statement", "attachments", "reassign"):
        page.goto(f"{site.url}{sent.signer.base}/{path}")
        look(page, f"ar-{screen.name}-{path}")
    page.goto(site.url + locked.signer.base)
    look(page, f"ar-{screen.name}-door")
    page.goto(f"{site.url}/verify")
    look(page, f"ar-{screen.name}-verify")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_the_picker_by_keyboard(site: Server, open_context: OpenContext, scripts: bool) -> None:
    sent = invite(site)
    page = open_context(PHONE, scripts=scripts, locale="en-GB").new_page()
    page.goto(site.url + sent.signer.base)
    picker = page.get_by_label("Language: English (UK)")
    picker.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Deutsch")).to_be_visible()
    if scripts:
        look(page, "picker-360")
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Deutsch")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=translator("de-DE").gettext("Agree to sign on screen"))).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
