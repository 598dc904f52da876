"""JSON in and out of the OAuth endpoints."""

from __future__ import annotations

from typing import Any

from paraph.kit.wire import Email, Request

from .issue import Tokens


class AccountCreateRequest(Request):
    """Schema AccountCreateRequest."""

    email_address: Email
    client_id: str | None = None
    client_secret: str | None = None
    locale: str | None = None


def token_json(tokens: Tokens, *, account_id: str, state: str | None) -> dict[str, Any]:
    """RFC 6749 section 5.1 and schema OAuthTokenResponse, with the walkthrough's ``account_id``.

    ``state`` is echoed when it was sent; ``scope`` always says what the access token may do (C12).
    """
    body: dict[str, Any] = oauth_data_json(tokens) | {"account_id": account_id}
    if state is not None:
        body["state"] = state
    return body | {"scope": tokens.scope}


def oauth_data_json(tokens: Tokens) -> dict[str, Any]:
    """The ``oauth_data`` of account/create."""
    return {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh_token,
    }
