"""Expire requests whose time ran out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from . import audit
from .announce import announce
from .invite import is_stopped
from .letters import mail_expired, mail_expired_to_signers
from .lifecycle import OPEN_FOR_SIGNING, RequestState
from .models import signature_requests
from .moves import store_move
from .queries import lock_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

CAN_EXPIRE = OPEN_FOR_SIGNING | {RequestState.ON_HOLD}
BATCH = 100


def overdue(tx: ReadTx, now: int) -> list[int]:
    """Internal keys of requests that should be expired by now, a batch at most."""
    columns = signature_requests.c
    late = (columns.state.in_([state.value for state in CAN_EXPIRE])) & (columns.expires_at <= now)
    return [row.id for row in tx.all(select(columns.id).where(late).order_by(columns.expires_at).limit(BATCH))]


def expire_request(tx: WriteTx, request_pk: int, kit: Kit) -> None:
    """Move the open signatures of an overdue request to expired, and say so; nothing when it is not overdue."""
    before = lock_whole(tx, request_pk)
    request, now = before.request, kit.clock.now()
    if request.state not in CAN_EXPIRE or request.expires_at is None or request.expires_at > now:
        return
    whole = store_move(tx, before, before.lifecycle.expired(), request={"closed_at": now})
    audit.record(tx, request_pk, "expired", {"expires_at": request.expires_at}, kit=kit)
    announce(tx, whole, "signature_request_expired", kit=kit)
    mail_expired(tx, whole, kit=kit)
    if not is_stopped(tx, request):
        mail_expired_to_signers(tx, whole, kit=kit)
