"""Outbound calls: capped in time and size, no redirects, only the addresses that were checked (T33)."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest

from paraph.kit import outbound as kit_outbound
from paraph.kit.outbound import ANSWER_BYTES, AddressGuard, Outbound, OutboundFailed, OutboundRefused, read_url
from paraph.kit.settings import Settings
from tests.helpers.receiver import Receiver, drips, floods, hangs_up, receiving, replies, waits_for

DEVELOPMENT = Settings()
PRODUCTION = Settings(public_url="https://sign.example.com")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A far side on 127.0.0.1."""
    with receiving() as running:
        yield running


def call(scenario: Callable[[Outbound], Any], settings: Settings = DEVELOPMENT) -> Any:
    async def within() -> Any:
        outbound = Outbound(settings)
        try:
            return await scenario(outbound)
        finally:
            await outbound.close()

    return asyncio.run(within())


def post(url: str, *, seconds: float = 5, settings: Settings = DEVELOPMENT) -> Any:
    return call(lambda outbound: outbound.post(url, b"body", {"X-Own": "1"}, seconds=seconds), settings)


def test_a_call_and_its_answer(receiver: Receiver) -> None:
    receiver.answers = [replies(202, b"taken")]
    answer = post(receiver.url + "?a=b%20c")
    assert (answer.status, answer.body) == (202, b"taken")
    (received,) = receiver.received
    assert (received.path, received.body, received.headers["x-own"]) == ("/hook?a=b%20c", b"body", "1")
    assert received.headers["host"] == receiver.url.split("/")[2]
    assert "accept-encoding" in received.headers
    assert received.headers["accept-encoding"] == "identity"


def test_other_scripts_in_the_path_are_escaped(receiver: Receiver) -> None:
    post(receiver.url + "/Verträge?für=alle")
    assert receiver.received[0].path == "/hook/Vertr%C3%A4ge?f%C3%BCr=alle"


def test_redirects_are_answers_like_any_other(receiver: Receiver) -> None:
    receiver.answers = [replies(307, b"", [("Location", receiver.url + "/elsewhere")])]
    assert post(receiver.url).status == 307
    assert len(receiver.received) == 1


@pytest.mark.parametrize("slow", [waits_for(threading.Event()), drips(5)], ids=["silent", "dripping"])
def test_the_time_is_for_the_whole_call(receiver: Receiver, slow: Any) -> None:
    receiver.answers = [slow]
    started = time.monotonic()
    with pytest.raises(OutboundFailed, match=r"no full answer within 0\.4 seconds"):
        post(receiver.url, seconds=0.4)
    assert time.monotonic() - started < 3


def test_an_endless_answer_is_cut_off(receiver: Receiver) -> None:
    receiver.answers = [floods]
    started = time.monotonic()
    answer = post(receiver.url)
    assert len(answer.body) == ANSWER_BYTES
    assert time.monotonic() - started < 3


def test_failures_have_words(receiver: Receiver) -> None:
    receiver.answers = [hangs_up]
    with pytest.raises(OutboundFailed, match="disconnected"):
        post(receiver.url)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(OutboundFailed, match=r"\w"):
            post(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    with pytest.raises(OutboundFailed, match=r"\w"):
        post(receiver.url.replace("http://", "https://"))


def test_headers_cannot_be_injected_through_an_address(receiver: Receiver) -> None:
    for url in (receiver.url + "\r\nX-Injected: 1", receiver.url + " HTTP/1.1\r\nX: 1", receiver.url + "\t"):
        with pytest.raises(OutboundRefused):
            post(url)
    assert receiver.received == []


def test_in_production_this_machine_is_not_called_even_by_a_name(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    names(monkeypatch, {"inside.example.com": ["127.0.0.1"], "mixed.example.com": ["1.1.1.1", "127.0.0.1"]})
    for host in ("127.0.0.1", "localhost", "inside.example.com", "mixed.example.com"):
        with pytest.raises(OutboundRefused, match="not a public address"):
            post(f"http://{host}:{port}/", settings=PRODUCTION)
    assert receiver.received == []
    allowed = Settings(public_url="https://sign.example.com", allow_private_callbacks=True)
    assert post(f"http://inside.example.com:{port}/", settings=allowed).status == 200


def test_the_address_that_was_checked_is_the_one_that_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers a public address first and this machine next is asked only once."""
    port = int(receiver.url.split(":")[2].split("/")[0])
    asked = names(monkeypatch, {"flips.example.com": ["203.0.113.7"]})
    monkeypatch.setattr(AddressGuard, "check", lambda self, address: None)  # the far side's address is a sample one
    connected: list[str] = []

    async def connect(self: Any, host: str, port: int, *more: Any, **options: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError("far away")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(OutboundFailed):
        post(f"http://flips.example.com:{port}/", settings=PRODUCTION)
    assert (connected, asked) == (["203.0.113.7"], ["flips.example.com"])


def test_slow_dns_is_a_refusal_and_stops_nothing_else(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit_outbound, "RESOLVE_SECONDS", 0.2)
    release = threading.Event()
    real = socket.getaddrinfo

    def slow(host: str, *more: Any, **options: Any) -> Any:
        if host == "slow.example.com":
            release.wait(20)
        return real(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def scenario(outbound: Outbound) -> None:
        hanging = [outbound.post("http://slow.example.com/", b"", {}, seconds=5) for _ in range(20)]
        refused = asyncio.gather(*hanging, return_exceptions=True)
        assert (await outbound.post(receiver.url, b"", {}, seconds=5)).status == 200
        await asyncio.wait_for(asyncio.to_thread(lambda: None), 1)
        for failure in await refused:
            assert isinstance(failure, OutboundRefused)
            assert "too long to resolve" in str(failure)

    try:
        call(scenario)
    finally:
        release.set()


def test_the_second_address_is_tried_when_nobody_listens_at_the_first(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.split(":")[2].split("/")[0])
    names(monkeypatch, {"two.example.com": ["127.0.0.2", "127.0.0.1"]})
    assert post(f"http://two.example.com:{port}/").status == 200


@contextmanager
def file_server(content: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server of files, over plain http: what a certificate proves is httpcore's business, not ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content(self)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/file.pdf"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def plain_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Outbound.check_url
    monkeypatch.setattr(
        Outbound, "check_url", lambda self, url, **_: real(self, url, https_only=True, http_loopback=True)
    )


@pytest.mark.usefixtures("plain_downloads")
def test_downloads_and_their_caps(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    target = tmp_path / "file"

    def get(answer: Callable[[BaseHTTPRequestHandler], None], max_bytes: int, seconds: float = 5) -> None:
        with file_server(answer) as url:
            call(lambda outbound: outbound.download(url, target, max_bytes=max_bytes, seconds=seconds))

    get(replies(200, content), len(content))
    assert target.read_bytes() == content
    with pytest.raises(OutboundFailed, match="larger than 255999 bytes"):
        get(replies(200, content), len(content) - 1)
    with pytest.raises(OutboundFailed, match="larger than 1000 bytes"):
        get(floods, 1000)
    with pytest.raises(OutboundFailed, match="answered 404"):
        get(replies(404), 1000)
    with pytest.raises(OutboundFailed, match="answered 302"):
        get(replies(302, b"", [("Location", "/other")]), 1000)
    with pytest.raises(OutboundFailed, match="no full answer within"):
        get(drips(5), 1000, seconds=0.3)
    assert target.stat().st_size <= 256_000


def test_only_https_files_are_fetched(tmp_path: Path) -> None:
    for url in ("http://example.com/file.pdf", "ftp://example.com/f", "file:///etc/passwd", "http://127.0.0.1/"):
        with pytest.raises(OutboundRefused):
            call(lambda outbound, url=url: outbound.download(url, tmp_path / "f", max_bytes=1, seconds=1))


@pytest.mark.parametrize(
    ("url", "host", "authority"),
    [
        ("https://Example.COM/x", "example.com", "example.com"),
        ("https://bücher.example:8443/", "xn--bcher-kva.example", "xn--bcher-kva.example:8443"),
        ("https://[2606:4700::1111]:1/", "2606:4700::1111", "[2606:4700::1111]:1"),
        ("http://1.2.3.4", "1.2.3.4", "1.2.3.4"),
    ],
)
def test_addresses_are_read_one_way(url: str, host: str, authority: str) -> None:
    target = read_url(url)
    assert (target.host, target.authority) == (host, authority)


def names(monkeypatch: pytest.MonkeyPatch, known: dict[str, list[str]]) -> list[str]:
    """Answer for these names as an attacker's DNS would; return which were asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *more: Any, **options: Any) -> Any:
        if host not in known:
            return real(host, port, *more, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked
