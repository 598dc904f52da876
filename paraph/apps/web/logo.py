"""An app's logo: set on its page, shown wherever the app asks for something."""

from __future__ import annotations

from paraph.apps.changes import AppChanges
from paraph.apps.logo import stored_logo
from paraph.apps.queries import find_app, load_own_app
from paraph.apps.update_app import update_app
from paraph.kit import Kit
from paraph.kit.db import ReadTx
from paraph.kit.errors import BadRequest, NotFound
from paraph.kit.holds import discard_files
from paraph.kit.http import FileReply, Redirect, Visit, form, page
from paraph.kit.wire import FilePart

from .paths import ONE_APP, app_path


@page("/apps/{client_id}/logo", signed_in=False)
def logo(tx: ReadTx, visit: Visit, _kit: Kit) -> FileReply:
    """The picture; public, for it stands on the consent page and the signer's pages."""
    app = find_app(tx, visit.path["client_id"])
    if app is None or app.logo_key is None or app.logo_media_type is None:
        raise NotFound("There is no page at this address.")
    name = f"logo.{app.logo_media_type.partition('/')[2]}"
    return FileReply(name, app.logo_media_type, key=app.logo_key, inline=True)


@form(f"{ONE_APP}/logo")
async def set_logo(visit: Visit, kit: Kit) -> Redirect:
    """Set the uploaded picture, or remove the one that is there."""
    client_id, part = visit.path["client_id"], visit.form.get("logo")
    await kit.db.read(lambda tx: load_own_app(tx, visit.signed_in, client_id))
    if visit.text("remove") == "1":
        await _change(visit, client_id, AppChanges(logo=None), kit)
        return Redirect(app_path(client_id), notice="The logo is removed.")
    if not isinstance(part, FilePart) or not part.size:
        raise BadRequest("Choose a picture first. Nothing was changed.")
    async with stored_logo(part, kit) as picture:
        await _change(visit, client_id, AppChanges(logo=picture), kit)
    return Redirect(app_path(client_id), notice="The logo is saved.")


async def _change(visit: Visit, client_id: str, changes: AppChanges, kit: Kit) -> None:
    updated = await kit.db.write(lambda tx: update_app(tx, visit.signed_in, client_id, changes, kit=kit))
    if updated.replaced_logo:
        await discard_files([updated.replaced_logo], kit)
