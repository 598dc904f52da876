"""The vendor's account creation flow: an account and a token pair at once, both asleep until a person acts (C9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from paraph.accounts import Account, AccountExists, invite_account
from paraph.apps import authenticate_client
from paraph.kit import limits
from paraph.kit.errors import BadRequest, Forbidden, TooManyRequests

from .audit import record
from .authorization_checks import INVITATION, is_client_id
from .issue import Tokens, issue_pair, open_grant

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

CREATED_A_MINUTE = 60
CREATED_A_DAY = 1000
"""Accounts that one caller may have created: every one sends a mail to somebody (M12)."""

MINUTE, DAY = 60, 86_400


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """What POST /v3/account/create asks for."""

    email_address: str
    locale: str | None
    client_id: str | None
    client_secret: str | None


def create_account(tx: WriteTx, caller: Caller, command: CreateAccount, *, kit: Kit) -> tuple[Account, Tokens | None]:
    """Return the invited account and, when an app asked, its pending pair.

    The person gets a mail with a confirmation link that nobody else ever sees (M15). Raises BadRequest for wrong
    client credentials, an unapproved app, or an address that has an account; Forbidden for a suspended app;
    TooManyRequests. Then nothing is left behind.
    """
    _count(tx, caller, kit)
    app = _creating_app(tx, command, kit)
    account = _invite(tx, command, app, kit)
    if app is None:
        return account, None
    now = kit.clock.now()
    grant = open_grant(tx, account_pk=account.pk, app_pk=app.pk, scopes=app.scopes, now=now, pending=True)
    record(
        tx,
        "account_created",
        account_pk=account.pk,
        app=app,
        now=now,
        grant_pk=grant.pk,
        scopes=app.scopes,
        client=caller.client,
    )
    return account, issue_pair(tx, app, grant, kit=kit)


def _invite(tx: WriteTx, command: CreateAccount, app: App | None, kit: Kit) -> Account:
    try:
        return invite_account(
            tx,
            email_address=command.email_address,
            locale=command.locale,
            after_path=_consent_path(app) if app else None,
            invited_by_app=app.display_name if app else None,
            kit=kit,
        )
    except AccountExists as error:
        error.keeps_writes = True  # the call counts, or any number of addresses could be looked up here (M16)
        raise


def _count(tx: WriteTx, caller: Caller, kit: Kit) -> None:
    now = kit.clock.now()
    for window, most, words in ((MINUTE, CREATED_A_MINUTE, "minute"), (DAY, CREATED_A_DAY, "day")):
        if limits.count(tx, f"account_create:{words}:{caller.account_pk}", now, window) > most:
            wait = str(window - now % window)
            raise TooManyRequests(
                f"At most {most} accounts a {words} can be created. Try again in {wait} seconds.",
                headers={"Retry-After": wait},
            )


def _creating_app(tx: WriteTx, command: CreateAccount, kit: Kit) -> App | None:
    if command.client_id is None and command.client_secret is None:
        return None
    if command.client_id is None or command.client_secret is None:
        missing = "client_id" if command.client_id is None else "client_secret"
        raise BadRequest("Give both client_id and client_secret, or neither.", path=missing)
    found = is_client_id(command.client_id)
    app = authenticate_client(tx, command.client_id, command.client_secret, kit) if found else None
    if app is None:
        raise BadRequest("The client_id or client_secret is wrong.", path="client_secret")
    if app.is_suspended:
        raise Forbidden("This app has been suspended.")
    if not app.is_approved:
        raise BadRequest("App not approved yet", path="client_id")
    if app.oauth_callback_url is None or not app.scopes:
        raise BadRequest("This app is not set up for OAuth: it has no callback URL or no scopes.", path="client_id")
    return app


def _consent_path(app: App) -> str:
    """Where the confirmed person is led: the app's own authorization address, marked as an invitation."""
    query = {"response_type": "code", "client_id": app.client_id, INVITATION: "1"}
    return f"/oauth/authorize?{urlencode(query)}"
