"""/settings/api/apps/new and …/edit: the form of an app."""

from __future__ import annotations

from paraph.apps.app import App
from paraph.apps.create_app import create_app
from paraph.apps.queries import load_own_app
from paraph.apps.update_app import update_app
from paraph.kit import Kit
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.errors import BadRequest
from paraph.kit.http import Page, Redirect, Visit, form, page

from .form_values import AppForm, form_context, form_of, typed_form
from .paths import NEW_APP, ONE_APP, app_path

EDIT_APP = f"{ONE_APP}/edit"


@page(NEW_APP)
def new(_tx: ReadTx, _visit: Visit, _kit: Kit) -> Page:
    """The empty form."""
    return _new_page(AppForm())


@form(NEW_APP)
async def create(visit: Visit, kit: Kit) -> Page | Redirect:
    """Create the app and show it; a refusal keeps what was typed."""
    typed = typed_form(visit)

    def verb(tx: WriteTx) -> App:
        return create_app(tx, visit.signed_in, typed.changes(), kit=kit)

    try:
        app = await kit.db.write(verb)
    except BadRequest as error:
        return _new_page(typed, error)
    return Redirect(app_path(app.client_id), notice="The app is created. Its secret and authorization URL are below.")


@page(EDIT_APP)
def edit(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """The form as the app stands."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    return _edit_page(app, form_of(tx, app))


@form(EDIT_APP)
async def save(visit: Visit, kit: Kit) -> Page | Redirect:
    """Save the form."""
    typed, client_id = typed_form(visit), visit.path["client_id"]
    app = await kit.db.read(lambda tx: load_own_app(tx, visit.signed_in, client_id))
    try:
        updated = await kit.db.write(lambda tx: update_app(tx, visit.signed_in, client_id, typed.changes(), kit=kit))
    except BadRequest as error:
        return _edit_page(app, typed, error)
    revoked = " Its scopes changed, so everybody has to authorise it again." if updated.scopes_changed else ""
    return Redirect(app_path(client_id), notice=f"The app is saved.{revoked}")


def _new_page(values: AppForm, error: BadRequest | None = None) -> Page:
    return Page("apps/new.html", form_context(values, error), status=400 if error else 200)


def _edit_page(app: App, values: AppForm, error: BadRequest | None = None) -> Page:
    return Page("apps/edit.html", {"app": app} | form_context(values, error), status=400 if error else 200)
