"""Reads of API apps: loading one through what the caller may see is the authorisation."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, text

from paraph.kit.db import Prepared
from paraph.kit.errors import NotFound

from .app import App
from .models import api_app_decisions, api_apps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.wire import Page

_BY_PK = Prepared(select(api_apps).where(api_apps.c.id == bindparam("pk")))
_BY_CLIENT_ID = Prepared(select(api_apps).where(api_apps.c.client_id == bindparam("client_id")))


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that was asked or decided about an app; ``decided_by`` is None for the command line."""

    kind: str
    reason: str | None
    decided_by: int | None
    app_as_seen: dict[str, Any]
    created_at: int


def load_app(tx: ReadTx, pk: int) -> App:
    """Return the app with this internal key; raises NotFound."""
    row = _BY_PK.one_or_none(tx, pk=pk)
    return _required(None if row is None else app_of(row))


def hold_app(tx: WriteTx, pk: int) -> App:
    """As ``load_app``, but it stays so until the transaction ends: a suspension under way is waited for.

    Raises NotFound when it was deleted meanwhile.
    """
    tx.execute(select(api_apps.c.id).where(api_apps.c.id == pk).with_for_update(read=True))
    return load_app(tx, pk)


def find_app(tx: ReadTx, client_id: str) -> App | None:
    """Return the app with this client id, whosever it is."""
    row = _BY_CLIENT_ID.one_or_none(tx, client_id=client_id)
    return None if row is None else app_of(row)


def load_own_app(tx: ReadTx, caller: Caller, client_id: str) -> App:
    """Return the caller's app; raises NotFound for an unknown one and for another account's alike."""
    return _required(_one(tx, (api_apps.c.client_id == client_id) & (api_apps.c.account_pk == caller.account_pk)))


def own_apps(tx: ReadTx, caller: Caller, page: Page) -> tuple[list[App], int]:
    """Return a page of the caller's apps, newest first, and how many there are in all."""
    mine = api_apps.c.account_pk == caller.account_pk
    rows = tx.all(
        select(api_apps).where(mine).order_by(api_apps.c.id.desc()).limit(page.page_size).offset(page.offset)
    )
    total = tx.scalar(select(func.count()).select_from(api_apps).where(mine))
    return [app_of(row) for row in rows], int(total or 0)


def apps_waiting(tx: ReadTx, limit: int = 100) -> list[App]:
    """Return apps whose owner asked for approval, the longest waiting first."""
    asked = (
        select(func.max(api_app_decisions.c.id))
        .where(api_app_decisions.c.app_pk == api_apps.c.id, api_app_decisions.c.kind == "requested")
        .scalar_subquery()
    )
    waiting = select(api_apps).where(api_apps.c.approval == "requested").order_by(asked).limit(limit)
    return [app_of(row) for row in tx.all(waiting)]


def count_waiting(tx: ReadTx) -> int:
    """Return how many apps wait for approval."""
    # word for word as the index has it, so that it serves
    waiting = select(func.count(api_apps.c.id)).where(text("approval = 'requested'"))
    return int(tx.scalar(waiting) or 0)


def apps_in_force(tx: ReadTx, limit: int = 200) -> list[App]:
    """Return approved and suspended apps, suspended ones first, then the newest."""
    shown = (api_apps.c.approval == "approved") | api_apps.c.suspended_at.is_not(None)
    first = api_apps.c.suspended_at.is_(None)
    return [
        app_of(row)
        for row in tx.all(select(api_apps).where(shown).order_by(first, api_apps.c.id.desc()).limit(limit))
    ]


def decisions_on(tx: ReadTx, app_pk: int, limit: int = 20) -> list[Decision]:
    """Return what was asked and decided about the app, newest first."""
    t = api_app_decisions
    rows = tx.all(select(t).where(t.c.app_pk == app_pk).order_by(t.c.id.desc()).limit(limit))
    return [Decision(row.kind, row.reason, row.decided_by, row.app_as_seen, row.created_at) for row in rows]


_Row: Any = namedtuple("_Row", [column.name for column in api_apps.c])  # type: ignore[misc]  # as the table has them


def app_of_values(values: Sequence[Any]) -> App:
    """Return the app whose columns these are, in the order of ``api_apps``."""
    return app_of(_Row._make(values))


def app_of(row: Any) -> App:
    """Return the app that a row of ``api_apps`` holds."""
    return App(
        pk=row.id,
        client_id=row.client_id,
        name=row.name,
        owner_pk=row.account_pk,
        oauth_callback_url=row.oauth_callback_url,
        scopes=frozenset(row.scopes),
        domains=tuple(row.domains),
        approval=row.approval,
        suspended_at=row.suspended_at,
        profile=row.profile,
        refresh_needs_secret=row.refresh_needs_secret,
        access_token_seconds=row.access_token_seconds,
        is_native=row.is_native,
        can_insert_everywhere=row.can_insert_everywhere,
        white_labeling_options=row.white_labeling_options,
        logo_key=row.logo_key,
        logo_media_type=row.logo_media_type,
        created_at=row.created_at,
    )


def _one(tx: ReadTx, where: Any) -> App | None:
    row = tx.one_or_none(select(api_apps).where(where))
    return None if row is None else app_of(row)


def _required(app: App | None) -> App:
    if app is None:
        raise NotFound
    return app
