"""Exchange a code for tokens (RFC 6749 section 4.1.3), exactly once; the order of the checks is data."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, select, update

from paraph.accounts import with_account
from paraph.kit.crypto import token_hash
from paraph.kit.db import Prepared, Utc

from .audit import record
from .client_auth import Credentials, authenticated_app
from .errors import InvalidGrant, InvalidTokenRequest
from .issue import Tokens, issue_pair, open_grant
from .models import oauth_codes as codes
from .pkce import verifies
from .revoke import revoke_grant

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx

WRONG_VERIFIERS = 3
"""A code is dead after so many wrong proofs (T14)."""

_PRESENTED = Prepared(
    with_account(
        select(
            codes.c.id,
            codes.c.app_pk,
            codes.c.redirect_uri,
            codes.c.state,
            codes.c.scopes,
            codes.c.code_challenge,
            codes.c.expires_at,
            codes.c.wrong_verifiers,
            codes.c.used_at,
        ).where(codes.c.code_hash == bindparam("code_hash")),
        codes.c.account_pk,
    )
)
_THIS = codes.c.id == bindparam("code_pk")
_USED = Prepared(update(codes).where(_THIS, codes.c.used_at.is_(None)).values(used_at=bindparam("now", type_=Utc())))
_GAVE = Prepared(update(codes).where(_THIS).values(grant_pk=bindparam("given_pk", type_=codes.c.grant_pk.type)))


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


def exchange_code(tx: WriteTx, request: TokenRequest, *, kit: Kit) -> tuple[Tokens, str]:
    """Return the tokens for a code and the id of the account; raises TokenError.

    A second use revokes what the first gave (RFC 6749 section 4.1.2, RFC 9700 section 4.5): that revocation is kept
    although the request fails. A wrong proof of possession counts against the code.
    """
    code = request.required("code")
    app = authenticated_app(tx, request.credentials, kit=kit)
    row = _PRESENTED.one_or_none(tx, code_hash=token_hash(code))
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
    """What changed since consent counts: suspension, and scopes the app no longer has."""
    if redemption.app.is_suspended or not frozenset(redemption.code.scopes) <= redemption.app.scopes:
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
    if _USED.changed(tx, code_pk=code.id, now=now) != 1:
        raise CodeUsedAgain
    grant = open_grant(tx, account_pk=code.account_pk, app_pk=app.pk, scopes=frozenset(code.scopes), now=now)
    _GAVE.changed(tx, code_pk=code.id, given_pk=grant.pk)
    record(
        tx,
        "granted",
        account_pk=code.account_pk,
        app=app,
        now=now,
        grant_pk=grant.pk,
        scopes=grant.scopes,
        client=client,
    )
    return issue_pair(tx, app, grant, kit=kit)


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
