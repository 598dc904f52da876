"""An app as the API shows it to a caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph import events
from paraph.accounts import load_account

from .client_secrets import current_secret
from .wire import app_response

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx

    from .app import App


def app_json(tx: ReadTx, app: App, caller: Caller, kit: Kit) -> dict[str, Any]:
    """Return schema ApiAppResponse; the secret is in it for the owner only."""
    owner = load_account(tx, app.owner_pk)
    is_owner = caller.account_pk == app.owner_pk
    return app_response(
        app,
        callback_url=events.callback_url(tx, app_pk=app.pk),
        secret=current_secret(tx, app.pk, kit) if is_owner and app.has_oauth else None,
        owner_id=owner.account_id,
        owner_address=owner.email_address,
    )
