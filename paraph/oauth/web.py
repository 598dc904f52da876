"""Pages: consent, and the apps a person has connected."""

from __future__ import annotations

from typing import Any

from paraph.accounts import load_account
from paraph.apps import SCOPES, in_order, load_own_app
from paraph.kit import Kit
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.http import Page, Redirect, Visit, form, page, sign_in_path

from .authorize import Authorization, LogInFirst, SentBack, examine
from .callback import callback_host, form_targets
from .consent import Decision, Outcome, allow_silently, decide, open_request
from .parameters import read_parameters
from .queries import bare_refreshes_of_app, connections, granted_scopes, grants_of_app
from .revoke import disconnect

AUTHORIZE = "/oauth/authorize"
CONNECTED = "/settings/connected-apps"


@page(AUTHORIZE, signed_in=False)
async def authorize(visit: Visit, kit: Kit) -> Page | Redirect:
    """RFC 6749 section 3.1."""
    parameters = read_parameters(visit.url.partition("?")[2])
    examined = await kit.db.read(lambda tx: examine(tx, parameters, visit.caller, kit=kit))
    if isinstance(examined, SentBack):
        return Redirect(examined.location)
    if isinstance(examined, LogInFirst):
        return Redirect(sign_in_path(kit, visit.url))
    if examined.is_silent:
        silent = await kit.db.write(lambda tx: _allow_silently(tx, visit, examined, kit))
        return Redirect(silent.location)
    return await kit.db.write(lambda tx: _consent_page(tx, visit, examined, kit))


@form(f"{AUTHORIZE}/consent")
def consent(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """What the person decided. Everything but the handle and the choice comes from the stored request (B2)."""
    decision = Decision(
        handle=visit.text("request"),
        session_token=visit.session_token or "",
        accept=visit.text("decision") == "accept",
        left_out=frozenset(visit.texts("leave_out")),
    )
    outcome = decide(tx, visit.signed_in, decision, kit=kit)
    return Redirect(outcome.location, notice=outcome.notice)


@page(CONNECTED)
def connected_apps(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The apps that may use my account."""
    shown = [
        {
            "connection": connection,
            "scopes": [SCOPES[name] for name in connection.scopes],
            "host": callback_host(connection.app.oauth_callback_url or ""),
        }
        for connection in connections(tx, visit.signed_in, kit.clock.now())
    ]
    return Page("oauth/connected.html", {"shown": shown})


@form(f"{CONNECTED}/{{client_id}}/revoke")
def revoke(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Stop an app, at once."""
    app = disconnect(tx, visit.signed_in, visit.path["client_id"], kit=kit)
    return Redirect(CONNECTED, notice=f"{app.display_name} can no longer use your account.")


@page("/settings/api/apps/{client_id}/connections")
def app_connections(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """For the owner of an app: how many people connected it, and whether it refreshes without its secret (C7)."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    times, last = bare_refreshes_of_app(tx, app.pk)
    context = {"app": app, "people": grants_of_app(tx, app.pk), "bare_refreshes": times, "last_bare_refresh": last}
    return Page("oauth/app_connections.html", context)


def _allow_silently(tx: WriteTx, visit: Visit, authorization: Authorization, kit: Kit) -> Outcome:
    return allow_silently(tx, visit.signed_in, authorization, visit.session_token or "", kit=kit)


def _consent_page(tx: WriteTx, visit: Visit, authorization: Authorization, kit: Kit) -> Page:
    caller, app = visit.signed_in, authorization.app
    known = granted_scopes(tx, caller.account_pk, app.pk)
    context: dict[str, Any] = {
        "app": app,
        "owner": load_account(tx, app.owner_pk).email_address,
        "is_owner": app.owner_pk == caller.account_pk,
        "host": callback_host(authorization.redirect_uri),
        "scopes": [SCOPES[name] for name in in_order(authorization.scopes)],
        "known": known,
        "may_leave_out": app.profile == "standard" and len(authorization.scopes) > 1,
        "request": open_request(tx, caller, authorization, visit.session_token or "", kit=kit),
        "switch": sign_in_path(kit, visit.url, page="/logout"),
    }
    return Page("oauth/consent.html", context, form_targets=form_targets(authorization.redirect_uri))
