"""What is asked and decided about an app: approval for production, and suspension. Each is a row: who, when, why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from paraph.accounts import record_act
from paraph.kit.errors import BadRequest, Conflict, NotFound

from .addresses import host_of
from .facts import AppSuspended
from .letters import tell_owner
from .models import api_app_decisions, api_apps
from .queries import app_of, decisions_on, find_app, load_app, load_own_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .app import App

LONGEST_REASON = 1000
OWNER_SUSPENDED = "The account of its owner is suspended."
NO_APP = "There is no app with the client id {}."


def request_approval(tx: WriteTx, caller: Caller, client_id: str, *, kit: Kit) -> App:
    """Ask, as the owner, that others may authorise the app; raises NotFound, BadRequest or Conflict."""
    app = load_own_app(tx, caller, client_id)
    if not app.has_oauth:
        raise BadRequest("Give the app an OAuth callback URL and scopes first: the operator approves those.")
    if app.is_suspended:
        raise BadRequest("This app is suspended. Ask the operator of this server.")
    if not caller.is_confirmed:
        raise BadRequest("Confirm your e-mail address first: the decision is mailed to you.")
    _move(tx, app, ("unapproved", "refused"), "requested")
    return _record(tx, app, "requested", None, caller, kit)


def approve_app(tx: WriteTx, client_id: str, *, by: Caller | None = None, kit: Kit) -> App:
    """Let everybody authorise the app; asked for or not. Approving twice changes nothing. Raises NotFound."""
    app = _found(tx, client_id)
    if app.is_approved:
        return app
    _move(tx, app, ("unapproved", "requested", "refused"), "approved")
    return _tell(tx, _record(tx, app, "approved", None, by, kit), None, "approved", kit)


def refuse_app(tx: WriteTx, client_id: str, reason: str, *, by: Caller | None = None, kit: Kit) -> App:
    """Turn down a request for approval; the owner reads ``reason`` and may ask again. Raises as the others do."""
    app, reason = _found(tx, client_id), _reason(reason)
    if app.is_approved:
        raise BadRequest("This app is approved already. Suspend it to stop it.")
    _move(tx, app, ("unapproved", "requested"), "refused")
    return _tell(tx, _record(tx, app, "refused", reason, by, kit), reason, "refused", kit)


def suspend_app(tx: WriteTx, client_id: str, reason: str, *, by: Caller | None = None, kit: Kit) -> App:
    """Stop everything the app does, at once (AppSuspended). Raises NotFound, BadRequest or Conflict."""
    app, reason = _found(tx, client_id), _reason(reason)
    running = update(api_apps).where(api_apps.c.id == app.pk, api_apps.c.suspended_at.is_(None))
    if tx.changed(running.values(suspended_at=kit.clock.now())) != 1:
        raise Conflict("This app is suspended already.")
    kit.facts.publish(tx, AppSuspended(app_pk=app.pk), kit)
    return _tell(tx, _record(tx, app, "suspended", reason, by, kit), reason, "suspended", kit)


def resume_app(tx: WriteTx, client_id: str, *, by: Caller | None = None, kit: Kit) -> App:
    """End a suspension; what it revoked stays revoked. Raises NotFound or Conflict."""
    app = _found(tx, client_id)
    stopped = update(api_apps).where(api_apps.c.id == app.pk, api_apps.c.suspended_at.is_not(None))
    if tx.changed(stopped.values(suspended_at=None)) != 1:
        raise Conflict("This app is not suspended.")
    return _tell(tx, _record(tx, app, "resumed", None, by, kit), None, "resumed", kit)


def stop_apps_of(tx: WriteTx, owner_pk: int, *, kit: Kit) -> None:
    """Let no app of this owner do anything while the owner's account is suspended; tokens stay for afterwards."""
    for app in _apps_of(tx, owner_pk):
        running = update(api_apps).where(api_apps.c.id == app.pk, api_apps.c.suspended_at.is_(None))
        if tx.changed(running.values(suspended_at=kit.clock.now())) == 1:
            _record(tx, app, "suspended", OWNER_SUSPENDED, None, kit)


def resume_apps_of(tx: WriteTx, owner_pk: int, *, kit: Kit) -> None:
    """End what ``stop_apps_of`` began; an app that an operator suspended stays so."""
    for app in _apps_of(tx, owner_pk):
        newest = next(iter(decisions_on(tx, app.pk, limit=1)), None)
        if newest is not None and newest.kind == "suspended" and newest.reason == OWNER_SUSPENDED:
            tx.execute(update(api_apps).where(api_apps.c.id == app.pk).values(suspended_at=None))
            _record(tx, app, "resumed", None, None, kit)


def seen(app: App) -> dict[str, Any]:
    """What a decision was made about: so that a later change of it can be shown."""
    return {
        "name": app.name,
        "callback_host": host_of(app.oauth_callback_url or ""),
        "scopes": app.scopes_in_order,
    }


def _apps_of(tx: WriteTx, owner_pk: int) -> list[App]:
    return [app_of(row) for row in tx.all(select(api_apps).where(api_apps.c.account_pk == owner_pk))]


def _move(tx: WriteTx, app: App, before: Sequence[str], after: str) -> None:
    """A compare-and-set, so that two decisions at once do not both count."""
    moved = update(api_apps).where(api_apps.c.id == app.pk, api_apps.c.approval.in_(before)).values(approval=after)
    if tx.changed(moved) != 1:
        raise Conflict(f"This app is {load_app(tx, app.pk).approval} already.")


def _record(tx: WriteTx, app: App, kind: str, reason: str | None, by: Caller | None, kit: Kit) -> App:
    tx.insert(
        api_app_decisions,
        {
            "account_pk": app.owner_pk,
            "app_pk": app.pk,
            "kind": kind,
            "reason": reason,
            "decided_by": by.account_pk if by else None,
            "app_as_seen": seen(app),
            "created_at": kit.clock.now(),
        },
    )
    if kind != "requested" and reason != OWNER_SUSPENDED:
        record_act(tx, by, f"app_{kind}", app.client_id, account_pk=app.owner_pk, note=reason, kit=kit)
    return load_app(tx, app.pk)


def _tell(tx: WriteTx, app: App, reason: str | None, kind: str, kit: Kit) -> App:
    tell_owner(tx, app, kind, reason=reason, kit=kit)
    return app


def _found(tx: WriteTx, client_id: str) -> App:
    app = find_app(tx, client_id)
    if app is None:
        raise NotFound(NO_APP.format(client_id))
    return app


def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise BadRequest("Give a reason: it is mailed to the app's owner.", path="reason")
    if len(reason) > LONGEST_REASON:
        raise BadRequest(f"The reason must be at most {LONGEST_REASON} characters long.", path="reason")
    return reason
