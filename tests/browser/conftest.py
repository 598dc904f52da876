"""A real Chromium, screens of several sizes, the accessibility checker, and a place for screenshots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.harness import Server, running_server
from tests.helpers.browser import chromium, photograph

HERE = Path(__file__).parent
AXE = HERE.parent / "tools" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Screen:
    """A kind of device."""

    name: str
    width: int
    height: int
    scale: float = 1
    touch: bool = False


PHONE = Screen("360", 360, 740, scale=2, touch=True)
TABLET = Screen("768", 768, 1024, touch=True)
DESK = Screen("1440", 1440, 900)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module; no longer, since the driver's event loop would be in the way of other tests."""
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for a module of browser tests, with a live worker."""
    with running_server(tmp_path_factory.mktemp("site"), worker=True) as running:
        yield running


OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def open_context(browser: Browser) -> Iterator[OpenContext]:
    """Make fresh browser profiles; a page that logs an error or fails to load something fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(screen: Screen = DESK, *, dark: bool = False, scripts: bool = True, **more: Any) -> BrowserContext:
        context = browser.new_context(
            viewport={"width": screen.width, "height": screen.height},
            device_scale_factor=screen.scale,
            has_touch=screen.touch,
            is_mobile=screen.touch,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            **more,
        )
        context.set_default_timeout(15_000)
        context.on("console", lambda message: complaints.append(message.text) if is_fault(message) else None)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def is_fault(message: ConsoleMessage) -> bool:
    """True for what a page should never log; a form that is refused in words (400) is no fault."""
    return message.type == "error" and "status of 400" not in message.text


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    """Return once the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def shoot(page: Page, name: str, *, full: bool = False) -> None:
    """Keep a screenshot for people to look at, when one is wanted."""
    photograph(page, name, full_page=full)


def looks(page: Page, screen: Screen) -> Iterator[str]:
    """Show the page that is open in every look of this kind of device, one after the other; yields the look's name.

    A page is walked through once and looked at often: colours and widths follow the device while it is open.
    """
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        yield f"{screen.name}-{scheme}"
    if screen is DESK:
        page.set_viewport_size({"width": TABLET.width, "height": TABLET.height})
        yield f"{TABLET.name}-dark"
        page.set_viewport_size({"width": DESK.width, "height": DESK.height})


def check_accessibility(page: Page) -> None:
    """Fail with what axe finds."""
    # the page's own policy forbids foreign scripts, so the checker is run by the driver
    found = page.evaluate(_axe() + f"; axe.run({{runOnly: {AXE_RULES!r}}})")
    broken = [(rule["id"], [node["html"][:200] for node in rule["nodes"]]) for rule in found["violations"]]
    assert broken == []


def check_fits(page: Page) -> None:
    """Nothing scrolls sideways, and everything to press is large enough for a thumb."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    small = page.evaluate(
        """[...document.querySelectorAll('button, .button, summary, .segment, .face, .choice, input')]
        .filter((e) => e.type !== 'hidden')
        .filter((e) => e.checkVisibility())
        .filter((e) => !e.closest('.visually-hidden, .segment, .face, .choice, [aria-hidden=true]'))
        .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])
        .filter(([, height]) => height < 44)"""
    )
    assert small == []


@cache
def _axe() -> str:
    return AXE.read_text()
