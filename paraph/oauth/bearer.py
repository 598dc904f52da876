"""Who an access token speaks for: one indexed join, nothing cached, so a revocation counts at once (S10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, column, or_, select, table, update

from paraph.accounts import keep_account, with_account
from paraph.kit.caller import Caller, Client
from paraph.kit.crypto import fingerprint_of, token_hash
from paraph.kit.db import Lookup, Prepared
from paraph.kit.errors import Unauthorized
from paraph.kit.http import Authenticated

from .models import oauth_access_tokens as tokens
from .models import oauth_grants as grants

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import Asked, ReadTx, WriteTx

TOUCH_SECONDS = 60
"""How exact "last used" is: a busy token writes at most once a minute."""

NOT_VALID = (
    "The access token is not valid: it is unknown, has expired or was revoked. Refresh it, or ask the user again."
)

# joined by name, as the foreign keys are: this runs on every API call and must be one round trip
_apps = table("api_apps", column("id"), column("client_id"), column("suspended_at"))

_FOUND = (
    select(
        tokens.c.id,
        tokens.c.scopes,
        tokens.c.expires_at,
        tokens.c.revoked_at,
        tokens.c.grant_pk,
        grants.c.status,
        grants.c.last_used_at,
        grants.c.app_pk,
        _apps.c.client_id,
        _apps.c.suspended_at,
    )
    .join(grants, grants.c.id == tokens.c.grant_pk)
    .join(_apps, _apps.c.id == grants.c.app_pk)
)
_PRESENTED = Lookup(with_account(_FOUND, grants.c.account_pk), tokens.c.token_hash)
_TOUCHED = Prepared(
    update(grants)
    .where(
        grants.c.id == bindparam("grant_pk"),
        or_(grants.c.last_used_at.is_(None), grants.c.last_used_at <= bindparam("stale")),
    )
    .values(last_used_at=bindparam("now"))
)


def bearer_asked(token: str, _kit: Kit) -> Asked:
    """What ``authenticate_bearer`` looks up."""
    return _PRESENTED.asked(token_hash(token))


def authenticate_bearer(tx: ReadTx, token: str, client: Client, kit: Kit) -> Authenticated:
    """Return the account and app that ``token`` speaks for (RFC 6750).

    Raises Unauthorized with one and the same text for an unknown, expired or revoked token (S2); for a pending one
    of account/create the text says what is still missing (M13). An app never gets its user's operator rights.
    """
    now = kit.clock.now()
    hashed = token_hash(token)
    row = _PRESENTED.found_one(tx, hashed)
    if row is None or not _is_within_life(row, now):
        raise _refused(NOT_VALID, kit)
    if row.status == "pending":
        raise _refused(_what_is_missing(row), kit)
    keep_account(tx, row)
    caller = Caller(
        kind="bearer",
        account_pk=row.account_pk,
        account_id=row.account_id,
        email_address=row.email_address,
        client=client,
        credential_pk=row.id,
        credential=fingerprint_of(hashed),
        app_pk=row.app_pk,
        client_id=row.client_id,
        scopes=frozenset(row.scopes),
        is_confirmed=row.confirmed_at is not None,
    )
    due = row.last_used_at is None or row.last_used_at <= now - TOUCH_SECONDS
    return Authenticated(caller, (lambda write: _touch(write, row.grant_pk, now)) if due else None)


def _is_within_life(row: Row[Any], now: int) -> bool:
    if row.revoked_at is not None or row.suspended_at is not None or row.status == "revoked":
        return False
    return bool(row.expires_at > now)


def _what_is_missing(row: Row[Any]) -> str:
    if row.confirmed_at is None:
        missing = (
            "its user has not confirmed the account (the link is in the mail we sent) and has not authorized the app"
        )
    else:
        missing = "its user has confirmed the account but has not authorized the app"
    return f"This access token does not work yet: {missing}."


def _refused(message: str, kit: Kit) -> Unauthorized:
    metadata = f"{kit.settings.public_url}/.well-known/oauth-protected-resource"
    challenge = f'Bearer realm="Paraph", error="invalid_token", resource_metadata="{metadata}"'
    return Unauthorized(message, headers={"WWW-Authenticate": challenge})


def _touch(tx: WriteTx, grant_pk: int, now: int) -> None:
    _TOUCHED.changed(tx, grant_pk=grant_pk, stale=now - TOUCH_SECONDS, now=now)
