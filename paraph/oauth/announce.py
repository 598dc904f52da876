"""Facts to events: an app hears when an account that it created was confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from paraph.accounts import account_json, load_account, primary_api_key
from paraph.apps import load_app
from paraph.events import Audience, callback_url, record_event

from .models import oauth_grants as grants

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx


def announce_account_confirmed(tx: WriteTx, account_pk: int, *, kit: Kit) -> None:
    """Record ``account_confirmed`` for the app that created the account with a pair that still waits."""
    waiting = select(grants.c.app_pk).where(grants.c.account_pk == account_pk, grants.c.status == "pending")
    account = load_account(tx, account_pk)
    for row in tx.all(waiting.distinct()):
        if callback_url(tx, app_pk=row.app_pk) is None:
            continue
        app = load_app(tx, row.app_pk)
        audience = Audience(
            app_pk=app.pk,
            account_id=account.account_id,
            client_id=app.client_id,
            hash_key=primary_api_key(tx, app.owner_pk, kit),
        )
        record_event(
            tx,
            event_type="account_confirmed",
            body={"account": account_json(tx, account, kit)},
            audience=[audience],
            kit=kit,
        )
