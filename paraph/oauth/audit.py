"""The append-only record of what people allowed and refused, and of what was revoked, by whom and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.log import log

from .models import oauth_audit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paraph.apps import App
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx


def record(
    tx: WriteTx,
    kind: str,
    *,
    account_pk: int,
    app: App,
    now: int,
    grant_pk: int | None = None,
    scopes: Iterable[str] = (),
    client: Client | None = None,
) -> None:
    """Add an entry; ``client`` says from where, when a person or app did it."""
    entry = audit_row(kind, account_pk=account_pk, app=app, now=now, scopes=scopes, client=client)
    tx.insert(oauth_audit, entry | {"grant_pk": grant_pk})
    tell_of(tx, kind, app, grant_pk)


def audit_row(
    kind: str, *, account_pk: int, app: App, now: int, scopes: Iterable[str] = (), client: Client | None = None
) -> dict[str, Any]:
    """Return an entry that is not recorded yet, without its grant."""
    return {
        "account_pk": account_pk,
        "app_pk": app.pk,
        "client_id": app.client_id,
        "kind": kind,
        "scopes": sorted(scopes),
        "address": client.address[:64] if client else None,
        "created_at": now,
    }


def tell_of(tx: WriteTx, kind: str, app: App, grant_pk: int | None) -> None:
    """Log an entry once it is durable."""
    tx.after_commit(lambda: log(f"oauth_{kind}", app=app.client_id, grant=grant_pk))
