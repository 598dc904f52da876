"""A real headless Chromium: pages looked at on phone and desk, by light and dark, by axe, without scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"
PHOTOGRAPHS = bool(os.environ.get("PARAPH_TEST_SCREENSHOTS"))
"""Pictures are for people to look at, and cost more than the checks: `make screenshots`."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or "chromium"
PHONE, TABLET, DESK = (360, 740), (768, 1024), (1440, 900)
# contrast differs by scheme and layout by width: these two see both
CHECKED = ((PHONE, "light"), (DESK, "dark"))
LOOKS = ((PHONE, "light"), (PHONE, "dark"), (TABLET, "light"), (DESK, "light"), (DESK, "dark"))
AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def look_at(page: Page, name: str) -> None:
    """Look at the page as it stands in every size and scheme; it must fit, and axe must find nothing.

    Pictures, when they are wanted, go to ``tests/artefacts/<name>-<width>-<scheme>.png``.
    """
    for (width, height), scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        assert_fits(page, name)
        photograph(page, f"{name}-{width}-{scheme}", full_page=True)
        if ((width, height), scheme) in CHECKED:
            assert_accessible(page, f"{name} at {width}, {scheme}")


def photograph(page: Page, name: str, **more: Any) -> None:
    """Keep a screenshot in ``tests/artefacts`` when ``PARAPH_TEST_SCREENSHOTS`` is set."""
    if PHOTOGRAPHS:
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png", **more)


def assert_fits(page: Page, name: str) -> None:
    """Nothing makes the page scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide at {page.viewport_size}"


def assert_accessible(page: Page, name: str) -> None:
    """Axe finds no violation of WCAG 2.2 AA."""
    found = Axe().run(page, options=AXE_OPTIONS)
    told = [f"{entry['id']}: {[node['html'] for node in entry['nodes']]}" for entry in found.response["violations"]]
    assert not told, f"{name}:\n" + "\n".join(told)
