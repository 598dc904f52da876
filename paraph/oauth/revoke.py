"""End grants and tokens. A grant ends by one row: every token that hangs on it is dead at the next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, func, select, update

from paraph.apps import find_app
from paraph.kit.crypto import token_hash
from paraph.kit.errors import NotFound

from .audit import record
from .authorization_checks import is_client_id
from .models import oauth_access_tokens, oauth_codes, oauth_grants, oauth_refresh_tokens, oauth_requests

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx


def revoke_grant(tx: WriteTx, grant_pk: int, because: str, now: int) -> bool:
    """End one grant; False when it had ended before. By key, so it can never reach another one (V41)."""
    return _end(tx, oauth_grants.c.id == grant_pk, because, now) == 1


def revoke_app_tokens(tx: WriteTx, app_pk: int, kit: Kit, *, because: str = "operator") -> int:
    """End every grant and unused code of an app; return how many grants."""
    _hold_active(tx, oauth_grants.c.app_pk == app_pk)
    _drop_unfinished(tx, oauth_codes.c.app_pk == app_pk, oauth_requests.c.app_pk == app_pk)
    return _end(tx, oauth_grants.c.app_pk == app_pk, because, kit.clock.now())


def revoke_account_tokens(tx: WriteTx, account_pk: int, kit: Kit, *, because: str = "operator") -> int:
    """End every grant that this person gave, and unused codes; return how many grants."""
    _hold_active(tx, oauth_grants.c.account_pk == account_pk)
    drop_unfinished(tx, account_pk)
    return _end(tx, oauth_grants.c.account_pk == account_pk, because, kit.clock.now())


def revoke_active_grants(tx: WriteTx, account_pk: int, *, because: str, now: int) -> int:
    """End the person's grants that work by now, and leave pending ones; return how many."""
    active = (oauth_grants.c.account_pk == account_pk) & (oauth_grants.c.status == "active")
    return _end(tx, active, because, now)


def drop_unfinished(tx: WriteTx, account_pk: int) -> None:
    """Void the person's unused codes and open consent pages (T21)."""
    _drop_unfinished(tx, oauth_codes.c.account_pk == account_pk, oauth_requests.c.account_pk == account_pk)


def disconnect(tx: WriteTx, caller: Caller, client_id: str, *, kit: Kit) -> App:
    """End all that the caller gave to one app, at once; raises NotFound when the app has nothing of the caller."""
    app = find_app(tx, client_id) if is_client_id(client_id) else None
    if app is None:
        raise NotFound("This app is not connected to your account.")
    codes, requests = oauth_codes.c, oauth_requests.c
    mine = (oauth_grants.c.account_pk == caller.account_pk) & (oauth_grants.c.app_pk == app.pk)
    _hold_active(tx, mine)
    _drop_unfinished(
        tx,
        (codes.account_pk == caller.account_pk) & (codes.app_pk == app.pk),
        (requests.account_pk == caller.account_pk) & (requests.app_pk == app.pk),
    )
    if not _end(tx, mine, "user", kit.clock.now()):
        raise NotFound("This app is not connected to your account.")
    record(tx, "disconnected", account_pk=caller.account_pk, app=app, now=kit.clock.now(), client=caller.client)
    return app


def revoke_token(tx: WriteTx, app: App, token: str, *, kit: Kit) -> None:
    """RFC 7009 section 2.1: a refresh token ends its grant, an access token itself; what is not the app's stays."""
    now, hashed = kit.clock.now(), token_hash(token)
    grant_of = select(oauth_refresh_tokens.c.grant_pk).join(
        oauth_grants, oauth_grants.c.id == oauth_refresh_tokens.c.grant_pk
    )
    mine = oauth_grants.c.app_pk == app.pk
    grant_pk = tx.scalar(grant_of.where(oauth_refresh_tokens.c.token_hash == hashed, mine))
    if grant_pk is not None:
        _revoke_as_app(tx, app, grant_pk, now)
        return
    own_grants = select(oauth_grants.c.id).where(mine)
    access = oauth_access_tokens
    presented = (access.c.token_hash == hashed) & access.c.grant_pk.in_(own_grants) & access.c.revoked_at.is_(None)
    tx.execute(update(access).where(presented).values(revoked_at=now))


def _revoke_as_app(tx: WriteTx, app: App, grant_pk: int, now: int) -> None:
    account_pk = tx.scalar(select(oauth_grants.c.account_pk).where(oauth_grants.c.id == grant_pk))
    if revoke_grant(tx, grant_pk, "app", now):
        record(tx, "revoked_by_app", account_pk=account_pk, app=app, now=now, grant_pk=grant_pk)


def _hold_active(tx: WriteTx, which: ColumnElement[bool]) -> None:
    """Let nobody get a code silently on the strength of these grants from here on (``hold_granted``).

    Who holds one of them now is waited for, and its code is then found among the unfinished.
    """
    held = select(oauth_grants.c.id).where(which, oauth_grants.c.status == "active").order_by(oauth_grants.c.id)
    tx.scalar(select(func.count()).select_from(held.with_for_update().subquery()))


def _end(tx: WriteTx, which: ColumnElement[bool], because: str, now: int) -> int:
    ended = {"status": "revoked", "revoked_at": now, "revoked_because": because}
    return tx.changed(update(oauth_grants).where(which, oauth_grants.c.status != "revoked").values(ended))


def _drop_unfinished(tx: WriteTx, codes: ColumnElement[bool], requests: ColumnElement[bool]) -> None:
    # in the order in which one makes the next, and grants last: a consent or an exchange that runs at this moment
    # either loses its row here, or has committed what it made before that is looked for
    tx.execute(delete(oauth_requests).where(requests))
    tx.execute(delete(oauth_codes).where(codes, oauth_codes.c.used_at.is_(None)))
