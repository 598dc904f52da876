"""Register an app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import UnsetType

from paraph import events
from paraph.kit import ids
from paraph.kit.db import insert_or_ignore
from paraph.kit.errors import BadRequest

from .changes import AppChanges, columns_of
from .client_secrets import issue_secret
from .models import api_apps
from .names import NAME_PATH
from .queries import find_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .app import App

SAME_NAME = "An app with the same name already exists"

_FRESH: Mapping[str, Any] = {
    "oauth_callback_url": None,
    "scopes": [],
    "is_native": False,
    "approval": "unapproved",
    "profile": "walkthrough",
    "refresh_needs_secret": False,
}


def create_app(tx: WriteTx, caller: Caller, wanted: AppChanges, *, kit: Kit) -> App:
    """Return the new app, unapproved, with a client id and a secret; raises BadRequest."""
    if isinstance(wanted.name, UnsetType):
        raise BadRequest("Must specify name", path=NAME_PATH)
    if isinstance(wanted.domains, UnsetType):
        raise BadRequest("Must specify domain", path="domains")
    client_id = ids.short_id()
    values = {
        **_FRESH,
        **columns_of(wanted, None, kit.settings),
        "account_pk": caller.account_pk,
        "client_id": client_id,
        "created_at": kit.clock.now(),
    }
    if not insert_or_ignore(tx, api_apps, values, unique=("account_pk", "name_key")):
        raise BadRequest(SAME_NAME, path=NAME_PATH)
    app = find_app(tx, client_id)
    assert app is not None
    issue_secret(tx, app_pk=app.pk, account_pk=caller.account_pk, kit=kit)
    if isinstance(wanted.event_callback_url, str) and wanted.event_callback_url:
        events.set_callback(tx, app_pk=app.pk, url=wanted.event_callback_url, kit=kit)
    return app
