"""Refresh an access token (RFC 6749 section 6), in two profiles.

``walkthrough``: as the vendor documents it, the refresh token stays good, and client credentials may be left out
unless the app says otherwise. ``standard`` and public clients: the refresh token is rotated, and using an old one
ends the whole grant (RFC 9700 section 4.14.2); within a short window the same request gets the same answer, so that
a lost answer or two workers at once do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Row, bindparam, select, update

from paraph.accounts import with_account
from paraph.apps import App, CallingApp, calling_app, with_app
from paraph.kit.crypto import token_hash
from paraph.kit.db import Guarded, Lookup, Utc

from .audit import record
from .client_auth import Credentials, authenticated_app
from .errors import InvalidClient, InvalidGrant, ScopeBeyondGrant
from .issue import (
    ACCESS_TOKEN_ROW,
    REFRESH_TOKEN_ROW,
    Grant,
    Tokens,
    issue_access_token,
    new_access_token,
    new_refresh_token,
)
from .models import oauth_access_tokens
from .models import oauth_grants as grants
from .models import oauth_refresh_tokens as refresh_tokens
from .notify import tell_user_of_reuse
from .revoke import revoke_grant

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import Asked, WriteTx

    from .exchange import TokenRequest

RETRY_SECONDS = 10
"""A rotated token gets its own answer again for so long; nothing new is made."""

IDLE_SECONDS = 90 * 86_400
ABSOLUTE_SECONDS = 365 * 86_400
"""Life of a rotated grant that is not used, and at most (R12); walkthrough grants live until they are revoked."""

SEAL_PURPOSE = "oauth-refresh-answer"


class _Answer(msgspec.Struct, frozen=True):
    """What a rotation answered, sealed beside the old token for the retry window."""

    scope: str | None
    access_token: str
    refresh_token: str
    expires_in: int
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class _Presented:
    """A refresh token that exists, and the app it was given to."""

    token: Any
    of: CallingApp


@dataclass(frozen=True, slots=True)
class Refreshing:
    """A refresh token that exists, its grant, and the app it was given to."""

    token: Row[Any]
    app: App
    grant: Grant
    credentials: Credentials
    scope: str | None
    now: int

    @property
    def rotates(self) -> bool:
        return self.app.profile == "standard" or self.app.is_native


class DeadRefreshToken(InvalidGrant):
    def __init__(self) -> None:
        super().__init__("The refresh token is unknown, has expired or was revoked. Ask the user again.")


class RefreshTokenReused(InvalidGrant):
    def __init__(self) -> None:
        super().__init__(
            "This refresh token was replaced before, so all tokens of its grant are revoked. Ask the user again.",
            keeps_writes=True,
        )


class WrongAppsToken(InvalidGrant):
    def __init__(self) -> None:
        super().__init__("The refresh token was given to another app and has been revoked.", keeps_writes=True)


_FOUND = select(
    refresh_tokens.c.id,
    refresh_tokens.c.grant_pk,
    refresh_tokens.c.used_at,
    refresh_tokens.c.created_at,
    grants.c.app_pk,
    grants.c.account_pk.label("owner_pk"),
    grants.c.scopes,
    grants.c.status,
    grants.c.granted_at,
).join(grants, grants.c.id == refresh_tokens.c.grant_pk)
_PRESENTED = Lookup(with_app(with_account(_FOUND, grants.c.account_pk), grants.c.app_pk), refresh_tokens.c.token_hash)
_ROTATED = Guarded(
    update(refresh_tokens)
    .where(refresh_tokens.c.id == bindparam("presented_pk"), refresh_tokens.c.used_at.is_(None))
    .values(used_at=bindparam("now", type_=Utc()), answer=bindparam("sealed", type_=refresh_tokens.c.answer.type)),
    {oauth_access_tokens: ACCESS_TOKEN_ROW, refresh_tokens: REFRESH_TOKEN_ROW},
)


def refresh_asked(request: TokenRequest) -> Asked | None:
    """What ``refresh`` looks up first."""
    token = request.parameters.get("refresh_token")
    return None if token is None else _PRESENTED.asked(token_hash(token))


def refresh(tx: WriteTx, request: TokenRequest, *, kit: Kit) -> tuple[Tokens, str]:
    """Return new tokens and the id of the account; raises TokenError.

    Reuse of a rotated token, and another app's use of one, revoke the grant although the request fails.
    """
    rows = _PRESENTED.found(tx, token_hash(request.required("refresh_token")))
    presented = _Presented(rows[0], calling_app(rows)) if rows else None
    _authenticate(tx, request.credentials, presented, kit=kit)
    if presented is None:
        raise DeadRefreshToken
    refreshing = _refreshing(presented, request, kit.clock.now())
    for check in CHECKS:
        check(refreshing)
    scopes = _asked_scopes(refreshing)
    if refreshing.token.used_at is not None:
        return _again(tx, refreshing, request, kit=kit), presented.token.account_id
    if refreshing.rotates:
        return _rotate(tx, refreshing, scopes, request, kit=kit), presented.token.account_id
    return _renew(tx, refreshing, scopes, request, kit=kit), presented.token.account_id


def _authenticate(tx: WriteTx, credentials: Credentials, presented: _Presented | None, *, kit: Kit) -> None:
    """Credentials that are sent are always checked; who may leave them out, the token's app decides (C7, R8, R9)."""
    if credentials.client_id is None:
        if credentials.secret is None:
            return
        if presented is None:
            raise InvalidClient
        credentials = Credentials(presented.of.app.client_id, credentials.secret)
    likely = presented.of if presented else None
    app = authenticated_app(tx, credentials, kit=kit, likely=likely, secret_optional=True)
    if presented is None or app.pk == presented.of.app.pk:
        return
    found = presented.token
    if credentials.secret is not None and found.status == "active":
        # an app that proved who it is holds another app's token: it has leaked (R7)
        now, owner = kit.clock.now(), presented.of.app
        if revoke_grant(tx, found.grant_pk, "wrong_app", now):
            record(tx, "wrong_app", account_pk=found.owner_pk, app=owner, now=now, grant_pk=found.grant_pk)
        raise WrongAppsToken
    raise DeadRefreshToken


def _refreshing(presented: _Presented, request: TokenRequest, now: int) -> Refreshing:
    found = presented.token
    grant = Grant(found.grant_pk, found.owner_pk, frozenset(found.scopes))
    scope = request.parameters.get("scope")
    return Refreshing(found, presented.of.app, grant, request.credentials, scope, now)


def _secret_was_sent_if_needed(refreshing: Refreshing) -> None:
    """Confidential clients authenticate (section 6), save in the walkthrough's documented call."""
    app = refreshing.app
    needed = app.refresh_needs_secret or app.profile == "standard"
    if needed and not app.is_native and refreshing.credentials.secret is None:
        raise InvalidClient


def _grant_is_alive(refreshing: Refreshing) -> None:
    """Revoked, and so rotated-then-revoked too (V43); pending ones are refused and nothing is used up (R15).

    A suspended person's rests as well, and is good again when the suspension ends.
    """
    rests = refreshing.app.is_suspended or refreshing.token.account_suspended_at is not None
    if refreshing.token.status != "active" or rests:
        raise DeadRefreshToken


def _scopes_are_unchanged(refreshing: Refreshing) -> None:
    """The walkthrough: works only as long as the access scopes have not been changed (B7)."""
    if not refreshing.grant.scopes <= refreshing.app.scopes:
        raise DeadRefreshToken


def _token_is_not_too_old(refreshing: Refreshing) -> None:
    if not refreshing.rotates or refreshing.token.used_at is not None:
        return
    idle = refreshing.now - refreshing.token.created_at
    if idle >= IDLE_SECONDS or refreshing.now - refreshing.token.granted_at >= ABSOLUTE_SECONDS:
        raise DeadRefreshToken


CHECKS = (
    _secret_was_sent_if_needed,
    _grant_is_alive,
    _scopes_are_unchanged,
    _token_is_not_too_old,
)


def _asked_scopes(refreshing: Refreshing) -> frozenset[str]:
    """Section 6: not beyond the grant; a narrower access token leaves the refresh token as it was (R10)."""
    if refreshing.scope is None:
        return refreshing.grant.scopes
    asked = frozenset(refreshing.scope.split(" ")) - {""}
    if not asked or not asked <= refreshing.grant.scopes:
        raise ScopeBeyondGrant
    return asked


def _renew(tx: WriteTx, refreshing: Refreshing, scopes: frozenset[str], request: TokenRequest, *, kit: Kit) -> Tokens:
    """The walkthrough's refresh: a new access token, the same refresh token."""
    if refreshing.credentials.secret is None:
        counted = {"bare_refreshes": grants.c.bare_refreshes + 1, "bare_refreshed_at": refreshing.now}
        tx.execute(update(grants).where(grants.c.id == refreshing.grant.pk).values(counted))
    access_token, expires_in = issue_access_token(tx, refreshing.app, refreshing.grant, scopes, kit=kit)
    return Tokens(access_token, request.required("refresh_token"), expires_in, scopes)


def _rotate(
    tx: WriteTx, refreshing: Refreshing, scopes: frozenset[str], request: TokenRequest, *, kit: Kit
) -> Tokens:
    """The compare-and-set decides between requests that arrive at once: one rotates, the others retry (R3, V1)."""
    access_token, access_row = new_access_token(refreshing.app, refreshing.grant, scopes, kit=kit)
    refresh_token, refresh_row = new_refresh_token(refreshing.grant, kit=kit)
    tokens = Tokens(access_token, refresh_token, access_row["lifetime"], scopes)
    answer = _Answer(
        refreshing.scope, tokens.access_token, tokens.refresh_token, tokens.expires_in, sorted(tokens.scopes)
    )
    sealed = kit.keyring.seal(SEAL_PURPOSE, msgspec.json.encode(answer))
    presented = {"presented_pk": refreshing.token.id, "now": refreshing.now, "sealed": sealed}
    if not _ROTATED.did(tx, **(presented | access_row | refresh_row)):
        return _again(tx, refreshing, request, kit=kit)
    return tokens


def _again(tx: WriteTx, refreshing: Refreshing, request: TokenRequest, *, kit: Kit) -> Tokens:
    """A used token came: within the window the same request gets the same answer, otherwise the grant ends."""
    stored = select(refresh_tokens.c.used_at, refresh_tokens.c.answer, grants.c.status)
    joined = stored.join(grants, grants.c.id == refresh_tokens.c.grant_pk)
    # read again: the rotation that won may have committed since this request looked
    row = tx.execute(joined.where(refresh_tokens.c.id == refreshing.token.id)).one()
    if row.status == "active" and row.answer is not None and refreshing.now < row.used_at + RETRY_SECONDS:
        answer = msgspec.json.decode(kit.keyring.unseal(SEAL_PURPOSE, row.answer), type=_Answer)
        if answer.scope == refreshing.scope:
            return Tokens(answer.access_token, answer.refresh_token, answer.expires_in, frozenset(answer.scopes))
    if revoke_grant(tx, refreshing.grant.pk, "refresh_reused", refreshing.now):
        record(
            tx,
            "refresh_reused",
            account_pk=refreshing.grant.account_pk,
            app=refreshing.app,
            now=refreshing.now,
            grant_pk=refreshing.grant.pk,
            client=request.client,
        )
        tell_user_of_reuse(tx, refreshing.grant.account_pk, refreshing.app, kit=kit)
    raise RefreshTokenReused
