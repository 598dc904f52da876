"""A full disk and one that cannot be written: nothing is half done, reads answer, and it heals without a restart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.failures.disk import OnItsOwnDisk, serving_on_a_disk, why_not
from tests.helpers.requests import Sent, accepted, nda, post_send

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

NO_ROOM = (
    "This server cannot store anything just now: its disk is full or cannot be written. Nothing was recorded; "
    "try again in a few minutes, or tell the operator."
)
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnItsOwnDisk]:
    with serving_on_a_disk(tmp_path_factory.mktemp("disk"), megabytes=200) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: OnItsOwnDisk) -> Iterator[httpx.Client]:
    with server.api_of_new_account("alice@example.com") as client:
        yield client


def eventually(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def was_asked(server: OnItsOwnDisk, address: str) -> bool:
    mails = httpx.get(f"{server.url}/mailbox.json", timeout=30).json()
    return any(mail["to"] == address for mail in mails)


def is_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()) == (
        503,
        {"error": {"error_msg": NO_ROOM, "error_name": "unavailable"}},
    )
    assert int(answer.headers["retry-after"]) > 0


def sent_count(api: httpx.Client) -> int:
    answer = api.get("/v3/signature_request/list")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["list_info"]["num_results"])


def what_holds_while_nothing_can_be_stored(server: OnItsOwnDisk, api: httpx.Client, known: Sent, count: int) -> None:
    """Sends are refused whatever they bring, and leave nothing; everything that only reads is answered."""
    big = b"%PDF-1.7\n" + b"0" * 3_000_000
    for files in ([("nda.pdf", nda())], [("big.pdf", big), ("nda.pdf", nda())]):
        is_refused(post_send(api, files=files))
    # what is prepared at this moment works in a folder there, until the disk stops it
    eventually(lambda: not list((server.disk / "files" / "incoming").iterdir()), "something half done stays")
    assert sent_count(api) == count
    assert api.get("/v3/account").status_code == 200
    assert api.get(f"/v3/signature_request/{known.id}").status_code == 200
    assert api.get(f"/v3/signature_request/files/{known.id}").content.startswith(b"%PDF")
    assert httpx.get(f"{server.url}/login", timeout=30).status_code == 200
    assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200
    eventually(lambda: httpx.get(f"{server.url}/readyz", timeout=30).status_code == 503, "it never said so")


def send_to(api: httpx.Client, address: str) -> Sent:
    return accepted(post_send(api, signers=[{"name": "Jo", "email_address": address}]))


def what_holds_afterwards(server: OnItsOwnDisk, api: httpx.Client, address: str, count: int) -> None:
    send_to(api, address)
    eventually(lambda: was_asked(server, address), "what was sent afterwards was never prepared")
    assert sent_count(api) == count + 1
    eventually(lambda: httpx.get(f"{server.url}/readyz", timeout=30).status_code == 200, "it never said so")


def test_a_full_disk(server: OnItsOwnDisk, api: httpx.Client) -> None:
    known = send_to(api, "before@example.com")
    eventually(lambda: was_asked(server, "before@example.com"), "the worker does nothing")
    send_to(api, "amid@example.com")  # acknowledged, and not prepared yet: it must come through
    server.fill()
    try:
        what_holds_while_nothing_can_be_stored(server, api, known, 2)
        written = api.put("/v3/account", json={"locale": "de-DE"})
        assert written.status_code in (200, 503), "it fits into what the database has, or it does not"
    finally:
        server.make_room()
    what_holds_afterwards(server, api, "after@example.com", 2)
    eventually(lambda: was_asked(server, "amid@example.com"), "an acknowledged request was lost")


def test_a_disk_that_cannot_be_written(server: OnItsOwnDisk, api: httpx.Client) -> None:
    known, count = send_to(api, "readable@example.com"), sent_count(api)
    eventually(lambda: was_asked(server, "readable@example.com"), "the worker does nothing")
    data = str(server.data)
    server.inside("mount", "--bind", data, data)
    server.inside("mount", "-o", "remount,bind,ro", data)
    try:
        what_holds_while_nothing_can_be_stored(server, api, known, count)
    finally:
        server.inside("umount", data)
    what_holds_afterwards(server, api, "writable@example.com", count)
