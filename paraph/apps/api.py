"""Operations of the vendor's API: /v3/api_app…"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from msgspec import UNSET, UnsetType

from paraph.kit import Kit
from paraph.kit.db import ReadTx, WriteTx
from paraph.kit.holds import discard_files
from paraph.kit.http import ApiRequest, Reply, Told, prepares, reads
from paraph.kit.wire import FilePart, Notice, Page, list_info, with_warnings

from .answers import AppAnswer, AppListAnswer
from .app_json import app_json
from .changes import AppChanges, Logo
from .create_app import create_app
from .delete_app import delete_app
from .logo import stored_logo
from .queries import load_own_app, own_apps
from .update_app import Updated, update_app
from .wire import AppOptions, CreateAppBody, OAuthOptions, UpdateAppBody

GRANTS_REVOKED = Notice(
    warning_msg="The scopes of this app were changed, so all access that users had granted to it was revoked.",
    warning_name="oauth_grants_revoked",
)


@prepares("apiAppCreate", body=CreateAppBody, told=Told(answer=AppAnswer))
async def create(request: ApiRequest[CreateAppBody], kit: Kit) -> Reply:
    """POST /v3/api_app."""
    body = request.body
    async with _logo(body.custom_logo_file or UNSET, kit) as logo:
        wanted = AppChanges(
            name=body.name,
            domains=body.domains,
            event_callback_url=body.callback_url or UNSET,
            logo=logo,
            can_insert_everywhere=_insert_everywhere(body.options or UNSET),
            white_labeling_options=body.white_labeling_options or UNSET,
            **_oauth(body.oauth or UNSET),
        )

        def verb(tx: WriteTx) -> Reply:
            app = create_app(tx, request.caller, wanted, kit=kit)
            return Reply({"api_app": app_json(tx, app, request.caller, kit)}, status=201)

        return await kit.db.write(verb)


@reads("apiAppGet", told=Told(answer=AppAnswer))
def get(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """GET /v3/api_app/{client_id}."""
    app = load_own_app(tx, request.caller, request.path["client_id"])
    return Reply({"api_app": app_json(tx, app, request.caller, kit)})


@prepares("apiAppUpdate", body=UpdateAppBody, told=Told(answer=AppAnswer))
async def change(request: ApiRequest[UpdateAppBody], kit: Kit) -> Reply:
    """PUT /v3/api_app/{client_id}."""
    body, client_id = request.body, request.path["client_id"]
    if isinstance(body.custom_logo_file, FilePart):  # nothing of a stranger's is stored
        await kit.db.read(lambda tx: load_own_app(tx, request.caller, client_id))
    async with _logo(body.custom_logo_file, kit) as logo:
        changes = AppChanges(
            name=body.name,
            domains=body.domains,
            event_callback_url=body.callback_url,
            logo=logo,
            can_insert_everywhere=_insert_everywhere(body.options),
            white_labeling_options=body.white_labeling_options,
            **_oauth(body.oauth),
        )

        def verb(tx: WriteTx) -> tuple[Updated, dict[str, Any]]:
            updated = update_app(tx, request.caller, client_id, changes, kit=kit)
            return updated, {"api_app": app_json(tx, updated.app, request.caller, kit)}

        updated, answer = await kit.db.write(verb)
    if updated.replaced_logo:
        await discard_files([updated.replaced_logo], kit)
    return Reply(with_warnings(answer, [GRANTS_REVOKED] if updated.scopes_changed else []))


@prepares("apiAppDelete")
async def delete(request: ApiRequest[None], kit: Kit) -> Reply:
    """DELETE /v3/api_app/{client_id}."""
    app = await kit.db.write(lambda tx: delete_app(tx, request.caller, request.path["client_id"], kit=kit))
    if app.logo_key:
        await discard_files([app.logo_key], kit)
    return Reply()


@reads("apiAppList", long=True, told=Told((Page,), AppListAnswer))
def listing(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """GET /v3/api_app/list."""
    page = request.query_as(Page)
    apps, total = own_apps(tx, request.caller, page)
    listed = [app_json(tx, app, request.caller, kit) for app in apps]
    return Reply({"api_apps": listed, "list_info": list_info(page, total)})


@asynccontextmanager
async def _logo(part: FilePart | UnsetType | None, kit: Kit) -> AsyncIterator[Logo | UnsetType | None]:
    if isinstance(part, FilePart):
        async with stored_logo(part, kit) as logo:
            yield logo
    else:
        yield part


def _oauth(given: OAuthOptions | UnsetType | None) -> dict[str, Any]:
    """The changes that ``oauth`` asks for; cleared as a whole when it was sent empty."""
    if isinstance(given, UnsetType):
        return {}
    if given is None:
        return {"oauth_callback_url": None, "scopes": []}
    return {"oauth_callback_url": given.callback_url, "scopes": given.scopes}


def _insert_everywhere(given: AppOptions | UnsetType | None) -> bool | UnsetType | None:
    return given.can_insert_everywhere if isinstance(given, AppOptions) else given
