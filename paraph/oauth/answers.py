"""The shapes of what protocol endpoints take and answer, for our own OpenAPI document (paraph/web/openapi.py).

Only to describe: what is really checked, and in which order, stands in ``token_endpoint`` and ``exchange``.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

import msgspec

from paraph.accounts import AccountShape
from paraph.kit.wire import Notice


class OAuthData(TypedDict):
    """A pair of tokens."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str


class CreatedAccountAnswer(TypedDict):
    """The new account; with an app's credentials also tokens, which sleep until its owner has agreed."""

    account: AccountShape
    oauth_data: NotRequired[OAuthData]
    warnings: NotRequired[list[Notice]]


class TokenAnswer(TypedDict):
    """Tokens, what they may do, and for whom."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    account_id: str
    scope: str
    state: NotRequired[str]


class TokenBody(msgspec.Struct):
    """A code, or a refresh token, for tokens."""

    grant_type: Literal["authorization_code", "refresh_token"]
    client_id: str | None = None
    client_secret: str | None = None
    code: str | None = None
    state: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    refresh_token: str | None = None
    scope: str | None = None


class OneTokenBody(msgspec.Struct):
    """A token, and the app that asks."""

    token: str
    client_id: str | None = None
    client_secret: str | None = None
    token_type_hint: str | None = None


class NothingAnswer(TypedDict):
    """An empty object."""


class IntrospectionAnswer(TypedDict):
    """Whether an API call with the token would be let in now, and if so for whom; nothing more is said otherwise."""

    active: bool
    scope: NotRequired[str]
    client_id: NotRequired[str]
    username: NotRequired[str]
    token_type: NotRequired[str]
    exp: NotRequired[int]
    iat: NotRequired[int]
    sub: NotRequired[str]
    aud: NotRequired[str]
    iss: NotRequired[str]


class ServerMetadata(TypedDict):
    """RFC 8414 section 2."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool
    scopes_supported: list[str]
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    protected_resources: list[str]


class ResourceMetadata(TypedDict):
    """RFC 9728 section 2."""

    resource: str
    authorization_servers: list[str]
    scopes_supported: list[str]
    bearer_methods_supported: list[str]
