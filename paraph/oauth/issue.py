"""Make grants, codes and tokens. Each secret leaves once; only its hash stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paraph.apps import in_order
from paraph.kit import ids
from paraph.kit.crypto import token_hash
from paraph.kit.db import prepared_insert

from .models import oauth_access_tokens, oauth_codes, oauth_grants, oauth_refresh_tokens

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

CODE_PREFIX = "pc_"
ACCESS_PREFIX = "pa_"
REFRESH_PREFIX = "pr_"
LONGEST_ACCESS_SECONDS = 86_400
PENDING_SECONDS = 30 * 86_400
"""How long a pair of account/create waits for its user."""

ACCESS_TOKEN_ROW = {
    "token_hash": "access_hash",
    "account_pk": "account_pk",
    "grant_pk": "grant_pk",
    "scopes": "scopes",
    "lifetime": "lifetime",
    "created_at": "created_at",
    "expires_at": "expires_at",
}
REFRESH_TOKEN_ROW = {
    "token_hash": "refresh_hash",
    "account_pk": "account_pk",
    "grant_pk": "grant_pk",
    "created_at": "created_at",
}
"""Columns, and the names of their values: a rotation inserts both rows in one statement."""

_ACCESS_TOKEN = prepared_insert(oauth_access_tokens, ACCESS_TOKEN_ROW)
_REFRESH_TOKEN = prepared_insert(oauth_refresh_tokens, REFRESH_TOKEN_ROW)


@dataclass(frozen=True, slots=True)
class Consented:
    """What a person allowed, and what the code made from it is bound to."""

    app: App
    account_pk: int
    redirect_uri: str
    state: bytes | None
    scopes: frozenset[str]
    code_challenge: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant, as the verbs that make tokens see it; ``pending_until`` while it waits for its user's consent."""

    pk: int
    account_pk: int
    scopes: frozenset[str]
    pending_until: int | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an app is given: ``expires_in`` in seconds; ``scopes`` those of the access token."""

    access_token: str
    refresh_token: str
    expires_in: int
    scopes: frozenset[str]

    @property
    def scope(self) -> str:
        return " ".join(in_order(self.scopes))


def issue_code(tx: WriteTx, consented: Consented, *, kit: Kit) -> str:
    """Return a code for what was just consented to; it lives ``authorization_code_seconds``."""
    code, now = ids.opaque_token(CODE_PREFIX), kit.clock.now()
    row = {
        "code_hash": token_hash(code),
        "account_pk": consented.account_pk,
        "app_pk": consented.app.pk,
        "redirect_uri": consented.redirect_uri,
        "state": consented.state,
        "scopes": in_order(consented.scopes),
        "code_challenge": consented.code_challenge,
        "created_at": now,
        "expires_at": now + kit.settings.authorization_code_seconds,
    }
    tx.insert(oauth_codes, row)
    return code


def open_grant(
    tx: WriteTx, *, account_pk: int, app_pk: int, scopes: frozenset[str], now: int, pending: bool = False
) -> Grant:
    """Return a new grant, active at once or waiting for its user."""
    row = new_grant(account_pk=account_pk, app_pk=app_pk, scopes=scopes, now=now, pending=pending)
    return Grant(tx.insert(oauth_grants, row), account_pk, scopes, row["pending_until"])


def new_grant(
    *, account_pk: int, app_pk: int, scopes: frozenset[str], now: int, pending: bool = False
) -> dict[str, Any]:
    """Return the row of a grant that is not recorded yet."""
    return {
        "account_pk": account_pk,
        "app_pk": app_pk,
        "scopes": in_order(scopes),
        "status": "pending" if pending else "active",
        "created_at": now,
        "pending_until": now + PENDING_SECONDS if pending else None,
        "granted_at": None if pending else now,
    }


def issue_pair(tx: WriteTx, app: App, grant: Grant, *, kit: Kit) -> Tokens:
    """Return the first access and refresh token of a grant."""
    tokens, row = new_pair(app, grant, kit=kit)
    _ACCESS_TOKEN.changed(tx, **row)
    _REFRESH_TOKEN.changed(tx, **row)
    return tokens


def new_pair(app: App, grant: Grant, *, kit: Kit) -> tuple[Tokens, dict[str, Any]]:
    """Return the first tokens of a grant, not recorded yet, and both rows in one: what they share is the same."""
    access_token, access_row = new_access_token(app, grant, grant.scopes, kit=kit)
    refresh_token, refresh_row = new_refresh_token(grant, kit=kit)
    return Tokens(access_token, refresh_token, access_row["lifetime"], grant.scopes), access_row | refresh_row


def issue_access_token(tx: WriteTx, app: App, grant: Grant, scopes: frozenset[str], *, kit: Kit) -> tuple[str, int]:
    """Return a token and its life in seconds, which begins when the grant does."""
    token, row = new_access_token(app, grant, scopes, kit=kit)
    _ACCESS_TOKEN.changed(tx, **row)
    return token, row["lifetime"]


def new_access_token(app: App, grant: Grant, scopes: frozenset[str], *, kit: Kit) -> tuple[str, dict[str, Any]]:
    """Return a token that is not recorded yet, and its row under the names of ``ACCESS_TOKEN_ROW``."""
    token, now = ids.opaque_token(ACCESS_PREFIX), kit.clock.now()
    lifetime = min(app.access_token_seconds or kit.settings.access_token_seconds, LONGEST_ACCESS_SECONDS)
    row = {
        "access_hash": token_hash(token),
        "account_pk": grant.account_pk,
        "grant_pk": grant.pk,
        "scopes": in_order(scopes),
        "lifetime": lifetime,
        "created_at": now,
        "expires_at": grant.pending_until or now + lifetime,
    }
    return token, row


def new_refresh_token(grant: Grant, *, kit: Kit) -> tuple[str, dict[str, Any]]:
    """Return a refresh token that is not recorded yet, and its row under the names of ``REFRESH_TOKEN_ROW``."""
    token = ids.opaque_token(REFRESH_PREFIX)
    row = {
        "refresh_hash": token_hash(token),
        "account_pk": grant.account_pk,
        "grant_pk": grant.pk,
        "created_at": kit.clock.now(),
    }
    return token, row
