"""/settings/api/apps/{client_id}/delete: asked once more, then done."""

from __future__ import annotations

from paraph.apps.delete_app import delete_app
from paraph.apps.queries import load_own_app
from paraph.kit import Kit
from paraph.kit.db import ReadTx
from paraph.kit.holds import discard_files
from paraph.kit.http import Page, Redirect, Visit, form, page

from .paths import MY_APPS, ONE_APP

DELETE_APP = f"{ONE_APP}/delete"


@page(DELETE_APP)
def confirm_delete(tx: ReadTx, visit: Visit, _kit: Kit) -> Page:
    """What will stop, and the button."""
    app = load_own_app(tx, visit.signed_in, visit.path["client_id"])
    return Page("apps/delete.html", {"app": app})


@form(DELETE_APP)
async def delete(visit: Visit, kit: Kit) -> Redirect:
    """Delete the app and its logo."""
    app = await kit.db.write(lambda tx: delete_app(tx, visit.signed_in, visit.path["client_id"], kit=kit))
    if app.logo_key:
        await discard_files([app.logo_key], kit)
    return Redirect(MY_APPS, notice=f"The app “{app.display_name}” is deleted.")
