"""The page for checking files in Chromium: with and without scripts, by keyboard, in every size and scheme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.evidence.conftest import Finished
from tests.helpers.browser import chromium, look_at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pdfs(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What people bring, by the name of its picture."""
    folder = tmp_path_factory.mktemp("brought")
    contents = {
        "genuine": finished.pdf,
        "changed": finished.pdf + b"\n",
        "unsealed": finished.pdf[: finished.pdf.index(b"%%EOF") + 6],
        "unreadable": b"Dear Sir",
    }
    for name, content in contents.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return {name: folder / f"{name}.pdf" for name in contents}


def check(page: Page, finished: Finished, file: Path) -> None:
    page.goto(f"{finished.server.url}/verify")
    page.get_by_label("PDF file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def test_every_answer_is_looked_at(finished: Finished, browser: Browser, pdfs: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(f"{finished.server.url}/")
    page.get_by_role("link", name="Check that it is genuine").click()
    expect(page.get_by_role("heading", name="Check a signed document")).to_be_visible()
    look_at(page, "verify-ask")
    for name, heading in (
        ("genuine", "Genuine and unchanged"),
        ("changed", "Not genuine"),
        ("unsealed", "No seal"),
        ("unreadable", "Cannot be read"),
    ):
        check(page, finished, pdfs[name])
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        look_at(page, f"verify-{name}")
    page.context.close()


def test_without_scripts_and_by_keyboard(finished: Finished, browser: Browser, pdfs: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{finished.server.url}/verify")
    page.get_by_label("PDF file").set_input_files(pdfs["genuine"])
    page.get_by_label("PDF file").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check the file")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine and unchanged")
    expect(page.get_by_text("byte for byte a file that this server sealed")).to_be_visible()
    context.close()
