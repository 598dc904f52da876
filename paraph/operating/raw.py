"""Health and numbers for machines: no cookie is set, no template, no transaction of a request.

Also served by ``paraph worker --metrics-port`` (``worker_port``).
"""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response

from paraph.accounts import authenticate_session
from paraph.kit.http import raw
from paraph.kit.http.client import client_of, is_loopback
from paraph.kit.http.web import SESSION_COOKIE
from paraph.kit.log import log_failure

from .exposition import CONTENT_TYPE, exposition
from .readiness import DATABASE_SECONDS, readiness

if TYPE_CHECKING:
    from starlette.requests import Request

    from paraph.kit import Kit

NO_STORE = {"Cache-Control": "no-store"}


@raw("/healthz", "GET", "HEAD")
async def healthz(request: Request, kit: Kit) -> Response:
    """The process answers."""
    return PlainTextResponse("ok\n", headers=NO_STORE)


@raw("/readyz", "GET", "HEAD")
async def readyz(request: Request, kit: Kit) -> Response:
    """It can do its work, else 503; why not is told to operators and to this machine."""
    found = await readiness(kit)
    body = {"ready": found.is_ready} | (found.body if await _may_look(request, kit) else {})
    return JSONResponse(body, 200 if found.is_ready else 503, NO_STORE)


@raw("/metrics", "GET")
async def metrics(request: Request, kit: Kit) -> Response:
    """The numbers, for whoever has the token, or without one for this machine alone; others find nothing."""
    if kit.settings.metrics_token and not _has_token(request, kit):
        challenge = {"WWW-Authenticate": 'Bearer realm="Paraph metrics"'} | NO_STORE
        return PlainTextResponse("The bearer token of PARAPH_METRICS_TOKEN is needed.\n", 401, challenge)
    if not kit.settings.metrics_token and not is_loopback(request, kit.settings):
        return PlainTextResponse("Not found\n", 404, NO_STORE)
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            return Response(await exposition(kit), 200, NO_STORE, CONTENT_TYPE)
    except Exception:
        log_failure("metrics_not_read")
        return PlainTextResponse("The database does not answer.\n", 503, NO_STORE)


def _has_token(request: Request, kit: Kit) -> bool:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    wanted = kit.settings.metrics_token
    return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), wanted.encode())


async def _may_look(request: Request, kit: Kit) -> bool:
    if is_loopback(request, kit.settings) or (kit.settings.metrics_token and _has_token(request, kit)):
        return True
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return False
    client = client_of(request, kit.settings)
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            found = await kit.db.read(lambda tx: authenticate_session(tx, token, client, kit))
    except Exception:
        return False
    return found is not None and found.caller.is_operator
