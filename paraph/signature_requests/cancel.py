"""Cancel an unfinished request: signers are shut out at once, the event follows by a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from paraph.apps import find_app
from paraph.kit.errors import Deleted, NotFound, ParaphError

from . import audit
from .announce import announce
from .letters import mail_cancelled, mail_stopped
from .lifecycle import NOT_SENT_YET, IllegalMove, RequestState
from .models import signature_requests
from .moves import store_move
from .queries import find_request, load_visible, lock_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import WriteTx

    from .shapes import SignatureRequest, WholeRequest

REASONS = {
    RequestState.COMPLETE: "it is signed by everyone",
    RequestState.DECLINED: "a signer declined it",
    RequestState.EXPIRED: "it has expired",
    RequestState.FAILED: "it was never sent",
}


class CancelFailed(ParaphError):
    """400 ``signature_request_cancel_failed``: not the requester, or the request is over."""

    default_name = "signature_request_cancel_failed"


def cancel_request(tx: WriteTx, caller: Caller, signature_request_id: str, *, kit: Kit) -> None:
    """Cancel; the sender may, and by API key the owner of the app it was sent with.

    Raises NotFound, Deleted when it was cancelled before, CancelFailed.
    """
    before = _cancellable(tx, caller, signature_request_id)
    try:
        after = before.lifecycle.cancelled()
    except IllegalMove as illegal:
        raise CancelFailed(f"The request cannot be cancelled: {REASONS[before.request.state]}.") from illegal
    whole = store_move(tx, before, after, request={"closed_at": kit.clock.now()})
    facts = {"by": caller.email_address, **audit.caller_facts(caller)}
    audit.record(tx, whole.request.id, "cancelled", facts, kit=kit, client=caller.client)
    kit.queue.enqueue(tx, "signature_requests.confirm_cancel", request_pk=whole.request.id)


def withdraw_unsent(tx: WriteTx, account_pk: int, kit: Kit) -> None:
    """Take back what this account sent before anybody proved that its address is theirs.

    Nobody was asked to sign any of it, so nobody is told; the chain says why.
    """
    for _ in _withdrawn(tx, signature_requests.c.account_pk == account_pk, "account_taken_over", kit):
        pass


def stop_unsent(tx: WriteTx, app_pk: int, kit: Kit) -> None:
    """Cancel what a suspended app has not sent yet (T15), and tell the senders."""
    for whole in _withdrawn(tx, signature_requests.c.app_pk == app_pk, "app_suspended", kit):
        mail_stopped(tx, whole, kit=kit)


def confirm_cancel(tx: WriteTx, request_pk: int, kit: Kit) -> None:
    """Announce a cancellation and tell the people who were asked to sign; a second run does nothing."""
    whole = lock_whole(tx, request_pk)
    if any(event.kind == "cancel_confirmed" for event in audit.chain_of(tx, request_pk)):
        return
    audit.record(tx, request_pk, "cancel_confirmed", kit=kit)
    announce(tx, whole, "signature_request_canceled", kit=kit)
    mail_cancelled(tx, whole, kit=kit)


def _withdrawn(tx: WriteTx, which: ColumnElement[bool], reason: str, kit: Kit) -> Iterator[WholeRequest]:
    """Cancel the unsent requests among these, one by one."""
    columns = signature_requests.c
    unsent = columns.state.in_([state.value for state in NOT_SENT_YET])
    for row in tx.all(select(columns.id).where(which, unsent).order_by(columns.id)):
        before = lock_whole(tx, row.id)
        if before.request.state in NOT_SENT_YET:
            yield store_move(tx, before, before.lifecycle.cancelled(), request={"closed_at": kit.clock.now()})
            audit.record(tx, row.id, "cancelled", {"by": "this server", "reason": reason}, kit=kit)


def _cancellable(tx: WriteTx, caller: Caller, signature_request_id: str) -> WholeRequest:
    request = find_request(tx, signature_request_id)
    if request is None:
        raise NotFound("Not found")
    whole = lock_whole(tx, request.id)
    if not _owns_app_of(tx, caller, whole.request):
        load_visible(tx, caller, signature_request_id)  # not visible is not found
        if whole.request.account_pk != caller.account_pk:
            raise CancelFailed("Only the sender can cancel this request.")
    if whole.request.state is RequestState.CANCELLED:
        raise Deleted
    return whole


def _owns_app_of(tx: WriteTx, caller: Caller, request: SignatureRequest) -> bool:
    if caller.kind != "api_key" or request.app_pk is None:
        return False
    app = find_app(tx, request.client_id or "")
    return app is not None and app.pk == request.app_pk and app.owner_pk == caller.account_pk
