"""Protocol endpoints that apps call: strict flat bodies in, JSON out, errors in the caller's dialect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from paraph.accounts import network_of
from paraph.kit import Kit
from paraph.kit.caller import Client
from paraph.kit.db import WriteTx
from paraph.kit.errors import ParaphError
from paraph.kit.faults import fault_point
from paraph.kit.http import Protocol, Reply, raw
from paraph.kit.http.client import client_of
from paraph.kit.http.failures import limit_headers, too_many, unexpected
from paraph.kit.http.headers import secure
from paraph.kit.http.render import render_plain
from paraph.kit.limits import Allowance
from paraph.kit.log import log
from paraph.kit.wire import FlatEncoding, TooLarge, error_body, flat_encoding, strict_flat
from paraph.kit.wire.body import read_all

from . import metadata, token_endpoint
from .answers import (
    IntrospectionAnswer,
    NothingAnswer,
    OneTokenBody,
    ResourceMetadata,
    ServerMetadata,
    TokenAnswer,
    TokenBody,
)
from .client_auth import Credentials, read_credentials
from .errors import InvalidTokenRequest
from .exchange import TokenRequest

WINDOW_SECONDS = 60
AUTHORIZE_BODY_BYTES = 64 * 1024
BARE_WORDS = frozenset({"", "refresh", "refresh="})
"""What the query of the token endpoint may be: the documented address of a refresh is ``/oauth/token?refresh``."""

# any page may call these: what counts is the client's secret, never a cookie (oauth.md A21)
CORS = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT = CORS | {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}
NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}

Verb = Callable[[WriteTx, TokenRequest, Kit], dict[str, Any]]


@raw("/oauth/token", "POST", told=Protocol("oauthToken", TokenAnswer, TokenBody))
async def token(request: Request, kit: Kit) -> Response:
    """RFC 6749 section 3.2."""
    return await _answer(request, kit, token_endpoint.give_tokens)


@raw("/v3/oauth/token", "POST", told=Protocol("oauthTokenBelowV3", TokenAnswer, TokenBody))
async def token_below_v3(request: Request, kit: Kit) -> Response:
    """The same, for SDKs that know one base address only."""
    return await _answer(request, kit, token_endpoint.give_tokens)


@raw("/oauth/revoke", "POST", told=Protocol("oauthRevoke", NothingAnswer, OneTokenBody))
async def revoke(request: Request, kit: Kit) -> Response:
    """RFC 7009 section 2."""
    return await _answer(request, kit, token_endpoint.revoke)


@raw("/oauth/introspect", "POST", told=Protocol("oauthIntrospect", IntrospectionAnswer, OneTokenBody))
async def introspect(request: Request, kit: Kit) -> Response:
    """RFC 7662 section 2."""
    return await _answer(request, kit, token_endpoint.tell_about)


@raw("/oauth/authorize", "POST")
async def authorize_by_post(request: Request, kit: Kit) -> Response:
    """The authorization request as a form (RFC 6749 section 3.1) goes on as the same request by GET.

    A post from the app's site brings no session cookie, so it can decide nothing; the GET that follows brings it.
    """
    try:
        body = await read_all(request.stream(), AUTHORIZE_BODY_BYTES)
    except TooLarge as error:
        return secure(JSONResponse(error_body(error), error.status))
    query = quote(body, safe="%&=+-._~!*'();:@/?,$")
    return secure(RedirectResponse(f"/oauth/authorize?{query}", 303))


@raw("/.well-known/oauth-authorization-server", "GET", told=Protocol("oauthServerMetadata", ServerMetadata))
async def server_metadata(request: Request, kit: Kit) -> Response:
    """RFC 8414 section 3; the public address, and so the issuer, never has a path."""
    return _published(metadata.authorization_server(kit.settings.public_url))


@raw("/.well-known/oauth-protected-resource", "GET", told=Protocol("oauthResourceMetadata", ResourceMetadata))
async def resource_metadata(request: Request, kit: Kit) -> Response:
    """RFC 9728 section 3."""
    return _published(metadata.protected_resource(kit.settings.public_url, kit.settings.public_url))


@raw("/.well-known/oauth-protected-resource/v3", "GET", told=Protocol("oauthApiMetadata", ResourceMetadata))
async def api_metadata(request: Request, kit: Kit) -> Response:
    """RFC 9728 section 3.1, for the API's own address."""
    return _published(metadata.protected_resource(kit.settings.public_url, f"{kit.settings.public_url}/v3"))


async def _preflight(request: Request, kit: Kit) -> Response:
    return Response(status_code=204, headers=PREFLIGHT)


_OPEN_TO_PAGES = (
    "/oauth/token",
    "/v3/oauth/token",
    "/oauth/revoke",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
)
token_preflight, v3_preflight, revoke_preflight, server_preflight, resource_preflight = (
    raw(path, "OPTIONS")(_preflight) for path in _OPEN_TO_PAGES
)


async def _answer(request: Request, kit: Kit, verb: Verb) -> Response:
    """Every answer has the rate-limit headers; every failure is JSON in the dialect of the request (C2, C20)."""
    encoding = flat_encoding(request.headers.get("content-type"))
    limit = kit.settings.api_rate_limit
    key = f"oauth:{network_of(client_of(request, kit.settings).address)}"
    allowance: Allowance | None = None
    try:
        allowance = await kit.limits.take(key, limit, WINDOW_SECONDS)
        if not allowance.allowed:
            raise too_many(allowance, kit.clock.now())
        response: Response = await render_plain(Reply(await _run(request, kit, verb)), kit)
    except ParaphError as error:
        response = _failure(error, encoding)
    except Exception:
        unexpected(request.url.path)
        response = _failure(_try_again(), encoding)
    for name, value in (limit_headers(allowance) if allowance else {}).items():
        response.headers.setdefault(name, value)
    response.headers.update(NOT_STORED | CORS)
    log("oauth_call", endpoint=request.url.path, status=response.status_code)
    return response


async def _run(request: Request, kit: Kit, verb: Verb) -> dict[str, Any]:
    if request.scope["query_string"].decode("latin-1") not in BARE_WORDS:
        raise InvalidTokenRequest("Send parameters in the body, not in the address.")
    parameters, _ = await strict_flat(request.stream(), content_type=request.headers.get("content-type"))
    credentials = read_credentials(request.headers.getlist("authorization"), parameters)
    client = client_of(request, kit.settings)
    await _count_app(credentials, client, kit)
    asked = TokenRequest(parameters, credentials, client)
    ahead = token_endpoint.tokens_asked(asked) if verb is token_endpoint.give_tokens else None
    answer = await kit.db.write(lambda tx: verb(tx, asked, kit), ahead=ahead)
    fault_point("token.committed", parameters.get("grant_type", ""))
    return answer


async def _count_app(credentials: Credentials, client: Client, kit: Kit) -> None:
    """Count the call against the app, from whatever networks it calls; raises TooManyRequests.

    Who knows only the id of an app must not use up its calls: with each secret goes a counter of its own, and an app
    that has none is counted for each network.
    """
    if credentials.client_id is None:
        return
    knows = credentials.secret if credentials.secret is not None else network_of(client.address)
    hashed = hashlib.sha256(f"{credentials.client_id}:{knows}".encode("utf-8", "surrogatepass")).hexdigest()
    limit = kit.settings.token_rate_limit or kit.settings.api_rate_limit
    allowance = await kit.limits.take(f"oauth-app:{hashed}", limit, WINDOW_SECONDS)
    if not allowance.allowed:
        refused = too_many(allowance, kit.clock.now())
        refused.headers |= limit_headers(allowance)
        raise refused


def _failure(error: ParaphError, encoding: FlatEncoding) -> Response:
    """Forms speak RFC 6749 section 5.2; JSON and multipart come from clients that read the vendor's envelope."""
    if encoding != "form":
        return JSONResponse(error_body(error), error.status, error.headers)
    body = {"error": error.name, "error_description": _description(error.message)}
    return JSONResponse(body, error.status, error.headers)


def _description(text: str) -> str:
    """Only the characters that section 5.2 allows."""
    return "".join(ch if " " <= ch <= "~" and ch not in '"\\' else "'" for ch in text)


def _try_again() -> ParaphError:
    # above all never "revoked" when it may not be so (RFC 7009 section 2.2.1, oauth.md R6)
    return ParaphError(
        "This server cannot answer just now. Try again in a few seconds.",
        name="temporarily_unavailable",
        status=503,
        headers={"Retry-After": "5"},
    )


def _published(document: dict[str, Any]) -> Response:
    return JSONResponse(document, headers=CORS | {"Cache-Control": "public, max-age=3600"})
