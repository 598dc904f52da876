"""Background work of this room; every handler checks the state first, because a job may run twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.queue import job, periodic

from .announce import announce
from .blocks import fold
from .bounce import Mailed, record_bounce, record_mailed
from .cancel import confirm_cancel
from .check_blocks import check_some
from .complete import complete_request
from .expire import expire_request, overdue
from .letters import BOUNCE_JOB, MAILED_JOB
from .prepare import prepare_request
from .queries import load_whole
from .refresh import refresh_file
from .refuse import FileRefused, record_failed
from .remind_on_time import remind_on_time, reminders_due
from .retention import DELETE_JOB, delete_bytes, delete_files, due_for_deletion
from .terms import index_some
from .text_link import UNDELIVERED_JOB, Undelivered, record_undelivered

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

EXPIRY_SECONDS = 60
RETENTION_SECONDS = 3600
REMINDING_SECONDS = 300
LISTS_SECONDS = 60
MAILED_KEYS = ("signature_id", "sent_to", "what", "message_id")
PREPARING_ATTEMPTS = 12
"""Nearly three hours of failures of our own; then the sender is told, and can send again."""
SEALING_ATTEMPTS = 40
"""Over a day: a sealing key that an operator forgot to renew is put right within that."""

OUR_FAULT = "This server could not prepare the files. Nobody was asked to sign; try again, or tell the operator."


def _preparing_given_up(tx: WriteTx, payload: dict[str, Any], reason: str, kit: Kit) -> None:
    record_failed(tx, payload["request_pk"], FileRefused("worker_failed", OUR_FAULT, "unknown_error"), kit)


def _sealing_given_up(tx: WriteTx, payload: dict[str, Any], reason: str, kit: Kit) -> None:
    message = "The final file could not be sealed. All signatures are kept; tell the operator of this server."
    announce(tx, load_whole(tx, payload["request_pk"]), "unknown_error", message=message, kit=kit)


@job("signature_requests.prepare", attempts=PREPARING_ATTEMPTS, given_up=_preparing_given_up)
async def prepare(payload: dict[str, Any], kit: Kit) -> None:
    """Take the files in and send."""
    await prepare_request(payload["request_pk"], kit)


@job("signature_requests.refresh")
async def refresh(payload: dict[str, Any], kit: Kit) -> None:
    """Bring the downloadable file up to the latest signature."""
    await refresh_file(payload["request_pk"], kit)


@job("signature_requests.complete", attempts=SEALING_ATTEMPTS, given_up=_sealing_given_up)
async def complete(payload: dict[str, Any], kit: Kit) -> None:
    """Seal the final file and mail the copies."""
    await complete_request(payload["request_pk"], kit)


@job("signature_requests.confirm_cancel")
async def cancelled(payload: dict[str, Any], kit: Kit) -> None:
    """Announce a cancellation."""
    await kit.db.write(lambda tx: confirm_cancel(tx, payload["request_pk"], kit))


@job(BOUNCE_JOB)
async def bounced(payload: dict[str, Any], kit: Kit) -> None:
    """Record that a signer's mail was refused."""
    await kit.db.write(
        lambda tx: record_bounce(tx, payload["request_pk"], payload["signature_id"], payload.get("reason", ""), kit)
    )


@job(UNDELIVERED_JOB)
async def text_refused(payload: dict[str, Any], kit: Kit) -> None:
    """Record that a gateway refused a text message to a signer."""
    message = Undelivered(payload["request_pk"], payload["signature_id"], payload["what"], payload.get("reason", ""))
    await kit.db.write(lambda tx: record_undelivered(tx, message, kit))


@job(MAILED_JOB)
async def mailed(payload: dict[str, Any], kit: Kit) -> None:
    """Record that the mail server took a mail to a signer."""
    request_pk, mailed = payload["request_pk"], Mailed(**{key: payload[key] for key in MAILED_KEYS})
    await kit.db.write(lambda tx: record_mailed(tx, request_pk, mailed, kit))


@periodic("signature_requests.remind", every=REMINDING_SECONDS)
async def remind(_payload: dict[str, Any], kit: Kit) -> None:
    """Remind whom it is time to remind, each in a transaction of its own."""
    while due := await kit.db.read(lambda tx: reminders_due(tx, kit.clock.now())):
        for one in due:
            await kit.db.write(lambda tx, one=one: remind_on_time(tx, one, kit))  # type: ignore[misc]


@periodic("signature_requests.retention", every=RETENTION_SECONDS)
async def retention(_payload: dict[str, Any], kit: Kit) -> None:
    """Delete the files of requests that ended long enough ago, each request in a transaction of its own."""
    days = kit.settings.retention_days
    while days and (due := await kit.db.read(lambda tx: due_for_deletion(tx, kit.clock.now(), days))):
        for request_pk in due:
            await kit.db.write(lambda tx, pk=request_pk: delete_files(tx, pk, kit))  # type: ignore[misc]


@job(DELETE_JOB)
async def delete(payload: dict[str, Any], kit: Kit) -> None:
    """Delete files for good."""
    await delete_bytes(payload["keys"], kit)


@periodic("signature_requests.expire", every=EXPIRY_SECONDS)
async def expire(_payload: dict[str, Any], kit: Kit) -> None:
    """Expire what is overdue, each request in a transaction of its own."""
    while due := await kit.db.read(lambda tx: overdue(tx, kit.clock.now())):
        for request_pk in due:
            await kit.db.write(lambda tx, pk=request_pk: expire_request(tx, pk, kit))  # type: ignore[misc]


@periodic("signature_requests.lists", every=LISTS_SECONDS)
async def keep_lists(_payload: dict[str, Any], kit: Kit) -> None:
    """Take what was sent lately into the blocks and the index of words that long lists are read by."""
    for step in (fold, index_some, check_some):
        while await kit.db.write(lambda tx, step=step: step(tx, kit.clock.now())):  # type: ignore[misc]
            continue
