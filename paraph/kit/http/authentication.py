"""Read the Authorization header; let the rooms that own keys and tokens say who it is."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.kit.caller import Caller, Client
from paraph.kit.db import Asked, ReadTx, WriteTx
from paraph.kit.errors import BadRequest, Forbidden, Unauthorized

if TYPE_CHECKING:
    from paraph.kit import Kit

    from .operation import Operation

_NO_TOKEN = re.compile(r'[\s,"]')
NO_CREDENTIALS = "Unauthorized user. No credentials supplied."


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The caller, and what to record about the use of the credential, if anything is due."""

    caller: Caller
    touch: Callable[[WriteTx], None] | None = None


Scheme = Callable[[ReadTx, str, Client, "Kit"], Authenticated]
Asks = Callable[[str, "Kit"], Asked]
SessionScheme = Callable[[ReadTx, str, Client, "Kit"], Authenticated | None]


@dataclass(frozen=True)
class Schemes:
    """How each kind of credential is looked up; registered by ``main``.

    A scheme raises Unauthorized for a credential that is unknown or dead. What it looks up first can be asked ahead.
    """

    api_key: Scheme
    api_key_asked: Asks
    bearer: Scheme
    bearer_asked: Asks
    session: SessionScheme


@dataclass(frozen=True, slots=True)
class Credential:
    """What the header holds: ``kind`` is ``api_key`` or ``bearer``."""

    kind: str
    value: str


def read_credential(headers: list[str], issuer: str) -> Credential:
    """Return the one credential of a request (RFC 6750 section 2.1, RFC 7617).

    No header, or a scheme we do not know: 401. Two headers, or a malformed one: 400.
    """
    if not headers:
        raise Unauthorized(NO_CREDENTIALS, headers=_challenge(issuer))
    if len(headers) > 1:
        raise BadRequest("Send one Authorization header, not several.")
    scheme, space, value = headers[0].partition(" ")
    if scheme.lower() == "bearer" and space:
        return Credential("bearer", _bearer_token(value))
    if scheme.lower() == "basic" and space:
        return Credential("api_key", _basic_user(value, issuer))
    raise Unauthorized(NO_CREDENTIALS, headers=_challenge(issuer))


def asked_ahead(credential: Credential, schemes: Schemes, kit: Kit) -> Asked:
    """Return what ``authenticate`` will look up first."""
    asks = schemes.api_key_asked if credential.kind == "api_key" else schemes.bearer_asked
    return asks(credential.value, kit)


def authenticate(
    tx: ReadTx, credential: Credential, operation: Operation, client: Client, schemes: Schemes, kit: Kit
) -> Authenticated:
    """Return who calls, having checked that the credential may call ``operation`` at all."""
    if credential.kind == "api_key":
        return schemes.api_key(tx, credential.value, client, kit)
    found = schemes.bearer(tx, credential.value, client, kit)
    if not operation.scopes:
        raise Forbidden("This call needs an API key; it cannot be made with an access token.")
    if not operation.scopes & found.caller.scopes:
        needed = " ".join(sorted(operation.scopes))
        raise Forbidden(
            f"The access token lacks the scope for this call. It needs one of: {needed}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'},
        )
    return found


def _bearer_token(value: str) -> str:
    if not value or _NO_TOKEN.search(value):
        raise BadRequest("The Authorization header must be 'Bearer' followed by one space and one token.")
    return value


def _basic_user(value: str, issuer: str) -> str:
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise Unauthorized("The Basic credentials cannot be read.", headers=_challenge(issuer)) from error
    user, _, password = decoded.partition(":")
    if not user:
        raise Unauthorized(NO_CREDENTIALS, headers=_challenge(issuer))
    if password:
        raise Unauthorized("Unauthorized api key. Send the key as user name, with an empty password.")
    return user


def _challenge(issuer: str) -> dict[str, str]:
    metadata = f"{issuer}/.well-known/oauth-protected-resource"
    return {"WWW-Authenticate": f'Bearer realm="Paraph", resource_metadata="{metadata}"'}
