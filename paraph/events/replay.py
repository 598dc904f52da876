"""Deliver an event once more, because its receiver wants it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from paraph.kit.errors import BadRequest, NotFound

from .callbacks import check_switched_on, owned
from .models import callbacks, events
from .queries import find_delivery
from .record import add_delivery

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx


def replay_delivery(
    tx: WriteTx, delivery_id: str, *, account_pk: int | None = None, app_pk: int | None = None, kit: Kit
) -> str:
    """Start a new delivery of the same bytes, with its own tries, and return its id.

    Raises NotFound when the delivery is not the account's or app's, BadRequest when there is no callback URL now.
    """
    original = find_delivery(tx, delivery_id, account_pk=account_pk, app_pk=app_pk)
    if original is None:
        raise NotFound("There is no such delivery.")
    callback = tx.one_or_none(select(callbacks).where(owned(callbacks, account_pk, app_pk)))
    if callback is None or callback.url is None:
        raise BadRequest("There is no callback URL to deliver to.", path="callback_url")
    check_switched_on(callback)
    event = tx.execute(select(events).where(events.c.id == original.event_pk)).one()
    return add_delivery(tx, event, is_replay=True, kit=kit)
