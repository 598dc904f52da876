"""Ask a person, and carry out what they decide; exactly once, whatever is clicked how often (B3)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select, update

from paraph.accounts import hold_session
from paraph.apps import callback_matches, in_order, load_app
from paraph.kit import ids
from paraph.kit.crypto import token_hash

from .audit import record
from .authorize import Authorization, refusal_address
from .callback import callback_address
from .errors import (
    AccessDenied,
    AppChangedMeanwhile,
    AppIsSuspended,
    AppNotApproved,
    ConsentGone,
    ConsentRequired,
    LoginRequired,
    NothingLeftToAllow,
    SentToApp,
)
from .issue import Consented, issue_code
from .models import oauth_requests as requests
from .pending import activate_pending, drop_pending
from .queries import hold_granted

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx

HANDLE_PREFIX = "pq_"
CONSENT_SECONDS = 3600
"""How long a consent page may stay open."""

AFTER_INVITATION = "/settings/connected-apps"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the form says. ``left_out`` are scopes the person does not want to give."""

    handle: str
    session_token: str
    accept: bool
    left_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the person goes next; ``notice`` only on a page of ours."""

    location: str
    notice: str | None = None


def open_request(tx: WriteTx, caller: Caller, authorization: Authorization, session_token: str, *, kit: Kit) -> str:
    """Keep the request and return the handle for its form; nothing else of it is read from the browser (V21)."""
    handle, now = ids.opaque_token(HANDLE_PREFIX), kit.clock.now()
    row = {
        "handle_hash": token_hash(handle),
        "account_pk": caller.account_pk,
        "session_hash": token_hash(session_token),
        "app_pk": authorization.app.pk,
        "redirect_uri": authorization.redirect_uri,
        "state": authorization.state,
        "scopes": in_order(authorization.scopes),
        "code_challenge": authorization.code_challenge,
        "dialect": authorization.dialect,
        "is_invitation": authorization.is_invitation,
        "created_at": now,
        "expires_at": now + CONSENT_SECONDS,
    }
    tx.insert(requests, row)
    return handle


def allow_silently(
    tx: WriteTx, caller: Caller, authorization: Authorization, session_token: str, *, kit: Kit
) -> Outcome:
    """Answer ``prompt=none`` for something this person allowed before; ``examine`` has made sure of it.

    It has looked in another transaction. Session and grant are held here, so that a password reset or a revocation of
    this very moment either refuses the code or voids it.
    """
    app, redirect_uri = authorization.app, authorization.redirect_uri
    refused: SentToApp | None = None
    if not hold_session(tx, session_token, kit.clock.now()):
        refused = LoginRequired()
    elif not hold_granted(tx, caller.account_pk, app.pk, authorization.scopes):
        refused = ConsentRequired()
    if refused is not None:
        return Outcome(refusal_address(refused, redirect_uri, authorization.state, kit=kit))
    scopes, challenge = authorization.scopes, authorization.code_challenge
    consented = Consented(app, caller.account_pk, redirect_uri, authorization.state, scopes, challenge)
    return _with_code(tx, consented, kit=kit)


def decide(tx: WriteTx, caller: Caller, decision: Decision, *, kit: Kit) -> Outcome:
    """Accept or deny an open request.

    Raises ConsentGone for a request that is unknown, answered, expired or another session's; AppIsSuspended,
    AppNotApproved or AppChangedMeanwhile when it no longer holds (A16); NothingLeftToAllow.
    """
    if not hold_session(tx, decision.session_token, kit.clock.now()):
        raise ConsentGone  # it ended since this request was let in
    request = _open_request(tx, caller, decision, kit.clock.now())
    app = load_app(tx, request.app_pk)
    _still_holds(request, app, caller)
    allowed = _allowed(request, decision)
    _answer_once(tx, request, kit.clock.now())
    if not decision.accept:
        return _deny(tx, caller, request, app, kit=kit)
    return _accept(tx, caller, request, app, allowed, kit=kit)


def _open_request(tx: ReadTx, caller: Caller, decision: Decision, now: int) -> Row[Any]:
    mine = (requests.c.handle_hash == token_hash(decision.handle)) & (requests.c.account_pk == caller.account_pk)
    row = tx.one_or_none(select(requests).where(mine))
    if row is None or row.expires_at <= now:
        raise ConsentGone
    if not hmac.compare_digest(row.session_hash, token_hash(decision.session_token)):
        raise ConsentGone
    return row


def _still_holds(request: Row[Any], app: App, caller: Caller) -> None:
    if app.is_suspended:
        raise AppIsSuspended
    if not app.is_approved and app.owner_pk != caller.account_pk:
        raise AppNotApproved
    registered = app.oauth_callback_url
    if registered is None or not callback_matches(registered, request.redirect_uri, native=app.is_native):
        raise AppChangedMeanwhile
    if not frozenset(request.scopes) <= app.scopes:
        raise AppChangedMeanwhile


def _allowed(request: Row[Any], decision: Decision) -> frozenset[str]:
    """The stored request counts; the form can only take away from it (B2, B4)."""
    allowed = frozenset(request.scopes) - decision.left_out
    if decision.accept and not allowed:
        raise NothingLeftToAllow
    return allowed


def _answer_once(tx: WriteTx, request: Row[Any], now: int) -> None:
    still_open = (requests.c.id == request.id) & requests.c.decided_at.is_(None)
    if tx.changed(update(requests).where(still_open).values(decided_at=now)) != 1:
        raise ConsentGone


def _accept(
    tx: WriteTx, caller: Caller, request: Row[Any], app: App, allowed: frozenset[str], *, kit: Kit
) -> Outcome:
    now = kit.clock.now()
    record(tx, "consented", account_pk=caller.account_pk, app=app, now=now, scopes=allowed, client=caller.client)
    activated = activate_pending(tx, caller.account_pk, app.pk, allowed, now)
    if request.is_invitation:
        return Outcome(AFTER_INVITATION, _after_invitation(app, activated))
    consented = Consented(
        app, caller.account_pk, request.redirect_uri, request.state, allowed, request.code_challenge
    )
    return _with_code(tx, consented, kit=kit)


def _deny(tx: WriteTx, caller: Caller, request: Row[Any], app: App, *, kit: Kit) -> Outcome:
    record(
        tx,
        "denied",
        account_pk=caller.account_pk,
        app=app,
        now=kit.clock.now(),
        scopes=request.scopes,
        client=caller.client,
    )
    drop_pending(tx, caller.account_pk, app.pk, "denied", kit.clock.now())
    if request.is_invitation:
        return Outcome(AFTER_INVITATION, f"You did not let {app.display_name} use your account.")
    if request.dialect == "walkthrough":
        return Outcome(callback_address(request.redirect_uri, {"state": request.state}))
    return Outcome(refusal_address(AccessDenied(), request.redirect_uri, request.state, kit=kit))


def _with_code(tx: WriteTx, consented: Consented, *, kit: Kit) -> Outcome:
    """RFC 6749 section 4.1.2, with the issuer of RFC 9207 in every profile."""
    code = issue_code(tx, consented, kit=kit)
    answer = {"code": code, "state": consented.state, "iss": kit.settings.public_url}
    return Outcome(callback_address(consented.redirect_uri, answer))


def _after_invitation(app: App, activated: int) -> str:
    if activated:
        return f"Done. {app.display_name} can now use your account as listed here. You can stop it at any time."
    return f"Thank you, but this invitation has run out. Open {app.display_name} and connect it from there."
