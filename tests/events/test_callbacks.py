"""Which callback URLs may be set and are called (M11, T33)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paraph import events
from paraph.kit.errors import BadRequest
from tests.events.conftest import Subscriber
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.receiver import Receiver

# as people and attackers write the addresses of this machine, its neighbours and the cloud's metadata service
INSIDE = [
    "127.0.0.1",
    "127.8.9.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:a00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fc00::1]",
    "[::]",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.0.1.",
    "1.0x7f",
]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is not on localhost."""
    folder = tmp_path_factory.mktemp("production")
    with running_server(folder, public_url="https://sign.example.com") as running:
        yield running


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on localhost."""
    with running_server(tmp_path_factory.mktemp("development")) as running:
        yield running


def owner(server: Server) -> Subscriber:
    return Subscriber(server, make_person(server), Receiver(""))


def refused(subscriber: Subscriber, url: str) -> str:
    with pytest.raises(BadRequest) as refusal:
        subscriber.set_url(url)
    assert refusal.value.message == f"Invalid url for callback_url : {url[:2000]}"
    assert refusal.value.path == "callback_url"
    return refusal.value.detail or ""


@pytest.mark.parametrize("host", INSIDE)
def test_no_spelling_of_an_inside_address_is_accepted(production: Server, host: str) -> None:
    assert refused(owner(production), f"https://{host}/hook")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "/hook",
        "//app.example.com/hook",
        "app.example.com/hook",
        "http://app.example.com/hook",
        "http://localhost/hook",
        "http://127.0.0.1/hook",
        "ftp://app.example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/plain,x",
        "gopher://app.example.com/",
        "https://",
        "https:///hook",
        "https://user@app.example.com/",
        "https://user:secret@app.example.com/",
        "https://app.example.com@127.0.0.1/",
        "https://@app.example.com/",
        "https://app.example.com\\@127.0.0.1/",
        "https://app.example.com:99999/",
        "https://app.example.com:x/",
        "https://[::1/",
        "https://[nonsense]/",
        "https://app.example.com/a b",
        "https://app.example.com/\r\nX-Injected: 1",
        "https://app\n.example.com/",
        "https://app.example.com/\x00",
        " https://app.example.com/",
        "https://" + "a" * 64 + ".example.com/",
        "https://app..example.com/",
        "https://app.example.com/" + "a" * 2000,
    ],
)
def test_what_is_not_a_plain_https_address_is_refused(production: Server, url: str) -> None:
    assert refused(owner(production), url)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com/hook",
        "HTTPS://App.Example.com:8443/hook?key=value&more=%20",
        "https://bücher.example/ä?ö=ü",
        "https://1.1.1.1/hook",
        "https://[2606:4700:4700::1111]/hook",
        "https://app.example.com",
        "https://123.example.com/",
    ],
)
def test_public_https_addresses_are_accepted_as_they_are(production: Server, url: str) -> None:
    subscriber = owner(production)
    subscriber.set_url(url)
    assert production.read(lambda tx: events.callback_url(tx, account_pk=subscriber.person.pk)) == url


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1:9", "[::1]:9", "app.localhost:9"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_in_development_this_machine_may_be_called(development: Server, scheme: str, host: str) -> None:
    owner(development).set_url(f"{scheme}://{host}/hook")


@pytest.mark.parametrize(
    "url", ["http://app.example.com/", "http://10.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/"]
)
def test_development_opens_nothing_else(development: Server, url: str) -> None:
    assert refused(owner(development), url)


def test_the_operator_may_allow_private_addresses(tmp_path: Path) -> None:
    with running_server(tmp_path, public_url="https://sign.example.com", allow_private_callbacks=True) as server:
        subscriber = owner(server)
        subscriber.set_url("https://10.0.0.1/hook")
        assert refused(subscriber, "http://10.0.0.1/hook") == "only https addresses are called"


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_inside_is_not_called(
    production: Server, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    far_side(monkeypatch, {"rebound.example.com": ["1.1.1.1", inside]})
    error = delivered_to(production, "https://rebound.example.com/hook")
    assert error == f"{ipaddress.ip_address(inside)} is not a public address."


def test_a_name_that_changes_its_mind_gains_nothing(production: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = far_side(monkeypatch, {"flips.example.com": ["127.0.0.1"]})
    assert delivered_to(production, "https://flips.example.com/hook") == "127.0.0.1 is not a public address."
    assert asked == ["flips.example.com"], "resolved once"


def test_a_name_that_does_not_resolve_is_a_failure(production: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    far_side(monkeypatch, {})
    assert delivered_to(production, "https://gone.example.com/hook") == "Gone.example.com cannot be resolved."


def test_what_was_allowed_when_saved_is_checked_again_when_called(
    production: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriber = owner(production)
    subscriber.set_url("https://app.example.com/hook")
    with monkeypatch.context() as patched:
        patched.setattr("paraph.events.callbacks.check_callback_url", lambda url, kit: None)
        subscriber.set_url("http://127.0.0.1:9/hook")
    subscriber.record()
    production.run_jobs()
    (delivery,) = subscriber.deliveries()
    assert delivery.attempts[0].error == "Only https addresses are called."


def far_side(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """The DNS, as an attacker who owns a domain can make it."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *more: Any, **options: Any) -> Any:
        if not host.endswith(".example.com"):
            return real(host, port, *more, **options)
        asked.append(host)
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (socket.AF_INET6 if ":" in text else socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))
            for text in names[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def delivered_to(server: Server, url: str) -> str | None:
    subscriber = owner(server)
    subscriber.set_url(url)
    subscriber.record()
    server.run_jobs()
    (delivery,) = subscriber.deliveries()
    assert delivery.state == "waiting"
    return delivery.attempts[0].error
