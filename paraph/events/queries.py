"""What was delivered, for the page of an app or account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Row, select

from .callbacks import owned
from .models import deliveries, delivery_attempts, events

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx

PAGE_SIZE = 20
State = Literal["waiting", "delivered", "given_up", "dropped"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, at a time in seconds UTC; ``error`` is None when the receiver took the event."""

    attempted_at: int
    url: str
    milliseconds: int
    status: int | None
    answer: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of one event; ``next_try_at`` is set while it waits. ``attempts`` are oldest first."""

    delivery_id: str
    event_type: str
    event_time: int
    state: State
    is_replay: bool
    tries: int
    created_at: int
    next_try_at: int | None
    finished_at: int | None
    request_body: str
    payload_sha256: str
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """Deliveries, newest first; iterable."""

    deliveries: tuple[Delivery, ...]
    page: int
    has_more: bool

    def __iter__(self) -> Any:
        return iter(self.deliveries)

    def __len__(self) -> int:
        return len(self.deliveries)


def deliveries_of(
    tx: ReadTx,
    *,
    account_pk: int | None = None,
    app_pk: int | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> DeliveriesPage:
    """Return a page of the deliveries of the account's or app's callback, with their attempts."""
    page = max(1, page)
    wanted = (
        select(deliveries, events.c.event_type, events.c.payload, events.c.payload_sha256)
        .add_columns(events.c.created_at.label("event_time"))
        .join(events, events.c.id == deliveries.c.event_pk)
        .where(owned(deliveries, account_pk, app_pk))
        .order_by(deliveries.c.id.desc())
        .limit(page_size + 1)
        .offset((page - 1) * page_size)
    )
    rows = tx.all(wanted)
    shown = rows[:page_size]
    attempts = _attempts(tx, [row.id for row in shown])
    return DeliveriesPage(tuple(_delivery(row, attempts[row.id]) for row in shown), page, len(rows) > page_size)


def find_delivery(tx: ReadTx, delivery_id: str, *, account_pk: int | None, app_pk: int | None) -> Row[Any] | None:
    """Return the delivery's row if it is the account's or app's, else None."""
    ours = owned(deliveries, account_pk, app_pk)
    return tx.one_or_none(select(deliveries).where(deliveries.c.delivery_id == delivery_id, ours))


def _attempts(tx: ReadTx, delivery_pks: list[int]) -> dict[int, list[Attempt]]:
    found: dict[int, list[Attempt]] = defaultdict(list)
    of_these = delivery_attempts.c.delivery_pk.in_(delivery_pks)
    for row in tx.all(select(delivery_attempts).where(of_these).order_by(delivery_attempts.c.id)):
        found[row.delivery_pk].append(
            Attempt(row.attempted_at, row.url, row.milliseconds, row.status, row.answer, row.error)
        )
    return found


def _delivery(row: Row[Any], attempts: list[Attempt]) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        event_type=row.event_type,
        event_time=row.event_time,
        state=row.state,
        is_replay=row.is_replay,
        tries=row.tries,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        finished_at=row.finished_at,
        request_body=row.payload.decode("ascii"),
        payload_sha256=row.payload_sha256,
        attempts=tuple(attempts),
    )
