"""Change an app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import UnsetType
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from paraph import events
from paraph.kit.errors import BadRequest

from .changes import AppChanges, columns_of
from .create_app import SAME_NAME
from .facts import AppScopesChanged
from .models import api_apps
from .names import NAME_PATH
from .queries import load_app, load_own_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .app import App


@dataclass(frozen=True, slots=True)
class Updated:
    """The app after a change; ``scopes_changed`` means that every grant of its users was revoked.

    ``replaced_logo`` is a key of the file store that nothing mentions any more.
    """

    app: App
    scopes_changed: bool
    replaced_logo: str | None


def update_app(tx: WriteTx, caller: Caller, client_id: str, changes: AppChanges, *, kit: Kit) -> Updated:
    """Change the caller's app; raises NotFound or BadRequest."""
    # the row is locked, so that two changes at once see each other's scopes
    own = (api_apps.c.client_id == client_id) & (api_apps.c.account_pk == caller.account_pk)
    tx.execute(select(api_apps.c.id).where(own).with_for_update())
    before = load_own_app(tx, caller, client_id)
    columns = columns_of(changes, before, kit.settings)
    if columns:
        _store(tx, before.pk, columns)
    if not isinstance(changes.event_callback_url, UnsetType):
        events.set_callback(tx, app_pk=before.pk, url=changes.event_callback_url or None, kit=kit)
    after = load_app(tx, before.pk)
    scopes_changed = after.scopes != before.scopes
    if scopes_changed:
        kit.facts.publish(tx, AppScopesChanged(app_pk=after.pk), kit)
    replaced = before.logo_key if before.logo_key != after.logo_key else None
    return Updated(after, scopes_changed, replaced)


def _store(tx: WriteTx, app_pk: int, columns: dict[str, Any]) -> None:
    try:
        with tx.savepoint():
            tx.execute(update(api_apps).where(api_apps.c.id == app_pk).values(columns))
    except IntegrityError as error:
        raise BadRequest(SAME_NAME, path=NAME_PATH) from error
