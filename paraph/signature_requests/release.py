"""Let a prepared request go out: mark it sent, mail whose turn it is, announce it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from paraph.accounts import load_account

from . import audit
from .announce import announce
from .file_notes import flattened_message
from .invite import invite_current_turn
from .lifecycle import RequestState, SignatureStatus
from .models import signature_requests, signatures
from .moves import store_move
from .queries import load_whole, lock_whole

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .shapes import WholeRequest


def mark_sent(tx: WriteTx, whole: WholeRequest, kit: Kit) -> None:
    """Record that the request, already in state ``sent``, goes out now; no mail leaves before (T37)."""
    values = {"sent_at": kit.clock.now()}
    tx.execute(update(signature_requests).where(signature_requests.c.id == whole.request.id).values(values))
    audit.record(tx, whole.request.id, "sent", kit=kit)
    invite_current_turn(tx, whole, kit)
    message = flattened_message(whole)
    announce(tx, load_whole(tx, whole.request.id), "signature_request_sent", message=message, kit=kit)


def release_held(tx: WriteTx, account_pk: int, kit: Kit) -> None:
    """Send what waited for the sender to be confirmed, or suspended no longer.

    What is still being prepared goes out later. What has expired meanwhile stays held until the job that records it
    comes round: nobody is asked any more.
    """
    sender = load_account(tx, account_pk)
    if sender.is_suspended or not sender.is_confirmed:
        return  # it is released when the other reason is gone, too
    columns = signature_requests.c
    mine = columns.account_pk == account_pk
    held = select(columns.id).where(mine, columns.state == RequestState.ON_HOLD.value).order_by(columns.id)
    for row in tx.all(held):
        before = lock_whole(tx, row.id)
        if before.request.state is RequestState.ON_HOLD and not _is_over(before, kit):
            mark_sent(tx, store_move(tx, before, before.lifecycle.released()), kit)
    preparing = select(columns.id).where(mine, columns.state == RequestState.PREPARING.value)
    tx.execute(
        update(signatures)
        .where(signatures.c.request_pk.in_(preparing), signatures.c.status == SignatureStatus.ON_HOLD.value)
        .values(status=SignatureStatus.AWAITING.value)
    )


def _is_over(whole: WholeRequest, kit: Kit) -> bool:
    expires_at = whole.request.expires_at
    return expires_at is not None and expires_at <= kit.clock.now()
