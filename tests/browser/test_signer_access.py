"""Codes, files, passing on and the pad on a phone as people use them: keyboard, finger, two devices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, PHONE, OpenContext
from tests.browser.test_signing import draw_with_finger
from tests.harness import Server, running_server
from tests.helpers.accounts import fresh_address, make_person
from tests.helpers.browser import look_at
from tests.helpers.signing import EXAMPLE, Sent, send

pytestmark = pytest.mark.browser

PIN = "Ross-7531"
NUMBER = "+4930999000123"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose jobs run when a test says so."""
    with running_server(tmp_path_factory.mktemp("house")) as running:
        yield running


def invite(server: Server, **options: Any) -> Sent:
    return send(server, make_person(server, "Jack"), **options)


def open_page(context: BrowserContext, sent: Sent) -> Page:
    page = context.new_page()
    page.goto(sent.server.url + sent.signer.base)
    return page


def test_an_access_code_by_keyboard_alone(house: Server, open_context: OpenContext) -> None:
    page = open_page(open_context(DESK), invite(house, **{"signers[0][pin]": PIN}))
    code = page.get_by_label("Access code")
    expect(code).to_be_focused()
    look_at(page, "signing-door")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#problems")).to_be_focused()
    expect(page.locator("#problems")).to_contain_text("This code is not right")
    code = page.get_by_label("Access code")
    code.focus()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lease")).to_be_visible()
    expect(page.get_by_role("img", name="Page 1 of").first).to_be_visible()


def test_too_many_wrong_codes(house: Server, open_context: OpenContext) -> None:
    sent = invite(house, **{"signers[0][pin]": PIN})
    page = open_page(open_context(DESK), sent)
    for _ in range(5):
        page.get_by_label("Access code").fill("wrong")
        page.get_by_role("button", name="Open the document").click()
    expect(page.get_by_role("heading", name="Too many wrong codes")).to_be_visible()
    expect(page.get_by_label("Access code")).to_have_count(0)
    look_at(page, "signing-locked")


def test_a_text_message_without_scripts(house: Server, open_context: OpenContext) -> None:
    sent = invite(house, **{"signers[0][sms_phone_number]": NUMBER}, test_mode="0")
    page = open_page(open_context(PHONE, scripts=False), sent)
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_label("Code from the text message")).to_be_visible()
    text = next(mail["text"] for mail in reversed(house.mails()) if mail["to"] == NUMBER)
    found = re.search(r"\b\d{6}\b", text)
    assert found is not None
    page.get_by_label("Code from the text message").fill(found.group())
    page.get_by_role("button", name="Open the document").click()
    expect(page.get_by_role("heading", name="Lease")).to_be_visible()


def test_the_page_that_waits_for_a_text_message(house: Server, open_context: OpenContext) -> None:
    sent = invite(house, **{"signers[0][sms_phone_number]": NUMBER}, test_mode="0")
    page = open_page(open_context(DESK), sent)
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_label("Code from the text message")).to_be_focused()
    look_at(page, "signing-text-code")


def test_files_to_hand_in(house: Server, open_context: OpenContext, tmp_path: Path) -> None:
    asked = [
        {"name": "Passport", "signer_index": 0, "instructions": "Both sides, in colour", "required": True},
        {"name": "Payslip", "signer_index": 0},
    ]
    page = open_page(open_context(DESK), invite(house, attachments=asked))
    agree_now(page)
    page.get_by_role("link", name="Hand in files").click()
    wrong, right = tmp_path / "wrong.pdf", tmp_path / "passport.pdf"
    wrong.write_text("<html>")
    right.write_bytes(EXAMPLE.read_bytes())
    page.get_by_label("Choose a file: Passport").set_input_files(wrong)
    page.get_by_role("button", name="Hand in: Passport").click()
    expect(page.get_by_role("alert")).to_contain_text("This kind of file is not taken")
    page.get_by_label("Choose a file: Passport").set_input_files(right)
    page.get_by_role("button", name="Hand in: Passport").click()
    expect(page.get_by_role("link", name="passport.pdf")).to_be_visible()
    look_at(page, "signing-attachments")


def test_somebody_else_signs(house: Server, open_context: OpenContext) -> None:
    page = open_page(open_context(DESK), invite(house, allow_reassign="1"))
    page.get_by_role("link", name="Somebody else should sign this").click()
    look_at(page, "signing-reassign")
    page.get_by_label("Their name").fill("Ann Stand-in")
    page.get_by_label("Why do they sign instead of you?").fill("On leave")
    page.get_by_role("button", name="Pass it on").click()
    expect(page.locator("#problems")).to_be_focused()
    page.get_by_label("Their e-mail address").fill(fresh_address("ann"))
    page.get_by_role("button", name="Pass it on").click()
    expect(page.get_by_role("heading", name="You passed this document on")).to_be_visible()


def test_from_the_desk_to_the_phone_and_back(house: Server, open_context: OpenContext) -> None:
    options = {"draw": True, "type": True, "phone": True, "default_type": "draw"}
    sent = invite(house, signing_options=options)
    desk = open_page(open_context(DESK), sent)
    agree_now(desk)
    desk.get_by_role("button", name="Draw on your phone").click()
    expect(desk.get_by_role("img", name="QR code with the link for your phone")).to_be_visible()
    look_at(desk, "signing-phone-code")
    desk.set_viewport_size({"width": DESK.width, "height": DESK.height})
    link = desk.get_by_role("link", name="Or open the link on this device").get_attribute("href")
    phone = open_context(PHONE).new_page()
    phone.goto(link or "")
    pad = phone.get_by_role("img", name="Box to draw your signature in")
    look_at(phone, "signing-phone-pad")
    phone.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
    draw_with_finger(phone, pad)
    phone.get_by_role("button", name="Send to my computer").click()
    expect(phone.get_by_role("heading", name="Thank you, that was all here")).to_be_visible()
    desk.bring_to_front()
    desk.wait_for_url(f"{sent.server.url}{sent.signer.base}#fill")
    desk.get_by_role("button", name="Check and finish").first.click()
    expect(desk.get_by_role("heading", name="Check and finish")).to_be_visible()
    desk.get_by_role("button", name="Agree and finish").click()
    expect(desk.get_by_role("heading", name="Thank you, you have signed")).to_be_visible()
    assert sent.status() == "signed"


def agree_now(page: Page) -> None:
    page.get_by_label("I agree to use electronic records").check()
    page.get_by_role("button", name="Agree and continue").click()
    expect(page.get_by_role("heading", name="Fill in and sign")).to_be_visible()
