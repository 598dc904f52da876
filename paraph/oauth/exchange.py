"""Exchange a code for tokens (RFC 6749 section 4.1.3), exactly once; the order of the checks is data."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, select, update

from paraph.accounts import with_account
from paraph.apps import calling_app, with_app
from paraph.kit.crypto import token_hash
from paraph.kit.db import GuardedChain, Lookup

from .audit import audit_row, record, tell_of
from .client_auth import Credentials, authenticated_app
from .errors import InvalidGrant, InvalidTokenRequest
from .issue import ACCESS_TOKEN_ROW, REFRESH_TOKEN_ROW, Grant, Tokens, new_grant, new_pair
from .models import oauth_access_tokens, oauth_audit, oauth_grants, oauth_refresh_tokens
from .models import oauth_codes as codes
from .pkce import verifies
from .revoke import revoke_grant

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import Asked, WriteTx

WRONG_VERIFIERS = 3
"""A code is dead after so many wrong proofs (T14)."""

_FOUND = select(
    codes.c.id,
    codes.c.app_pk,
    codes.c.redirect_uri,
    codes.c.state,
    codes.c.scopes,
    codes.c.code_challenge,
    codes.c.expires_at,
    codes.c.wrong_verifiers,
    codes.c.used_at,
)
_PRESENTED = Lookup(with_app(with_account(_FOUND, codes.c.account_pk), codes.c.app_pk), codes.c.code_hash)
_GRANT_ROW = ("account_pk", "app_pk", "status", "created_at", "pending_until", "granted_at")
_AUDIT_ROW = ("account_pk", "app_pk", "client_id", "kind", "address", "created_at", "grant_pk")
_REDEEMED = GuardedChain(
    free=(codes.c.id == bindparam("code_pk", type_=codes.c.id.type)) & codes.c.used_at.is_(None),
    marks={codes.c.used_at: "created_at"},
    made=(oauth_grants, {name: name for name in _GRANT_ROW} | {"scopes": "granted_scopes"}),
    kept_in=codes.c.grant_pk,
    hanging=(
        "grant_pk",
        {
            oauth_audit: {name: name for name in _AUDIT_ROW} | {"scopes": "audited_scopes"},
            oauth_access_tokens: ACCESS_TOKEN_ROW,
            oauth_refresh_tokens: REFRESH_TOKEN_ROW,
        },
    ),
)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request to the token endpoint: its parameters, the client credentials found in it, and from where it came."""

    parameters: Mapping[str, str]
    credentials: Credentials
    client: Client

    def required(self, name: str) -> str:
        """Return a parameter; raises InvalidTokenRequest when it was not sent."""
        value = self.parameters.get(name)
        if value is None:
            raise InvalidTokenRequest(f"{name} is missing.", path=name)
        return value


@dataclass(frozen=True, slots=True)
class Redemption:
    """A code that exists, and the app that brought it."""

    code: Row[Any]
    app: App
    parameters: Mapping[str, str]
    now: int


class DeadCode(InvalidGrant):
    def __init__(self) -> None:
        super().__init__("The code is unknown, has expired, or was given to another app.")


class CodeUsedAgain(InvalidGrant):
    def __init__(self) -> None:
        super().__init__(
            "This code was used before, so what it gave has been revoked. Ask the user again.", keeps_writes=True
        )


class WrongVerifier(InvalidGrant):
    def __init__(self) -> None:
        super().__init__("The code_verifier is wrong, or is missing.", keeps_writes=True)


def code_asked(request: TokenRequest) -> Asked | None:
    """What ``exchange_code`` looks up first."""
    code = request.parameters.get("code")
    return None if code is None else _PRESENTED.asked(token_hash(code))


def exchange_code(tx: WriteTx, request: TokenRequest, *, kit: Kit) -> tuple[Tokens, str]:
    """Return the tokens for a code and the id of the account; raises TokenError.

    A second use revokes what the first gave (RFC 6749 section 4.1.2, RFC 9700 section 4.5): that revocation is kept
    although the request fails. A wrong proof of possession counts against the code.
    """
    code = request.required("code")
    rows = _PRESENTED.found(tx, token_hash(code))
    app = authenticated_app(tx, request.credentials, kit=kit, likely=calling_app(rows) if rows else None)
    row = rows[0] if rows else None
    if row is None or row.app_pk != app.pk:
        raise DeadCode
    redemption = Redemption(row, app, request.parameters, kit.clock.now())
    try:
        for check in CHECKS:
            check(redemption)
        return _redeem(tx, redemption, request.client, kit=kit), row.account_id
    except CodeUsedAgain:
        _revoke_what_it_gave(tx, redemption, request.client)
        raise
    except WrongVerifier:
        tx.execute(update(codes).where(codes.c.id == row.id).values(wrong_verifiers=codes.c.wrong_verifiers + 1))
        raise


def _code_is_unused(redemption: Redemption) -> None:
    """First of all, so that a replay is noticed even when the code has expired since."""
    if redemption.code.used_at is not None:
        raise CodeUsedAgain


def _code_is_alive(redemption: Redemption) -> None:
    if redemption.code.expires_at <= redemption.now or redemption.code.wrong_verifiers >= WRONG_VERIFIERS:
        raise DeadCode


def _app_still_may(redemption: Redemption) -> None:
    """What changed since consent counts: suspension of either side, and scopes the app no longer has."""
    suspended = redemption.app.is_suspended or redemption.code.account_suspended_at is not None
    if suspended or not frozenset(redemption.code.scopes) <= redemption.app.scopes:
        raise InvalidGrant("The app can no longer be given what the user consented to. Ask the user again.")


def _redirect_uri_agrees(redemption: Redemption) -> None:
    """Section 4.1.3: checked when sent; the walkthrough leaves it out, and OAuth 2.1 dropped it (C13)."""
    sent = redemption.parameters.get("redirect_uri")
    if sent is not None and sent != redemption.code.redirect_uri:
        raise InvalidGrant("The redirect_uri is not the one the user was sent back to.")


def _state_agrees(redemption: Redemption) -> None:
    """The vendor's parameter: checked when sent (C3)."""
    sent = redemption.parameters.get("state")
    if sent is None:
        return
    if not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), redemption.code.state or b""):
        raise InvalidGrant("The state is not the one of the authorization request.")


def _verifier_agrees(redemption: Redemption) -> None:
    """RFC 7636 section 4.6; a verifier without a challenge is a downgrade attack (RFC 9700 section 4.8.2)."""
    verifier, challenge = redemption.parameters.get("code_verifier"), redemption.code.code_challenge
    if challenge is None:
        if verifier is not None:
            raise InvalidGrant("There was no code_challenge in the authorization request.")
    elif verifier is None or not verifies(verifier, challenge):
        raise WrongVerifier


CHECKS = (
    _code_is_unused,
    _code_is_alive,
    _app_still_may,
    _redirect_uri_agrees,
    _state_agrees,
    _verifier_agrees,
)


def _redeem(tx: WriteTx, redemption: Redemption, client: Client, *, kit: Kit) -> Tokens:
    """The compare-and-set decides between requests that arrive at once: one gets the tokens (T6, V2, V3)."""
    code, app, now = redemption.code, redemption.app, redemption.now
    scopes = frozenset(code.scopes)
    grant = new_grant(account_pk=code.account_pk, app_pk=app.pk, scopes=scopes, now=now)
    entry = audit_row("granted", account_pk=code.account_pk, app=app, now=now, scopes=scopes, client=client)
    tokens, rows = new_pair(app, Grant(0, code.account_pk, scopes), kit=kit)
    named = {"granted_scopes": grant.pop("scopes"), "audited_scopes": entry.pop("scopes"), "code_pk": code.id}
    grant_pk = _REDEEMED.did(tx, used_pk=code.id, **(rows | grant | entry | named))
    if grant_pk is None:
        raise CodeUsedAgain
    tell_of(tx, "granted", app, grant_pk)
    return tokens


def _revoke_what_it_gave(tx: WriteTx, redemption: Redemption, client: Client) -> None:
    # read again: the request that won may have committed since this one looked
    grant_pk = tx.scalar(select(codes.c.grant_pk).where(codes.c.id == redemption.code.id))
    if grant_pk is not None and revoke_grant(tx, grant_pk, "code_reused", redemption.now):
        record(
            tx,
            "code_reused",
            account_pk=redemption.code.account_pk,
            app=redemption.app,
            now=redemption.now,
            grant_pk=grant_pk,
            client=client,
        )
