"""Load beyond capacity is refused, sends first; health and signers' pages answer all the while, memory stays flat."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import delete

from paraph.kit.http import slow_bodies
from paraph.kit.http.shedding import LATE_SECONDS, STANDING_SECONDS, Lateness
from paraph.kit.queue import enqueue, jobs
from tests.harness import Server, running_server
from tests.helpers.accounts import Person, make_person
from tests.helpers.process import installation, serving
from tests.helpers.requests import accepted, post_send, signing_token
from tests.helpers.requests import send as send_and_prepare

TOO_MUCH = "This server has more to do than it can just now. Try again in a few seconds."
LOAD_SECONDS = 4
MEMORY_GROWTH_KB = 60_000
_SIGNING = re.compile(r"(/sign/\S+)")


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes in two sends at once, and no more than four calls."""
    folder = tmp_path_factory.mktemp("narrow")
    with running_server(
        folder, sends_at_once=2, calls_at_once=4, upload_bytes_at_once=50 * 2**20, waiting_jobs=3
    ) as running:
        yield running


@pytest.fixture(scope="module")
def alice(narrow: Server) -> Person:
    return make_person(narrow)


def begun(server: Server, person: Person, path: str, *, length: int = 5000) -> socket.socket:
    """A call whose body does not come: it holds its place."""
    target = urlsplit(server.url)
    held = socket.create_connection((target.hostname or "", target.port or 0), 10)
    basic = httpx.BasicAuth(person.api_key, "")._auth_header
    head = f"POST {path} HTTP/1.1\r\nHost: {target.netloc}\r\nAuthorization: {basic}\r\n"
    head += f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n--b\r\n"
    held.sendall(head.encode())
    return held


def is_shed(answer: httpx.Response) -> bool:
    if answer.status_code != 503:
        return False
    assert answer.json() == {"error": {"error_msg": TOO_MUCH, "error_name": "unavailable"}}
    assert int(answer.headers["retry-after"]) > 0
    return True


def when_there_is_room(api: httpx.Client) -> None:
    """Send, once those who held places are seen to be gone."""
    end = time.monotonic() + 60
    while is_shed(answer := post_send(api)):
        assert time.monotonic() < end
        time.sleep(0.05)
    accepted(answer)


def until_shed(server: Server, person: Person) -> None:
    """Wait until what was begun has reached the server."""
    end = time.monotonic() + 10
    while not is_shed(post_send(server.api(person.api_key))):
        assert time.monotonic() < end


def test_sends_are_refused_first_then_reads_and_signers_never(narrow: Server, alice: Person) -> None:
    send_and_prepare(narrow, narrow.api(alice.api_key))
    token = signing_token(narrow, "jack@example.com")
    api = narrow.api(alice.api_key)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(begun(narrow, alice, "/v3/signature_request/send"))
        until_shed(narrow, alice)
        assert api.get("/v3/account").status_code == 200, "reads go on"
        for _ in range(2):
            stack.enter_context(begun(narrow, alice, "/v3/account/verify"))
        end = time.monotonic() + 10
        while not is_shed(api.get("/v3/account")):
            assert time.monotonic() < end
        page = narrow.client().get("/login")
        assert (page.status_code, page.headers["retry-after"]) == (503, "2")
        assert TOO_MUCH in page.text
        assert page.headers["content-security-policy"]
        form = {"grant_type": "refresh_token"}
        token_answer = narrow.client().post("/oauth/token", data=form)
        assert (token_answer.status_code, token_answer.json()["error"]) == (503, "temporarily_unavailable")
        assert narrow.client().get("/healthz").status_code == 200
        assert narrow.client().get("/readyz").status_code == 200
        assert narrow.client().get(f"/sign/{token}").status_code == 200, "signers are served"
    when_there_is_room(api)
    narrow.run_jobs()


def test_uploads_share_a_space(narrow: Server, alice: Person) -> None:
    api = narrow.api(alice.api_key)
    with begun(narrow, alice, "/v3/signature_request/send", length=50 * 2**20):
        until_shed(narrow, alice)
        assert api.get("/v3/account").status_code == 200
    when_there_is_room(api)
    narrow.run_jobs()


def test_when_documents_pile_up_nothing_is_sent_until_they_are_worked_off(narrow: Server, alice: Person) -> None:
    api, now = narrow.api(alice.api_key), narrow.clock.now()

    def pile_up(tx: object) -> None:
        for _ in range(4):
            enqueue(tx, "unheard.of", {}, now=now)  # type: ignore[arg-type]

    narrow.write(pile_up)
    end = time.monotonic() + 15
    while not is_shed(post_send(api)):
        assert time.monotonic() < end
    assert api.get("/v3/account").status_code == 200
    narrow.write(lambda tx: tx.execute(delete(jobs).where(jobs.c.failed_at.is_(None))))
    when_there_is_room(api)


@pytest.mark.parametrize("drip", [False, True], ids=["stops", "drips"])
def test_a_body_that_comes_too_slowly_is_given_up(
    narrow: Server, alice: Person, monkeypatch: pytest.MonkeyPatch, drip: bool
) -> None:
    monkeypatch.setattr(slow_bodies, "PAUSE_SECONDS", 5.0 if drip else 0.3)
    monkeypatch.setattr(slow_bodies, "PATIENCE_SECONDS", 0.3)
    with begun(narrow, alice, "/v3/signature_request/send") as held:
        held.settimeout(0.1)
        answer, end = b"", time.monotonic() + 10
        while b"\r\n\r\n" not in answer:
            assert time.monotonic() < end
            if drip:
                held.sendall(b"x")
            try:
                answer += held.recv(65536)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer.lower()
    assert not is_shed(post_send(narrow.api(alice.api_key))), "its place is free again"


def test_a_late_loop_is_seen_and_a_burst_is_not() -> None:
    async def scenario() -> None:
        idle: list[bool] = []
        lateness, loop = Lateness(lambda: bool(idle)), asyncio.get_running_loop()
        lateness.watch()
        for stall in (0.8, STANDING_SECONDS + 0.5):
            time.sleep(stall)  # noqa: ASYNC251 - what is late here is the loop itself
            for pause in (0.05, STANDING_SECONDS + 0.3):
                await asyncio.sleep(pause)
                assert not lateness.is_over(LATE_SECONDS["send"]), "one stall is no standing queue"
        end = loop.time() + 2 * STANDING_SECONDS + 0.5
        while loop.time() < end:
            time.sleep(0.8)  # noqa: ASYNC251
            await asyncio.sleep(0)
        assert lateness.is_over(LATE_SECONDS["send"])
        assert not lateness.is_over(LATE_SECONDS["read"])
        idle.append(True)
        await asyncio.sleep(0.3)
        assert not lateness.is_over(LATE_SECONDS["send"]), "nothing is under way, so nothing is late"
        assert not lateness.is_watched

    asyncio.run(scenario())


def resident_kb(pid: int) -> int:
    """Memory of the server itself; the children that open documents have limits of their own."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4


@pytest.mark.skipif(
    os.environ.get("PARAPH_LONG_TESTS") != "1",
    reason="takes half a minute; the tests beside it prove all but flat memory: PARAPH_LONG_TESTS=1 runs it",
)
def test_under_real_load_of_another_process(tmp_path: Path) -> None:
    place = installation(tmp_path, sends_at_once="3", waiting_jobs="5", worker_concurrency="1")
    with serving(place) as server:
        key = str(place.create_account("alice@example.com")["api_key"])
        api = httpx.Client(base_url=server.url, auth=(key, ""), timeout=30)
        accepted(post_send(api))
        link = wait_for_link(server.url)
        before = resident_kb(server.process.pid)
        arguments = [server.url, key, str(LOAD_SECONDS)]
        load = subprocess.Popen(
            [sys.executable, "-m", "tests.failures.send_load", *arguments], stdout=subprocess.PIPE, text=True
        )
        health, pages = Counter[int](), Counter[int]()
        while load.poll() is None:
            health[httpx.get(f"{server.url}/healthz", timeout=20).status_code] += 1
            pages[httpx.get(f"{server.url}{link}", timeout=20).status_code] += 1
        answered = json.loads(load.communicate()[0])
        assert set(answered) <= {"200", f"503 {TOO_MUCH}"}, answered
        assert answered[f"503 {TOO_MUCH}"] > answered.get("200", 0) > 0
        assert set(health) == set(pages) == {200}
        assert resident_kb(server.process.pid) - before < MEMORY_GROWTH_KB
        when_there_is_room(api)


def wait_for_link(url: str) -> str:
    """The path of the signing link, once the request is prepared."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for mail in httpx.get(f"{url}/mailbox.json", timeout=10).json():
            if found := _SIGNING.search(mail["text"]):
                return found[1]
        time.sleep(0.1)
    raise AssertionError("nobody was asked to sign")
