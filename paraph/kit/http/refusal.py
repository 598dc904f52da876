"""Refuse a request before anything is looked up: no session, no database, in the dialect of its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse, Response

from paraph.kit.i18n import ENGLISH, speaking
from paraph.kit.templates import render
from paraph.kit.wire.body import FORM_TYPE, media_type

from .failures import vendor_failure
from .headers import secure
from .languages import wanted_language

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment
    from starlette.requests import Request

    from paraph.kit.errors import ParaphError
    from paraph.kit.settings import Settings

API_PREFIX = "/v3/"
TOKEN_PATHS = frozenset(("/oauth/token", "/v3/oauth/token", "/oauth/revoke", "/oauth/introspect"))


class Refusal:
    """Renders an error that was met at the door."""

    def __init__(self, settings: Settings, templates: Environment) -> None:
        self._settings, self._templates = settings, templates

    def __call__(self, request: Request, error: Callable[[], ParaphError]) -> Response:
        """Return the answer; ``error`` is made in the language of the visitor, who may be a signer."""
        path = request.url.path
        if path in TOKEN_PATHS and media_type(request.headers.get("content-type", "")) == FORM_TYPE:
            return _of_protocol(error())
        if path.startswith(API_PREFIX) or path in TOKEN_PATHS:
            return vendor_failure(error())
        with speaking(wanted_language(request) if path.startswith("/sign/") else ENGLISH):
            return self._page(request, error())

    def _page(self, request: Request, error: ParaphError) -> Response:
        context = {
            "caller": None,
            "csrf_token": "",
            "notice": None,
            "settings": self._settings,
            "path": request.url.path,
            "languages": (),
            "message": error.message,
            "status": error.status,
        }
        html = render(self._templates, "web/error.html", context)
        return secure(HTMLResponse(html, error.status, dict(error.headers)))


def _of_protocol(error: ParaphError) -> Response:
    """RFC 6749 section 5.2, with the word of section 4.1.2.1 for a server that is overloaded."""
    body = {"error": "temporarily_unavailable", "error_description": error.message}
    return JSONResponse(body, error.status, {**error.headers, "Cache-Control": "no-store", "Pragma": "no-cache"})
