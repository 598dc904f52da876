"""What the tests against real processes share: people, mails, and one walkthrough from app to sealed file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.helpers.accounts import submit
from tests.helpers.oauth import accept, query_of
from tests.helpers.process import PASSWORD
from tests.helpers.signing import Signer

PATIENCE_SECONDS = 30


def log_in(url: str, email: str, password: str = PASSWORD) -> httpx.Client:
    """A browser in which the person is logged in."""
    browser = httpx.Client(base_url=url, timeout=30)
    answer = submit(browser, "/login", email=email, password=password)
    assert answer.status_code == 303, answer.text
    return browser


def authorise(browser: httpx.Client, client_id: str, state: str = "900e06e2") -> dict[str, str]:
    """Press **Accept** on the consent page; return what the app's callback is given."""
    page = browser.get("/oauth/authorize", params={"response_type": "code", "client_id": client_id, "state": state})
    return query_of(accept(browser, page))


def mailed_link(url: str, to: str, containing: str, *, about: str = "", after: int = 0) -> str:
    """Wait for a mail and return the path of its link."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        for mail in reversed(mails_to(url, to)[after:]):
            links = [link for link in re.findall(r"https?://\S+", mail["text"]) if containing in link]
            if links and about in mail["subject"]:
                return "/" + links[0].split("/", 3)[3]
        time.sleep(0.05)
    raise AssertionError(f"no mail to {to} with a link containing {containing}")


def mails_to(url: str, to: str) -> list[dict[str, Any]]:
    """Mails kept for this address, newest last."""
    return [mail for mail in httpx.get(f"{url}/mailbox.json").json() if mail["to"] == to]


def sign(url: str, email: str, name: str) -> None:
    """Open the mailed link, agree, type a name, finish: as a browser without scripts does."""
    base = mailed_link(url, email, "/sign/")
    with httpx.Client(base_url=url, timeout=30) as browser:
        signer = Signer(server=None, name=name, email=email, browser=browser, base=base)  # type: ignore[arg-type]
        signer.sign()


def wait_until(done: Callable[[], object]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def verified(api: httpx.Client, pdf: bytes) -> dict[str, Any]:
    """What POST /v3/verify finds."""
    answer = api.post("/v3/verify", files={"file": ("signed.pdf", pdf, "application/pdf")}).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found.get("verification", found)
