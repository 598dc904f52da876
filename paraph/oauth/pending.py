"""Pairs of account/create: made pending, they work only after their user has consented to this very app (C9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select, update

from .models import oauth_access_tokens as tokens
from .models import oauth_grants as grants

if TYPE_CHECKING:
    from paraph.kit.db import WriteTx


def activate_pending(tx: WriteTx, account_pk: int, app_pk: int, allowed: frozenset[str], now: int) -> int:
    """Bring the pending pairs that the consent covers to life and return how many; ``expires_in`` counts from now."""
    waiting = _waiting(account_pk, app_pk) & (grants.c.pending_until > now)
    covered = [row.id for row in tx.all(select(grants).where(waiting)) if frozenset(row.scopes) <= allowed]
    activated = 0
    for grant_pk in covered:
        still_pending = (grants.c.id == grant_pk) & (grants.c.status == "pending")
        if tx.changed(update(grants).where(still_pending).values(status="active", granted_at=now)) == 1:
            starts = update(tokens).where(tokens.c.grant_pk == grant_pk)
            tx.execute(starts.values(expires_at=tokens.c.lifetime + now))
            activated += 1
    return activated


def drop_pending(tx: WriteTx, account_pk: int, app_pk: int | None, because: str, now: int) -> int:
    """End the pending pairs of this person (with this app, or with all), and return how many."""
    ended = {"status": "revoked", "revoked_at": now, "revoked_because": because}
    return tx.changed(update(grants).where(_waiting(account_pk, app_pk)).values(ended))


def _waiting(account_pk: int, app_pk: int | None) -> ColumnElement[bool]:
    waiting = (grants.c.account_pk == account_pk) & (grants.c.status == "pending")
    return waiting if app_pk is None else waiting & (grants.c.app_pk == app_pk)
