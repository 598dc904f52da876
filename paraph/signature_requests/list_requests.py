"""Lists of requests: sent and received, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from .lifecycle import RequestState
from .models import signature_requests
from .queries import visible_to, wholes_of
from .search import awaiting, condition_of
from .shapes import request_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx
    from paraph.kit.wire import Page

    from .shapes import WholeRequest

MOST_WAITING = 50


def list_requests(tx: ReadTx, caller: Caller, page: Page, query: str | None = None) -> tuple[list[WholeRequest], int]:
    """One page of what the caller may see, and how many there are in all; cancelled ones are gone (410 by id)."""
    condition = and_(_shown(caller), condition_of(query, caller)) if query and query.strip() else _shown(caller)
    total = tx.scalar(select(func.count()).select_from(signature_requests).where(condition))
    return _load(tx, condition, page.page_size, page.offset), int(total or 0)


def sent_by_me(tx: ReadTx, caller: Caller, page: Page) -> tuple[list[WholeRequest], int]:
    """One page of the requests that this account sent, and how many there are."""
    condition = and_(_shown(caller), signature_requests.c.account_pk == caller.account_pk)
    total = tx.scalar(select(func.count()).select_from(signature_requests).where(condition))
    return _load(tx, condition, page.page_size, page.offset), int(total or 0)


def waiting_for_me(tx: ReadTx, caller: Caller) -> list[WholeRequest]:
    """The newest requests that wait for this account's signature now."""
    return _load(tx, and_(_shown(caller), awaiting(caller)), MOST_WAITING, 0)


def _shown(caller: Caller) -> ColumnElement[bool]:
    return and_(visible_to(caller), signature_requests.c.state != RequestState.CANCELLED.value)


def _load(tx: ReadTx, condition: ColumnElement[bool], limit: int, offset: int) -> list[WholeRequest]:
    columns = signature_requests.c
    rows = tx.all(select(signature_requests).where(condition).order_by(columns.id.desc()).limit(limit).offset(offset))
    return wholes_of(tx, [request_of(row) for row in rows])
