"""Which app calls: client credentials from the Basic header or the body, never both (RFC 6749 section 2.3)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from paraph.apps import App, CallingApp, find_app, secret_matches

from .authorization_checks import is_client_id
from .errors import InvalidClient, InvalidTokenRequest

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the caller sent to say who it is; either part may be missing."""

    client_id: str | None
    secret: str | None

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r})"


def read_credentials(authorization: Sequence[str], parameters: Mapping[str, str]) -> Credentials:
    """Return the client credentials of a request; raises InvalidTokenRequest or InvalidClient.

    A header of another scheme is no client authentication and is ignored: some clients add their API token to every
    call.
    """
    if "client_assertion" in parameters or "client_assertion_type" in parameters:
        raise InvalidClient("Client assertions are not supported; send the client_secret.")
    basic = [value for value in authorization if value.partition(" ")[0].lower() == "basic"]
    if len(authorization) > 1:
        raise InvalidTokenRequest("Send one Authorization header, not several.")
    in_body = Credentials(parameters.get("client_id"), parameters.get("client_secret"))
    if not basic:
        return in_body
    in_header = _basic(basic[0])
    if in_body.secret is not None or in_body.client_id not in (None, in_header.client_id):
        raise InvalidTokenRequest("Send the client credentials in the Authorization header or in the body, not both.")
    return in_header


def authenticated_app(
    tx: WriteTx,
    credentials: Credentials,
    *,
    kit: Kit,
    likely: CallingApp | None = None,
    secret_optional: bool = False,
) -> App:
    """Return the app whose id and secret these are; raises InvalidClient.

    A secret that was sent is always checked (R9). Public clients (native apps) have none to keep, so theirs may be
    left out; ``secret_optional`` is for callers that decide for themselves whether it may be. ``likely`` is read
    already, and is asked for no more if it is the one.
    """
    client_id = credentials.client_id or ""
    is_likely = likely is not None and likely.app.client_id == client_id
    app = likely.app if is_likely and likely else _found(tx, client_id)
    if credentials.secret is None and (secret_optional or app.is_native):
        return app
    if credentials.secret is None:
        raise InvalidClient
    prove = likely.proves if is_likely and likely else partial(secret_matches, app=app)
    if not prove(tx, secret=credentials.secret, kit=kit):
        raise InvalidClient
    return app


def _found(tx: WriteTx, client_id: str) -> App:
    app = find_app(tx, client_id) if is_client_id(client_id) else None
    if app is None:
        raise InvalidClient
    return app


def _basic(header: str) -> Credentials:
    """Section 2.3.1: id and secret are form-encoded before they are joined, so that a colon in one is no border."""
    try:
        text = base64.b64decode(header.partition(" ")[2].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise InvalidClient("The Basic credentials cannot be read.") from error
    client_id, colon, secret = text.partition(":")
    if not colon or not client_id:
        raise InvalidClient("The Basic credentials must be client_id:client_secret.")
    return Credentials(unquote_plus(client_id), unquote_plus(secret) or None)
