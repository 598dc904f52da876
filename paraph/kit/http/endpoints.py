"""How a room declares its edges: API operations, pages, forms and raw protocol endpoints.

An edge parses, calls one verb, renders. Synchronous edges are given the transaction of the request; asynchronous
ones prepare something outside it (store a file, hash a password) and open ``kit.db.write`` themselves, once.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast

from paraph.kit.errors import Unauthorized
from paraph.kit.i18n import ENGLISH
from paraph.kit.wire.decode import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from pathlib import Path
    from types import ModuleType

    from paraph.kit.caller import Caller, Client
    from paraph.kit.i18n import Language

B = TypeVar("B")
Q = TypeVar("Q")
Mode = Literal["reads", "writes", "prepares"]


@dataclass(frozen=True, slots=True)
class ApiRequest(Generic[B]):
    """One call of an API operation. ``body`` is the decoded struct (None for operations without one)."""

    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: B

    def query_as(self, into: type[Q]) -> Q:
        """The query string as an ``into`` struct; raises BadRequest that names the wrong parameter."""
        return decode(dict(self.query), into) if self.query else cast(Q, _decoded_nothing(cast("Hashable", into)))


@cache
def _decoded_nothing(into: Hashable) -> object:
    """What no parameters at all decode to; structs of requests are frozen, so one does for all calls."""
    return decode({}, cast("type[object]", into))


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer; ``data`` is a dict or msgspec struct, None for an empty body (cancel, remove, delete)."""

    data: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes with a media type: images, data for scripts, metadata."""

    content: bytes
    media_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileReply:
    """A file to stream: either a ``key`` of the file store, or a temporary ``path`` that is removed afterwards."""

    filename: str
    media_type: str
    key: str | None = None
    path: Path | None = None
    inline: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered template; ``template`` is ``<room>/<file>.html``.

    ``form_targets`` are further origins that this page's forms may lead to (a consent form redirects to the app);
    ``session`` sets or, empty, clears the session cookie.
    """

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    form_targets: tuple[str, ...] = ()
    session: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """303 to ``location``; ``notice`` is a short message shown on the next page of ours."""

    location: str
    notice: str | None = None
    session: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


WebAnswer = Page | Redirect | Raw | FileReply | Reply
ApiAnswer = Reply | Raw | FileReply


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a browser.

    ``form`` is the decoded body tree (text, lists, maps, FilePart), ``encoding`` how it came (``json``, ``form``,
    ``multipart``, ``empty``); ``url`` the path with its query; ``language`` the one that the answer is written in.
    """

    method: str
    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    query_pairs: tuple[tuple[str, str], ...]
    form: Mapping[str, Any]
    encoding: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    client: Client
    caller: Caller | None
    session_token: str | None
    csrf_token: str
    language: Language = ENGLISH

    @property
    def signed_in(self) -> Caller:
        """The caller of a page that needs one."""
        if self.caller is None:
            raise Unauthorized("Log in first.")
        return self.caller

    def text(self, name: str) -> str:
        """A form field as text, trimmed; empty when missing or not text."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """All values of a repeated form field (checkboxes)."""
        value = self.form.get(name)
        values = value if isinstance(value, list) else [value]
        return [item for item in values if isinstance(item, str)]

    def secret(self, name: str) -> str:
        """A form field as typed, untrimmed (passwords)."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an endpoint takes and gives beyond its body: structs of the query string, the shape of the JSON answer
    (None: an empty body), and media types of files that it may answer with instead."""

    query: tuple[type[Any], ...] = ()
    answer: Any = None
    files: tuple[str, ...] = ()


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class Protocol:
    """What our OpenAPI document says of a raw endpoint that programs call."""

    operation_id: str
    answer: Any
    body: type[Any] | None = None


@dataclass(frozen=True, slots=True)
class ApiEndpoint:
    """An operation's function and how it wants to be called; ``told`` is for our OpenAPI document only."""

    operation_id: str
    function: Callable[..., Any]
    mode: Mode
    body: type[Any] | None
    long: bool
    told: Told


@dataclass(frozen=True, slots=True)
class WebEndpoint:
    """A page's or form's function and how it wants to be called."""

    method: str
    path: str
    function: Callable[..., Any]
    mode: Mode
    signed_in: bool
    csrf: bool
    operator: bool = False
    loopback: bool = False
    translated: bool = False
    one_file: bool = False


@dataclass(frozen=True, slots=True)
class RawEndpoint:
    """A protocol endpoint that reads the Starlette request and renders its own answer and errors."""

    methods: tuple[str, ...]
    path: str
    function: Callable[..., Any]
    told: Protocol | None = None


def reads(
    operation_id: str, *, long: bool = False, told: Told = NOTHING_TOLD
) -> Callable[[Callable[..., ApiAnswer]], ApiEndpoint]:
    """Declare ``def endpoint(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply`` as an operation."""
    return lambda function: ApiEndpoint(operation_id, function, "reads", None, long, told)


def writes(
    operation_id: str, *, body: type[Any] | None = None, told: Told = NOTHING_TOLD
) -> Callable[[Callable[..., ApiAnswer]], ApiEndpoint]:
    """Declare ``def endpoint(tx: WriteTx, request: ApiRequest[Body], kit: Kit) -> Reply`` as an operation."""
    return lambda function: ApiEndpoint(operation_id, function, "writes", body, False, told)


def prepares(
    operation_id: str, *, body: type[Any] | None = None, told: Told = NOTHING_TOLD
) -> Callable[[Callable[..., Any]], ApiEndpoint]:
    """Declare ``async def endpoint(request: ApiRequest[Body], kit: Kit) -> Reply`` as an operation."""
    return lambda function: ApiEndpoint(operation_id, function, "prepares", body, False, told)


def page(
    path: str, *, signed_in: bool = True, operator: bool = False, loopback: bool = False, translated: bool = False
) -> Callable[[Callable[..., Any]], WebEndpoint]:
    """Declare a GET page: ``def page(tx: ReadTx, visit, kit) -> WebAnswer``, or ``async def page(visit, kit)``.

    ``operator`` pages are for operators, ``loopback`` ones answer this machine only; others get 404. ``translated``
    pages speak the visitor's language (docs/languages.md).
    """

    def declare(function: Callable[..., Any]) -> WebEndpoint:
        mode: Mode = "prepares" if inspect.iscoroutinefunction(function) else "reads"
        return WebEndpoint("GET", path, function, mode, signed_in, False, operator, loopback, translated)

    return declare


def form(
    path: str,
    *,
    signed_in: bool = True,
    csrf: bool = True,
    operator: bool = False,
    translated: bool = False,
    one_file: bool = False,
) -> Callable[[Callable[..., Any]], WebEndpoint]:
    """Declare a POST form: ``def form(tx: WriteTx, visit, kit) -> WebAnswer``, or ``async def form(visit, kit)``.

    ``csrf=False`` only where the address itself is a secret (signing links) and no cookie gives any right.
    ``one_file``: the body holds one document at most, so a larger one is refused while it comes in.
    """

    def declare(function: Callable[..., Any]) -> WebEndpoint:
        mode: Mode = "prepares" if inspect.iscoroutinefunction(function) else "writes"
        more = {"translated": translated, "one_file": one_file}
        return WebEndpoint("POST", path, function, mode, signed_in, csrf, operator, **more)

    return declare


def raw(path: str, *methods: str, told: Protocol | None = None) -> Callable[[Callable[..., Any]], RawEndpoint]:
    """Declare ``async def endpoint(request: starlette Request, kit: Kit) -> starlette Response``."""
    return lambda function: RawEndpoint(methods, path, function, told)


def endpoints_in(modules: Iterable[ModuleType], kind: type[B]) -> list[B]:
    """Collect what the given edge modules declare."""
    return [value for module in modules for value in vars(module).values() if isinstance(value, kind)]
