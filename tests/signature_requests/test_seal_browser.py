"""The operator's page of the seal in a real browser: nothing sealed yet, a level not reached, a key that is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from paraph.documents import DocumentWorkers
from tests.harness import Server, running_server
from tests.helpers import requests
from tests.helpers.accounts import PASSWORD, make_person
from tests.helpers.browser import chromium, look_at
from tests.helpers.pki import World, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that wants the highest level, from two authorities."""
    folder = tmp_path_factory.mktemp("seal")
    (folder / "roots.pem").write_bytes(world.root.pem)
    urls = f"{world.base}/tsa/down, {world.base}/tsa/good"
    wanted = {"seal_level": "B-LTA", "seal_timestamp_urls": urls, "seal_timestamp_roots": folder / "roots.pem"}
    with running_server(folder / "data", **wanted) as server:
        workers = server.kit.service(DocumentWorkers)
        workers.policy = replace(workers.policy, pauses=(0.0,))
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def operators_page(browser: Browser, server: Server) -> Page:
    person = make_person(server, "Olga", operator=True)
    page = browser.new_page(base_url=server.url)
    page.goto("/login")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.goto("/operator")
    page.locator("main").get_by_role("link", name=re.compile(r"^Seal\b")).click()
    return page


def finish_one(server: Server) -> None:
    requests.complete(server, server.api(make_person(server, "Alice").api_key))


def test_the_page_of_the_seal(place: Server, world: World, browser: Browser) -> None:
    page = operators_page(browser, place)
    expect(page.get_by_text("No seals yet")).to_be_visible()
    look_at(page, "operator-seal-new")

    finish_one(place)
    world.is_down.add("/tsa/good")
    finish_one(place)
    page.reload()
    expect(page.get_by_text("Less than wanted")).to_have_count(1)
    expect(page.locator(".list-title")).to_have_text(["PAdES-B-B", "PAdES-B-LTA"])
    expect(page.get_by_text("left alone for a while").first).to_be_visible()
    look_at(page, "operator-seal-lower")
    page.context.close()


def test_the_page_of_a_seal_that_does_not_work(place: Server, browser: Browser) -> None:
    key: Path = place.kit.settings.data_dir / "keys/seal/seal.key.pem"
    key.unlink()
    finish_one(place)
    page = operators_page(browser, place)
    expect(page.get_by_role("alert")).to_contain_text("Nothing can be sealed.")
    expect(page.get_by_text("1 signed request waits for a seal.")).to_be_visible()
    look_at(page, "operator-seal-broken")
    page.context.close()
