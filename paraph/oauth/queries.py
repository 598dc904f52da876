"""Reads of grants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, select

from paraph.apps import App, load_app

from .models import oauth_grants as grants

if TYPE_CHECKING:
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx


@dataclass(frozen=True, slots=True)
class Connection:
    """An app that a person connected: what it may do now, since when, and when it last did something.

    ``waits`` is true when account/create made the connection and the person has not decided yet.
    """

    app: App
    scopes: tuple[str, ...]
    granted_at: int
    last_used_at: int | None
    waits: bool


def has_granted(tx: ReadTx, account_pk: int, app_pk: int, scopes: frozenset[str]) -> bool:
    """True when one live grant of this person to this app covers ``scopes``."""
    return any(scopes <= frozenset(row.scopes) for row in _grants(tx, account_pk, app_pk, "active"))


def hold_granted(tx: WriteTx, account_pk: int, app_pk: int, scopes: frozenset[str]) -> bool:
    """As ``has_granted``, and it stays so until the transaction ends: a revocation waits, or is waited for."""
    mine = (grants.c.account_pk == account_pk) & (grants.c.app_pk == app_pk) & (grants.c.status == "active")
    held = tx.all(select(grants.c.scopes).where(mine).order_by(grants.c.id).with_for_update(read=True))
    return any(scopes <= frozenset(row.scopes) for row in held)


def granted_scopes(tx: ReadTx, account_pk: int, app_pk: int) -> frozenset[str]:
    """Return everything that the live grants of this person to this app allow."""
    return frozenset(scope for row in _grants(tx, account_pk, app_pk, "active") for scope in row.scopes)


def has_pending_grant(tx: ReadTx, account_pk: int, app_pk: int, now: int) -> bool:
    """True when account/create made a pair for this person and app that still waits for consent."""
    return any(row.pending_until > now for row in _grants(tx, account_pk, app_pk, "pending"))


def connections(tx: ReadTx, caller: Caller, now: int) -> list[Connection]:
    """Return the caller's connected apps, the latest first; grants to the same app are shown as one."""
    live = select(grants).where(grants.c.account_pk == caller.account_pk, grants.c.status.in_(("active", "pending")))
    by_app: dict[int, list[Row[Any]]] = {}
    for row in tx.all(live.order_by(grants.c.id.desc())):
        if row.status == "active" or row.pending_until > now:
            by_app.setdefault(row.app_pk, []).append(row)
    return [_connection(load_app(tx, app_pk), rows) for app_pk, rows in by_app.items()]


def grants_of_app(tx: ReadTx, app_pk: int) -> int:
    """Return how many accounts have connected the app."""
    people = select(func.count(grants.c.account_pk.distinct()))
    return int(tx.scalar(people.where(grants.c.app_pk == app_pk, grants.c.status == "active")) or 0)


def bare_refreshes_of_app(tx: ReadTx, app_pk: int) -> tuple[int, int | None]:
    """Return how often, and when last, the app's tokens were refreshed without client credentials (C7)."""
    total = tx.scalar(select(func.sum(grants.c.bare_refreshes)).where(grants.c.app_pk == app_pk))
    last = tx.scalar(select(func.max(grants.c.bare_refreshed_at)).where(grants.c.app_pk == app_pk))
    return int(total or 0), last


def _grants(tx: ReadTx, account_pk: int, app_pk: int, status: str) -> list[Row[Any]]:
    mine = (grants.c.account_pk == account_pk) & (grants.c.app_pk == app_pk)
    return tx.all(select(grants).where(mine, grants.c.status == status))


def _connection(app: App, rows: list[Row[Any]]) -> Connection:
    active = [row for row in rows if row.status == "active"]
    allowed = {scope for row in active or rows for scope in row.scopes}
    return Connection(
        app=app,
        scopes=tuple(scope for scope in app.scopes_in_order if scope in allowed),
        granted_at=min(row.granted_at or row.created_at for row in active or rows),
        last_used_at=max((row.last_used_at for row in active if row.last_used_at), default=None),
        waits=not active,
    )
