"""Have the worker look at the deliveries of a callback."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx


def wake(tx: WriteTx, callback_pk: int, due: int, kit: Kit) -> None:
    """Have the worker look at the callback's deliveries at ``due``.

    One job for each occasion, without a key: a shared row would make all transactions of an app wait for each other.
    """
    kit.queue.enqueue(tx, "events.deliver", lane="network", due=due, callback_pk=callback_pk)
