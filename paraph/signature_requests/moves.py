"""Store a move of the lifecycle: only what changed, and only if nobody moved first (T8, T9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from paraph.kit.errors import Conflict

from .blocks import hide
from .lifecycle import RequestState
from .models import signature_requests, signatures
from .queries import load_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paraph.kit.db import WriteTx

    from .lifecycle import Lifecycle
    from .shapes import WholeRequest

MOVED_FIRST = "The signature request changed at the same moment. Look at it again."


def store_move(
    tx: WriteTx,
    before: WholeRequest,
    after: Lifecycle,
    *,
    request: Mapping[str, Any] | None = None,
    signature: tuple[int, Mapping[str, Any]] | None = None,
) -> WholeRequest:
    """Bring the rows from ``before`` to ``after`` and return the request anew; raises Conflict.

    ``request`` holds further columns of the request, ``signature`` the position of one signature and its columns.
    """
    columns = signature_requests.c
    unmoved = (columns.id == before.request.id) & (columns.state == before.request.state)
    values = {"state": after.state.value, **(request or {})}
    _one(tx.changed(update(signature_requests).where(unmoved).values(values)))
    if after.state is RequestState.CANCELLED and before.request.state is not RequestState.CANCELLED:
        hide(tx, before.request)
    place, more = signature or (-1, {})
    for position, (old, new) in enumerate(zip(before.signatures, after.signers, strict=True)):
        own = dict(more) if position == place else {}
        if old.status is not new.status:
            own["status"] = new.status.value
        if own:
            same = (signatures.c.id == old.id) & (signatures.c.status == old.status)
            _one(tx.changed(update(signatures).where(same).values(own)))
    return load_whole(tx, before.request.id)


def _one(changed: int) -> None:
    if changed != 1:
        raise Conflict(MOVED_FIRST)
