"""No input produces a 5xx: every operation and every route, with input that is wrong in one place or in all.

Answers keep their form whatever is sent: the vendor's envelope below ``/v3``, a page with its security headers
elsewhere. ``PARAPH_HOSTILE_EXAMPLES`` asks for a longer run than the suite's.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from paraph.main import application
from paraph.operations import ALIASES, NEWER_OPERATIONS, OPERATIONS, OWN_OPERATIONS
from tests.conftest import database_url
from tests.harness import running_server
from tests.long import long

from . import odd
from .world import World, build_world

EXAMPLES = int(os.environ.get("PARAPH_HOSTILE_EXAMPLES", "200"))
UNTIRING = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="PARAPH_HOSTILE_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # a failing request is told in full; shrinking it would take minutes
)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW")
QUERY_NAMES = (
    "page",
    "page_size",
    "query",
    "account_id",
    "email_address",
    "file_type",
    "get_url",
    "get_data_uri",
    "force_download",
    "w",
    "continue",
    "csrf_token",
    "notice",
)
AUTHORIZE_NAMES = (
    "client_id",
    "redirect_uri",
    "response_type",
    "state",
    "scope",
    "prompt",
    "code_challenge",
    "code_challenge_method",
    "resource",
    "request",
    "invitation",
)
_PLACE = re.compile(r"\{(\w+)(?::path)?\}")
_PROTOCOL = ("/oauth/token", "/oauth/revoke", "/oauth/introspect", "/v3/oauth/token")
_FOR_PROGRAMS = ("/static/", "/oauth/", "/.well-known/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_ENDS_SESSION = ("/login", "/logout", "/signup", "/settings/sessions")
"""Posts that would end the session of the examples that follow."""


@dataclass(frozen=True)
class Sent:
    """One request, as it is told when it breaks something."""

    method: str
    target: str
    headers: tuple[tuple[str, bytes], ...]
    body: bytes


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=long)])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One server for all examples, with limits out of the way."""
    folder = tmp_path_factory.mktemp("data")
    with running_server(
        folder, database_url(request.param, request), api_rate_limit=10**7, asks_per_hour=10**7
    ) as server:
        yield build_world(server)


@pytest.fixture(scope="module")
def caller(world: World) -> httpx.Client:
    return world.server.client()


OPERATION_ADDRESSES = sorted(
    {(op.method, op.path, op.id) for op in (OPERATIONS | NEWER_OPERATIONS | OWN_OPERATIONS).values()}
    | {(method, path, name) for method, path, name in ALIASES}
)


@UNTIRING
@given(data=st.data())
def test_every_parameter_takes_everything(world: World, caller: httpx.Client, data: Any) -> None:
    """Right but for one value, so that it comes as far as it can."""
    operation = data.draw(st.sampled_from([one for one in OPERATION_ADDRESSES if one[2] in world.bodies]))
    right = world.bodies[operation[2]]
    tree = odd.replaced(right, data.draw(st.sampled_from(odd.places(right)[1:])), data.draw(odd.texts | odd.values))
    kind, body = data.draw(odd.encodings)(tree)
    target = "/v3" + _PLACE.sub(lambda match: data.draw(st.sampled_from(world.ids[match[1]])), operation[1])
    headers = (("Authorization", world.right_credentials[0]), ("Content-Type", kind.encode("latin-1")))
    _ask(caller, Sent(operation[0], target, headers, body))


@UNTIRING
@given(data=st.data())
def test_the_api_answers_everything_in_the_vendors_envelope(world: World, caller: httpx.Client, data: Any) -> None:
    method, path, operation = data.draw(st.sampled_from(OPERATION_ADDRESSES))
    known = {} if operation == "apiAppDelete" else world.ids
    target = "/v3" + _filled(data, path, known) + _query(data, QUERY_NAMES)
    right = st.sampled_from(world.right_credentials).map(lambda header: (("Authorization", header),))
    credential = data.draw(_mostly(None, _odd_credentials(world))) or data.draw(right)
    kind, body = data.draw(_bodies(world.bodies.get(operation, {"x": 1})))
    method = data.draw(_mostly(method, st.sampled_from(METHODS)))
    _ask(caller, Sent(method, target, (*credential, ("Content-Type", kind.encode("latin-1"))), body))


@UNTIRING
@given(data=st.data())
def test_every_form_field_takes_everything(world: World, caller: httpx.Client, data: Any) -> None:
    """Right but for one value, from somebody who is logged in and came from our page."""
    path = data.draw(st.sampled_from([path for path, methods in _page_routes(world) if "POST" in methods]))
    fields = world.fields | {data.draw(st.sampled_from(sorted(world.fields))): data.draw(odd.texts)}
    browser = world.anonymous if path in _ENDS_SESSION else world.logged_in
    kind, body = data.draw(st.sampled_from((odd.as_form, odd.as_multipart)))(fields | {"csrf_token": browser.csrf})
    target = _PLACE.sub(lambda match: data.draw(st.sampled_from(world.ids[match[1]])), path)
    _ask(caller, Sent("POST", target, (("Cookie", browser.cookie), ("Content-Type", kind.encode())), body))


@UNTIRING
@given(data=st.data())
def test_pages_and_forms_answer_everything(world: World, caller: httpx.Client, data: Any) -> None:
    path, methods = data.draw(st.sampled_from(_page_routes(world)))
    method = data.draw(_mostly(None, st.sampled_from(METHODS))) or data.draw(st.sampled_from(sorted(methods)))
    names = AUTHORIZE_NAMES if path == "/oauth/authorize" else QUERY_NAMES
    target = _filled(data, path, world.ids) + _query(data, names)
    browser = world.anonymous if path in _ENDS_SESSION else world.logged_in
    kind, body = data.draw(_bodies(world.fields | {"csrf_token": browser.csrf}))
    garbage = odd.headers.map(lambda raw: b"paraph_session=%s; paraph_notice=%s; x=y" % (raw, raw))
    cookie = data.draw(_mostly(browser.cookie, garbage))
    headers = (("Cookie", cookie), ("Content-Type", kind.encode("latin-1")), *data.draw(_odd_headers()))
    _ask(caller, Sent(method, target, headers, body))


@UNTIRING
@given(data=st.data())
def test_protocol_endpoints_answer_everything(world: World, caller: httpx.Client, data: Any) -> None:
    path = data.draw(st.sampled_from(_PROTOCOL))
    kind, body = data.draw(_bodies(world.bodies["oauth"]))
    method = data.draw(_mostly("POST", st.sampled_from(METHODS)))
    credential = data.draw(_mostly((), _odd_credentials(world)))
    target = path + data.draw(_mostly("", odd.queries(AUTHORIZE_NAMES).map("?{}".format)))
    _ask(caller, Sent(method, target, (*credential, ("Content-Type", kind.encode("latin-1"))), body))


@UNTIRING
@given(query=odd.searches, page=odd.texts)
def test_searches_answer_everything(world: World, caller: httpx.Client, query: str, page: str) -> None:
    target = f"/v3/signature_request/list?query={odd.escaped(query)}&page={odd.escaped(page[:60])}"
    for wanted in (target, target.partition("&")[0]):
        _ask(caller, Sent("GET", wanted, (("Authorization", world.right_credentials[0]),), b""))


@UNTIRING
@given(name=odd.filenames, encoded=st.booleans())
def test_names_of_files_are_only_names(world: World, caller: httpx.Client, name: str, encoded: bool) -> None:
    raw = name.encode().replace(b'"', b"")
    given_as = b"filename*=utf-8''%s" % odd.escaped(name).encode() if encoded else b'filename="%s"' % raw
    head = b'--odd\r\nContent-Disposition: form-data; name="files[0]"; %s\r\n\r\n' % given_as
    rest = "".join(
        f'\r\n--odd\r\nContent-Disposition: form-data; name="signers[0][{key}]"\r\n\r\n{value}'
        for key, value in (("name", "Jack"), ("email_address", "jack@example.com"))
    )
    body = head + b"%PDF-1.7 nothing" + rest.encode() + b"\r\n--odd--\r\n"
    credential = ("Authorization", world.right_credentials[0])
    kind = ("Content-Type", b"multipart/form-data; boundary=odd")
    _ask(caller, Sent("POST", "/v3/signature_request/send", (credential, kind), body))


@UNTIRING
@given(data=st.data())
def test_addresses_that_lead_nowhere_answer(world: World, caller: httpx.Client, data: Any) -> None:
    below = data.draw(
        st.sampled_from(("/", "/v3/", "/static/web/", "/static/", "/oauth/", "/.well-known/", "/sign/"))
    )
    target = below + "/".join(data.draw(st.lists(odd.segments, max_size=4))) + _query(data, QUERY_NAMES)
    _ask(caller, Sent(data.draw(st.sampled_from(METHODS)), target, data.draw(_odd_headers()), b""))


def test_the_jobs_that_odd_input_left_do_not_break_either(world: World) -> None:
    world.server.run_jobs()
    world.server.move(7200)
    world.server.run_jobs()


def _ask(caller: httpx.Client, sent: Sent) -> None:
    headers = [(name.encode(), value) for name, value in sent.headers]
    request = httpx.Request(
        sent.method, f"{caller.base_url}".rstrip("/") + sent.target, headers=headers, content=sent.body
    )
    answer = caller.send(request)
    caller.cookies.clear()
    assert answer.status_code < 500, (answer.status_code, answer.text[:300], sent)
    path = request.url.raw_path.decode().partition("?")[0]  # without the dots of the target
    if path in _PROTOCOL or path.startswith("/v3/"):
        _is_vendors(answer, sent)
    elif not path.startswith(_FOR_PROGRAMS):
        _is_page(answer, sent)


def _is_vendors(answer: httpx.Response, sent: Sent) -> None:
    if answer.status_code < 400 or sent.method in ("HEAD", "BREW") or not answer.text:
        return  # BREW is no HTTP to the HTTP server itself
    error = answer.json()["error"]
    if isinstance(error, dict):
        assert error["error_name"], sent
        assert error["error_msg"], sent
    else:
        assert "/oauth/" in sent.target, (answer.text, sent)  # RFC 6749 section 5.2, for forms


def _is_page(answer: httpx.Response, sent: Sent) -> None:
    if answer.headers.get("content-type", "").startswith("text/plain") and answer.status_code == 400:
        return  # the HTTP server itself refused what is no HTTP
    assert answer.headers.get("content-security-policy"), (answer.status_code, answer.text[:200], sent)
    assert answer.headers["x-content-type-options"] == "nosniff", sent
    if answer.status_code >= 400:
        assert answer.headers["content-type"].startswith("text/html"), (answer.text[:200], sent)


def _page_routes(world: World) -> list[tuple[str, frozenset[str]]]:
    routes = [route for route in application(world.server.kit).routes if isinstance(route, Route)]
    pages = [
        route
        for route in routes
        if not route.path.startswith(("/v3/", "/.well-known")) and route.path not in _PROTOCOL
    ]
    return [(route.path, frozenset(route.methods or ())) for route in pages if not route.path.endswith("/delete")]


def _filled(data: Any, path: str, ids: Mapping[str, tuple[str, ...]]) -> str:
    def one(match: re.Match[str]) -> str:
        known = ids.get(match[1], ("a" * 40,))
        return str(data.draw(_mostly(None, odd.segments)) or data.draw(st.sampled_from(known)))

    return _PLACE.sub(one, path)


def _query(data: Any, names: tuple[str, ...]) -> str:
    query = data.draw(odd.queries(names))
    return f"?{query}" if query else ""


def _mostly(usual: Any, odd_ones: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 3).flatmap(lambda die: st.just(usual) if die else odd_ones)


@st.composite
def _bodies(draw: st.DrawFn, right: dict[str, Any]) -> tuple[str, bytes]:
    """A right body with something wrong in it; or anything at all."""
    die = draw(st.integers(0, 9))
    if die == 0:
        return draw(odd.raw_bodies)
    tree: Any = {name: one for name, one in right.items() if die != 1 or draw(st.booleans())}
    for _ in range(draw(st.integers(0, 2))):
        tree = odd.replaced(tree, draw(st.sampled_from(odd.places(tree))), draw(odd.values))
    return draw(odd.encodings)(tree)  # type: ignore[no-any-return]


def _odd_credentials(world: World) -> st.SearchStrategy[tuple[tuple[str, bytes], ...]]:
    key, bearer = world.right_credentials
    anything = odd.headers.map(lambda raw: (("Authorization", raw),))
    basic = odd.headers.map(lambda raw: (("Authorization", (b"Basic " + base64.b64encode(raw)).strip()),))
    return anything | basic | st.just((("Authorization", key), ("Authorization", bearer)))


def _odd_headers() -> st.SearchStrategy[tuple[tuple[str, bytes], ...]]:
    names = st.sampled_from(
        ("User-Agent", "X-Forwarded-For", "Accept-Language", "Origin", "Referer", "Sec-Fetch-Site", "Range")
    )
    return st.lists(st.tuples(names, odd.headers), max_size=1).map(tuple)
