"""The API described: /openapi.json for programs, /docs for people. Public, and the same for everybody."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from paraph.kit.http import Page, Visit, page, raw

from .docs_view import groups, parts
from .openapi import ApiDocument
from .openapi_parts import STATUSES

if TYPE_CHECKING:
    from starlette.requests import Request

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "public, max-age=3600",
    "X-Content-Type-Options": "nosniff",
}


@raw("/openapi.json", "GET", "HEAD")
async def openapi_json(request: Request, kit: Kit) -> Response:
    """Our own OpenAPI document; tools on other sites may read it."""
    return Response(kit.service(ApiDocument).content, headers=HEADERS, media_type="application/json")


@page("/docs", signed_in=False)
def show_docs(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The same document for people."""
    return Page("web/docs.html", {"statuses": STATUSES, **_shown(kit.service(ApiDocument))})


@cache
def _shown(told: ApiDocument) -> dict[str, Any]:
    """What the page says; made once, for it never changes while the server runs."""
    document = told.document
    shown = groups(document)
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]
    return {
        "about": document["info"]["description"],
        "base": told.public_url,
        "groups": shown,
        "parts": parts(document, shown),
        "scopes": flow["scopes"],
    }
