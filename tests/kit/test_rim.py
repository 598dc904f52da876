"""The rim of a whole server: whatever comes in, the answer is never a 500, and never leads elsewhere."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.harness import Server
from tests.helpers.accounts import Person, make_person

METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "FOO")
PATHS = (
    b"/v3/account",
    b"/v3/account/",
    b"/v3//account",
    b"/v3/%2e%2e/account",
    b"/v3",
    b"/v3/",
    b"/v3/nothing",
    b"/v3/account?account_id=%00",
    b"/v3/account?account_id=%ff",
    b"/v3/account?account_id=\xff",
    b"/v3/account?account_id=" + b"a" * 5000,
    b"/v3/account?email_address[]=x",
    b"/v3/account?email_address=%00",
    b"/v3/signature_request/%00",
    b"/v3/signature_request/%ff%fe",
    b"/v3/signature_request/files/%00?file_type=%00",
    b"/v3/signature_request/list?page=99999999999999999999",
    b"/v3/signature_request/list?page=99999999999",
    b"/v3/signature_request/list?page=-1&page_size=x",
    b"/v3/signature_request/list?page=1&page=2",
    b"/v3/signature_request/list?account_id=%00",
    b"/v3/signature_request/list?query=%00",
    b"/v3/signature_request/list?query=%22((",
    b"/v3/signature_request/list?query=" + b"(" * 3000,
    b"/v3/api_app/list?page=99999999999&page_size=100",
    b"/v3/api_app/%F0%9F%96%8B",
    b"/v3/api_app/%00",
    b"/%00",
    b"/?%ff=%ff",
    b"/static/web/../../main.py",
    b"/static/web/%2e%2e/%2e%2e/main.py",
    b"/static/web/%00",
    b"/static/web",
    b"/static/web/" + b"a" * 5000,
    b"/requests/%00",
    b"/sign/%00",
    b"/sign/\xff",
    b"/confirm/%00",
    b"/oauth/authorize",
    b"/oauth/authorize?client_id=%00&state=%00",
    b"/oauth/authorize?client_id=%ff&state=%ff",
    b"/oauth/authorize?client_id=a&client_id=b",
    b"/settings/api/apps/%00",
    b"/mailbox?x=%ff",
    b"/login?next=%00",
    b"/login?next=//elsewhere.example",
)
CREDENTIALS = (
    b"Basic",
    b"Basic %%%",
    b"Basic " + base64.b64encode(b"\xff\x00:"),
    b"Basic " + base64.b64encode("é:".encode()),
    b"Basic " + base64.b64encode(b"a\x00b:"),
    b"Basic " + base64.b64encode(b"a" * 5000 + b":"),
    b"Bearer \xff",
    b"Bearer " + b"a" * 9000,
    b"Bearer a\x00b",
    b"\xff",
    b"",
)
HEADERS = (
    b"X-Forwarded-For: junk",
    b"X-Forwarded-For: \xff, 1.1.1.1",
    b"User-Agent: \xff\x01",
    b"Host: \xff",
    b"Content-Type: \xff",
    b"Content-Length: abc",
    b"Content-Length: -1",
    b"Cookie: paraph_session=\xff",
    b"Cookie: paraph_session=" + b"a" * 9000,
    b"Cookie: paraph_visit=\xff; paraph_notice=\xff.\xff",
    b"Cookie: paraph_notice=abc",
    b"Cookie: paraph_notice=.",
    b"Cookie: =;=;",
)
FORM_PATHS = (
    b"/v3/account/verify",
    b"/v3/account/create",
    b"/v3/api_app",
    b"/v3/signature_request/send",
    b"/oauth/token",
    b"/oauth/token?refresh",
    b"/oauth/revoke",
    b"/oauth/introspect",
    b"/oauth/authorize",
    b"/login",
    b"/signup",
)
BODIES = (
    (b"application/json", b"\xff"),
    (b"application/json", b"[" * 100_000),
    (b"application/json", b'{"email_address":"\\ud800","client_id":"\\ud800","title":"\\ud800"}'),
    (b"application/json", b'{"email_address":"\\u0000","client_id":"\\u0000","grant_type":"\\u0000"}'),
    (b"application/json", b'{"email_address":{},"client_id":[],"grant_type":1e999}'),
    (b"application/json", b'"text"'),
    (b"application/json", b"null"),
    (b"application/json; charset=utf-16", b"{}"),
    (b"application/x-www-form-urlencoded", b"%ff=%00&email_address=%00&client_id=%00&grant_type=%00&token=%00"),
    (b"application/x-www-form-urlencoded", b"email_address=%ff&client_id=%ff&grant_type=%ff&csrf_token=%ff"),
    (b"application/x-www-form-urlencoded", b"a" + b"[a]" * 5000 + b"=1"),
    (b"multipart/form-data", b"x"),
    (b"multipart/form-data; boundary=", b"x"),
    (b"multipart/form-data; boundary=a", b"--a\r\n\r\nx"),
    (b"multipart/form-data; boundary=a", b'--a\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--a--'),
    (b"text/plain", b"x"),
    (b"", b"x"),
)


@pytest.fixture(scope="module")
def person(shared_server: Server) -> Person:
    """Somebody whose key opens the API, so that more than the front door is tried."""
    return make_person(shared_server)


@pytest.fixture(autouse=True)
def _nothing_unexpected(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.get_records("call") if record.exc_info and record.name == "paraph"] == []


def answer(server: Server, head: bytes, *headers: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """Send raw bytes; return status and head of the answer."""
    where = urlsplit(server.url)
    lines = [head, *headers, b"Connection: close"]
    if not any(line.lower().startswith(b"host:") for line in headers):
        lines.append(b"Host: elsewhere.example")
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(b"\r\n".join([*lines, b"", body]))
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(65_536)
            assert chunk, f"no answer to {head!r} {headers!r}"
            received += chunk
    return int(received.split(b" ", 2)[1]), received.partition(b"\r\n\r\n")[0]


def harmless(status: int, head: bytes) -> bool:
    location = [line for line in head.lower().split(b"\r\n") if line.startswith(b"location:")]
    return status < 500 and b"elsewhere.example" not in b"".join(location)


def key_of(person: Person) -> bytes:
    return b"Authorization: Basic " + base64.b64encode(f"{person.api_key}:".encode())


@pytest.mark.parametrize("method", METHODS)
def test_paths_and_queries(shared_server: Server, person: Person, method: str) -> None:
    for path in PATHS:
        head = method.encode() + b" " + path + b" HTTP/1.1"
        assert harmless(*answer(shared_server, head, key_of(person))), (method, path)


def test_credentials_and_headers(shared_server: Server, person: Person) -> None:
    for credential in CREDENTIALS:
        status, _ = answer(shared_server, b"GET /v3/account HTTP/1.1", b"Authorization: " + credential)
        assert status in (400, 401), credential
    status, _ = answer(shared_server, b"GET /v3/account HTTP/1.1", key_of(person), key_of(person))
    assert status == 400
    for header in HEADERS:
        for path in (b"/v3/account", b"/", b"/login"):
            head = b"GET " + path + b" HTTP/1.1"
            assert harmless(*answer(shared_server, head, key_of(person), header)), (path, header)


@pytest.mark.parametrize("path", FORM_PATHS)
def test_bodies(shared_server: Server, person: Person, path: bytes) -> None:
    for content_type, body in BODIES:
        head = b"POST " + path + b" HTTP/1.1"
        headers = [b"Content-Type: " + content_type]
        if path.startswith(b"/v3"):
            headers.append(key_of(person))
        status, got = answer(shared_server, head, *headers, body=body)
        assert harmless(status, got), (path, content_type, body[:60])
