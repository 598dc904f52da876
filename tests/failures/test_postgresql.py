"""PostgreSQL restarts, crashes and fails over under load: calls succeed or get 503, nothing acknowledged is lost."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from paraph.kit.mail import mails
from paraph.kit.queue.queue import LEASE_SECONDS
from paraph.signature_requests.models import signature_requests
from tests.failures.postgres import Breakable, lasting_address
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.requests import post_send

THREADS, READS = 3, 25
LOOKS = 20
"""Without a change; then what was broken off is brought nearer. What is at work keeps its lease."""
PATIENCE_SECONDS = 600
"""No time that anything may take: only what ends a test that would wait for ever."""
UNREACHABLE = "The database of this server does not answer just now. Try again in a few seconds."


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where PostgreSQL may look, which does not run as root."""
    made = Path(tempfile.mkdtemp(prefix="paraph-pg-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def database(folder: Path) -> Iterator[Breakable]:
    """A PostgreSQL of this test's own."""
    running = Breakable(folder / "first")
    running.start()
    yield running
    if running.runs:
        running.stop()


@dataclass
class Load:
    """Sends and reads all the while; notes what was acknowledged and every other answer."""

    server: Server
    api_key: str
    acknowledged: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    last: dict[int, int] = field(default_factory=dict)
    is_over: threading.Event = field(default_factory=threading.Event)

    def work(self, own: int) -> None:
        number = 0
        with httpx.Client(base_url=self.server.url, auth=(self.api_key, ""), timeout=60) as client:
            while not self.is_over.is_set():
                number += 1
                person = {"name": "Jo", "email_address": f"jo{own}.{number}@example.com"}
                self._call(own, partial(post_send, client, signers=[person], title=f"{own}/{number}"))
                for _ in range(READS):
                    self._call(own, partial(client.get, "/v3/account"))

    def _call(self, own: int, ask: Callable[[], httpx.Response]) -> None:
        try:
            self._note(own, ask())
        except httpx.TransportError as error:  # an answer too, and none that may be given
            self.last[own] = 0
            self.answers[type(error).__name__] += 1

    def _note(self, own: int, answer: httpx.Response) -> None:
        self.last[own] = answer.status_code
        if answer.status_code == 200:
            self.answers["200"] += 1
            if "signature_request" in answer.json():
                self.acknowledged.append(answer.json()["signature_request"]["signature_request_id"])
            return
        words = answer.json()["error"]["error_msg"] if "retry-after" in answer.headers else "no Retry-After"
        self.answers[f"{answer.status_code} {words}"] += 1

    def until_all_is_well(self) -> None:
        """Wait until each thread sends and reads again."""
        before = self.answers["200"]
        eventually(lambda: self.answers["200"] > before + THREADS * (READS + 1) and set(self.last.values()) == {200})


@contextmanager
def load_on(server: Server) -> Iterator[Load]:
    load = Load(server, make_person(server).api_key)
    threads = [threading.Thread(target=load.work, args=(own,), daemon=True) for own in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        load.until_all_is_well()
        yield load
    finally:
        load.is_over.set()
        for thread in threads:
            thread.join(60)


def eventually(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > end:
            pytest.fail("it never happened")
        time.sleep(0.05)


def nothing_is_lost(load: Load) -> None:
    """Every acknowledged request is there, once, and jobs have asked its signer to sign."""
    server = load.server
    assert set(load.answers) <= {"200", f"503 {UNREACHABLE}"}, load.answers
    stored = select(signature_requests.c.signature_request_id)
    found = [row[0] for row in server.read(lambda tx: tx.all(stored))]
    assert set(load.acknowledged) <= set(found)
    assert len(found) == len(set(found))

    asked, looks = -1, 0

    def all_asked() -> bool:
        nonlocal asked, looks
        before, asked = asked, server.read(lambda tx: tx.scalar(select(func.count()).select_from(mails)))
        looks = looks + 1 if asked == before else 0
        if looks % LOOKS == LOOKS - 1:
            server.move(LEASE_SECONDS // 2)
        return bool(asked >= len(found))

    eventually(all_asked)


def test_restarts_and_crashes_under_load(database: Breakable, tmp_path: Path) -> None:
    with running_server(tmp_path / "data", database.new_database(), worker=True) as server:
        with load_on(server) as load:
            database.restart("fast")
            load.until_all_is_well()
            database.restart("immediate")
            load.until_all_is_well()
        nothing_is_lost(load)


def test_the_same_address_answers_from_another_server(database: Breakable, folder: Path, tmp_path: Path) -> None:
    with lasting_address() as address:
        address.point_to(database.port)
        url = database.new_database().replace(f":{database.port}/", f":{address.port}/")
        standby = database.new_standby(folder / "second")
        try:
            with running_server(tmp_path / "data", url, worker=True) as server:
                with load_on(server) as load:
                    database.shut_down()
                    address.point_to(standby.port)  # which still takes no writes
                    time.sleep(0.5)
                    standby.promote()
                    load.until_all_is_well()
                nothing_is_lost(load)
        finally:
            standby.stop()
