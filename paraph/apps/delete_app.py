"""Delete an app: its tokens, callback and deliveries go with it by foreign key; what it sent stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from .facts import AppDeleting
from .models import api_apps
from .queries import load_own_app

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .app import App


def delete_app(tx: WriteTx, caller: Caller, client_id: str, *, kit: Kit) -> App:
    """Delete the caller's app and return what it was; raises NotFound."""
    app = load_own_app(tx, caller, client_id)
    _delete(tx, app.pk, kit)
    return app


def delete_apps_of(tx: WriteTx, owner_pk: int, *, kit: Kit) -> None:
    """Delete every app of an account."""
    for app_pk in tx.execute(select(api_apps.c.id).where(api_apps.c.account_pk == owner_pk)).scalars().all():
        _delete(tx, app_pk, kit)


def _delete(tx: WriteTx, app_pk: int, kit: Kit) -> None:
    kit.facts.publish(tx, AppDeleting(app_pk=app_pk), kit)
    tx.execute(delete(api_apps).where(api_apps.c.id == app_pk))
