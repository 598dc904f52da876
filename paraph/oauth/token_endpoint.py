"""What apps call: grant types, revocation and introspection as functions of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.faults import fault_point

from .client_auth import authenticated_app
from .errors import InvalidClient, UnsupportedGrantType
from .exchange import TokenRequest, code_asked, exchange_code
from .introspect import introspect
from .refresh import refresh, refresh_asked
from .revoke import revoke_token
from .wire import token_json

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import Asked, WriteTx

GRANT_TYPES = {"authorization_code": exchange_code, "refresh_token": refresh}
"""``grant_type`` alone decides; the ``refresh`` in the documented address does not (C18)."""


_ASKED = {"authorization_code": code_asked, "refresh_token": refresh_asked}


def tokens_asked(request: TokenRequest) -> Asked | None:
    """What ``give_tokens`` looks up first."""
    asks = _ASKED.get(request.parameters.get("grant_type", ""))
    return asks(request) if asks else None


def give_tokens(tx: WriteTx, request: TokenRequest, kit: Kit) -> dict[str, Any]:
    """POST /oauth/token (RFC 6749 section 3.2); raises TokenError."""
    grant_type = request.required("grant_type")
    if grant_type not in GRANT_TYPES:
        raise UnsupportedGrantType
    tokens, account_id = GRANT_TYPES[grant_type](tx, request, kit=kit)
    fault_point("token.recorded", grant_type)
    return token_json(tokens, account_id=account_id, state=request.parameters.get("state"))


def revoke(tx: WriteTx, request: TokenRequest, kit: Kit) -> dict[str, Any]:
    """POST /oauth/revoke (RFC 7009): the answer is the same whether there was anything to revoke or not."""
    app = authenticated_app(tx, request.credentials, kit=kit)
    revoke_token(tx, app, request.required("token"), kit=kit)
    return {}


def tell_about(tx: WriteTx, request: TokenRequest, kit: Kit) -> dict[str, Any]:
    """POST /oauth/introspect (RFC 7662); who cannot keep a secret cannot prove who it is, and is told nothing."""
    if request.credentials.secret is None:
        raise InvalidClient
    app = authenticated_app(tx, request.credentials, kit=kit)
    return introspect(tx, app, request.required("token"), kit=kit)
