"""Receivers that are slow, lie, never end or are dead: each costs bounded time and memory, and nobody else waits."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from paraph import events
from paraph.events import posting
from paraph.events.schedule import RETRY_WAITS_SECONDS
from paraph.events.switching import FAILED_EVENTS
from paraph.kit.errors import BadRequest
from paraph.kit.queue import Runner
from paraph.main import all_jobs
from tests.events.conftest import Subscriber
from tests.harness import Server, running_server
from tests.helpers.accounts import log_in, make_person, submit
from tests.helpers.apps import make_app
from tests.helpers.receiver import Receiver, receiving, replies, waits_for

Script = Callable[[socket.socket], None]
SLOW_RECEIVERS = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def subscriber(server: Server, receiver: Receiver) -> Subscriber:
    made = Subscriber(server, make_person(server), receiver)
    made.set_url(receiver.url)
    return made


@contextmanager
def speaking(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A far side that says whatever ``script`` says, below HTTP; the URL of it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            talking = tls.wrap_socket(connection, server_side=True) if tls else connection
            talking.recv(65536)
            script(talking)

    threading.Thread(target=talk, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}/hook"
    finally:
        listener.close()


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"y" * 8000 + b"\r\n")


def endless_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"10000\r\n" + b"z" * 0x10000 + b"\r\n")


def endless_interim_answers(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def too_short(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nHello API Event Received")


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"220 mail.example.com ESMTP\r\n")


LIARS: dict[str, Script] = {
    "endless headers": endless_headers,
    "endless body": endless_body,
    "endless interim answers": endless_interim_answers,
    "wrong length": too_short,
    "no HTTP": no_http,
}


@pytest.mark.parametrize("how", LIARS)
def test_a_liar_costs_little_time_and_memory(
    subscriber: Subscriber, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 1.0)
    with speaking(LIARS[how]) as url:
        subscriber.set_url(url)
        subscriber.record()
        tracemalloc.start()
        started = time.monotonic()
        subscriber.server.run_jobs()
        seconds, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    (delivery,) = subscriber.deliveries()
    (attempt,) = delivery.attempts
    assert (delivery.state, delivery.tries) == ("waiting", 1)
    assert attempt.error and attempt.error.endswith(".")
    assert delivery.next_try_at == subscriber.server.clock.now() + RETRY_WAITS_SECONDS[0], "with back-off"
    assert seconds < 10
    assert peak < 20 * 2**20


def test_tls_that_cannot_be_trusted(subscriber: Subscriber, tmp_path: Path) -> None:
    pem = tmp_path / "stranger.pem"
    asked = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*asked, *subject, "-keyout", str(pem), "-out", str(tmp_path / "c.pem")], check=True, timeout=30)
    pem.write_bytes(pem.read_bytes() + (tmp_path / "c.pem").read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with speaking(no_http, tls=context) as untrusted, speaking(no_http) as plain:
        for url in (untrusted, plain.replace("http:", "https:")):
            subscriber.set_url(url)
            subscriber.record()
            subscriber.server.run_jobs()
    errors = [delivery.attempts[0].error or "" for delivery in subscriber.deliveries()]
    assert "certificate" in errors[1].lower()
    assert "ssl" in errors[0].lower() or "tls" in errors[0].lower() or "record" in errors[0].lower()
    assert [delivery.state for delivery in subscriber.deliveries()] == ["waiting", "waiting"]


def test_many_slow_receivers_that_get_their_events_one_by_one_delay_nobody_else(
    subscriber: Subscriber, receiver: Receiver
) -> None:
    """Each event has a job of its own, so a slow receiver holds several."""
    server, release = subscriber.server, threading.Event()
    with receiving() as slow:
        slow.always = waits_for(release)
        stuck = [Subscriber(server, make_person(server), slow) for _ in range(SLOW_RECEIVERS)]
        runner = Runner(server.kit, all_jobs())
        running = asyncio.run_coroutine_threadsafe(runner.run(), server.loop)
        try:
            for one in stuck:
                one.set_url(slow.url)
            for place in range(3):
                for one in stuck:
                    one.record()
                slow.wait_for((place + 1) * SLOW_RECEIVERS)
            subscriber.record("signature_request_viewed")
            receiver.wait_for(1, seconds=20)
        finally:
            release.set()
            runner.stop()
            running.result(40)


def give_up(server: Server) -> None:
    """Let the time of all tries pass."""
    server.run_jobs()
    for wait in RETRY_WAITS_SECONDS:
        server.move(wait)
        server.run_jobs()


def test_ten_events_that_nobody_took_switch_a_callback_off_and_nothing_is_lost(
    subscriber: Subscriber, receiver: Receiver
) -> None:
    server, email = subscriber.server, subscriber.person.email
    receiver.always = replies(503, b"down")
    for _ in range(FAILED_EVENTS - 1):
        subscriber.record()
    give_up(server)
    assert switched_off_at(subscriber) is None, "nine are not ten"
    subscriber.record()
    give_up(server)
    since = server.clock.now()
    assert switched_off_at(subscriber) == since
    (mail,) = [m for m in server.mails() if m["to"] == email and m["subject"] == "Your callback URL is switched off"]
    assert receiver.url in mail["text"] and "/settings/callback" in mail["text"]
    received = len(receiver.received)
    receiver.always = None
    subscriber.record("signature_request_viewed")
    give_up(server)
    assert len(receiver.received) == received, "nothing is sent while it is off"
    assert subscriber.deliveries()[0].state == "dropped"
    with pytest.raises(BadRequest, match="switched off"):
        subscriber.replay(subscriber.deliveries()[0].delivery_id)
    browser = log_in(server, subscriber.person)
    assert "did not take 10 events in a row" in browser.get("/settings/callback").text
    assert submit(browser, "/settings/callback/switch-on", at="/settings/callback").status_code == 303
    server.run_jobs()
    assert receiver.types[received:] == ["signature_request_viewed"]
    assert (subscriber.deliveries()[0].state, switched_off_at(subscriber)) == ("delivered", None)
    assert submit(
        log_in(server, make_person(server)), "/settings/callback/switch-on", at="/settings/callback"
    ).is_error


def test_an_event_that_is_taken_starts_the_count_anew(subscriber: Subscriber, receiver: Receiver) -> None:
    for _ in range(2):
        receiver.always = replies(503)
        for _ in range(FAILED_EVENTS - 1):
            subscriber.record()
        give_up(subscriber.server)
        receiver.always = None
        subscriber.record()
        subscriber.server.run_jobs()
    assert switched_off_at(subscriber) is None


def test_the_callback_of_an_app_is_switched_off_and_its_owner_told(server: Server, receiver: Receiver) -> None:
    owner = make_person(server)
    app = make_app(server.api(owner.api_key), callback_url="https://app.example.com/cb")
    browser, page = log_in(server, owner), f"/settings/api/apps/{app.client_id}/deliveries"
    server.api(owner.api_key).put(f"/v3/api_app/{app.client_id}", json={"callback_url": receiver.url})
    receiver.always = replies(200, b"I lie")
    for _ in range(FAILED_EVENTS):
        answer = submit(browser, f"/settings/api/apps/{app.client_id}/test-event", at=page)
        assert answer.status_code == 303, answer.text
    give_up(server)
    subjects = [mail["subject"] for mail in server.mails() if mail["to"] == owner.email]
    assert f"The event callback of “{app.name}” is switched off" in subjects
    text = browser.get(page).text
    assert re.search("Switched off since", text)
    receiver.always = None
    assert submit(browser, f"{page}/switch-on", at=page).status_code == 303
    assert submit(browser, f"/settings/api/apps/{app.client_id}/test-event", at=page).status_code == 303
    server.run_jobs()
    assert "Switched off since" not in browser.get(page).text


def switched_off_at(subscriber: Subscriber) -> int | None:
    return subscriber.server.read(lambda tx: events.switched_off_at(tx, account_pk=subscriber.person.pk))
