"""/operator/apps: apps that wait for a decision, and apps in force."""

from __future__ import annotations

from dataclasses import dataclass

from paraph.accounts import load_account
from paraph.apps.app import App
from paraph.apps.decide import approve_app, refuse_app, resume_app, seen, suspend_app
from paraph.apps.names import mentions_brand
from paraph.apps.queries import Decision, apps_in_force, apps_waiting, decisions_on
from paraph.apps.scopes import SCOPES
from paraph.kit import Kit
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.errors import NotFound
from paraph.kit.http import Page, Redirect, Visit, form, page

from .paths import OPERATOR
from .state import State, state_of


@dataclass(frozen=True, slots=True)
class Entry:
    """An app with what an operator should know before deciding."""

    app: App
    state: State
    owner: str
    newest: Decision | None
    scopes: list[str]
    mentions_brand: bool
    changed_since: bool


@page(OPERATOR, operator=True)
def operator(tx: ReadTx, _visit: Visit, _kit: Kit) -> Page:
    """The page; the first thing that needs a person stands first."""
    context = {
        "waiting": [_entry(tx, app) for app in apps_waiting(tx)],
        "in_force": [_entry(tx, app) for app in apps_in_force(tx)],
    }
    return Page("apps/operator.html", context)


@form(f"{OPERATOR}/{{client_id}}/{{decision}}", operator=True)
def decide(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Approve, refuse, suspend or resume an app."""
    client_id, reason, by = visit.path["client_id"], visit.text("reason"), visit.signed_in
    match visit.path["decision"]:
        case "approve":
            app, done = approve_app(tx, client_id, by=by, kit=kit), "approved"
        case "refuse":
            app, done = refuse_app(tx, client_id, reason, by=by, kit=kit), "refused"
        case "suspend":
            app, done = suspend_app(tx, client_id, reason, by=by, kit=kit), "suspended"
        case "resume":
            app, done = resume_app(tx, client_id, by=by, kit=kit), "no longer suspended"
        case _:
            raise NotFound("There is no page at this address.")
    return Redirect(OPERATOR, notice=f"“{app.display_name}” is {done}. Its owner gets a mail.")


def _entry(tx: ReadTx, app: App) -> Entry:
    decisions = decisions_on(tx, app.pk)
    approved = next((one for one in decisions if one.kind == "approved"), None)
    return Entry(
        app=app,
        state=state_of(app),
        owner=load_account(tx, app.owner_pk).email_address,
        newest=decisions[0] if decisions else None,
        scopes=[SCOPES[name].title for name in app.scopes_in_order],
        mentions_brand=mentions_brand(app.name),
        changed_since=app.is_approved and approved is not None and approved.app_as_seen != seen(app),
    )
