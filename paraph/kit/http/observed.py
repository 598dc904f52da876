"""Around the whole application: an id for each request, its log line, its numbers, its span.

What it costs is paid by every call: a few microseconds, measured by ``bench/observed.py``.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from paraph.kit import origin, trace
from paraph.kit.log import log
from paraph.kit.metrics import Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.applications import Starlette
    from starlette.routing import BaseRoute
    from starlette.types import Message, Receive, Scope, Send

ROUTE = "paraph.route"
"""Where routing leaves the pattern of the address, such as ``/v3/account``; addresses themselves hold secrets."""
UNMATCHED, STATIC = "unmatched", "/static"
QUIET = frozenset({STATIC, UNMATCHED, "/healthz", "/readyz", "/metrics"})
"""Not worth a line each, unless one asks for every detail."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

REQUESTS = Counter("paraph_http_requests", "HTTP requests answered.", "route", "method", "status")
SECONDS = Histogram("paraph_http_request_seconds", "Time until an answer was sent whole.", "route")
IN_FLIGHT = Gauge("paraph_http_requests_in_flight", "HTTP requests that are being answered.")


class Observed:
    """The application, watched."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    @property
    def routes(self) -> list[BaseRoute]:
        """What the application answers."""
        return self._app.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _id_sent(scope["headers"]) or origin.new_request_id()
        before = origin.enter(origin.Origin(request_id))
        status, in_flight = 500, IN_FLIGHT.values
        in_flight[()] += 1

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            if trace.is_on():
                await self._traced(scope, receive, send_named)
            else:
                await self._app(scope, receive, send_named)
        finally:
            in_flight[()] -= 1
            _count(scope, status, perf_counter() - started)
            origin.leave(before)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        parent = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        method, found = _method(scope), 500

        async def send_noted(message: Message) -> None:
            nonlocal found
            if message["type"] == "http.response.start":
                found = message["status"]
            await send(message)

        about = {"http__request__method": method, "url__scheme": scope["scheme"]}
        with trace.span(method, "server", parent=parent.decode("latin-1"), **about) as span:
            try:
                await self._app(scope, receive, send_noted)
            finally:
                route = _route(scope)
                trace.note(span, http__route=route, http__response__status_code=found)
                if span is not None:
                    span.update_name(f"{method} {route}")
                if found >= 500:
                    trace.note(span, error__type=str(found))


def _id_sent(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that the caller gave the request, if it is fit for a log."""
    for name, value in headers:
        if name == b"x-request-id":
            return value.decode() if origin.is_request_id(value) else ""
    return ""


def _count(scope: Scope, status: int, seconds: float) -> None:
    route, method = _route(scope), _method(scope)
    REQUESTS.values[(route, method, status)] += 1
    SECONDS.observe(seconds, route)
    if not route.startswith("/v3/"):  # the dispatcher of the API writes its own line, with the caller
        level: Any = "debug" if route in QUIET else "info"
        log("visit", level=level, route=route, method=method, status=status, ms=round(seconds * 1000, 1))


def _route(scope: Scope) -> str:
    found: str | None = scope.get(ROUTE)
    if found is None:
        return STATIC if scope["path"].startswith("/static/") else UNMATCHED
    return found


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in METHODS else "_OTHER"
