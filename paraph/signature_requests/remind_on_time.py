"""Remind signers by the clock: some days after the invitation, and before the request expires.

Only people who were mailed a link have a ``next_reminder_at``; who signs inside an app's page is never reminded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from .invite import is_stopped
from .letters import mail_expiry_reminder, mail_reminder
from .links import DAY_SECONDS
from .models import signatures
from .queries import lock_whole
from .remind import PAUSE_SECONDS, record_reminder
from .reminder_times import next_reminder, reminder_due

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.settings import Settings

    from .reminder_times import ReminderTime
    from .shapes import Signature, WholeRequest

BATCH = 100
SOON_ENOUGH_SECONDS = DAY_SECONDS
"""Who heard of the request within a day needs no word that its time runs out."""


def reminders_due(tx: ReadTx, now: int) -> list[tuple[int, int]]:
    """Internal keys (request, signature) of signatures to look at now, a batch at most."""
    columns = signatures.c
    due = select(columns.request_pk, columns.id).where(columns.next_reminder_at <= now)
    return [(row.request_pk, row.id) for row in tx.all(due.order_by(columns.next_reminder_at).limit(BATCH))]


def remind_on_time(tx: WriteTx, keys: tuple[int, int], kit: Kit) -> None:
    """Remind the signer of these keys if it is time to, and settle when to look again; a second run does nothing."""
    request_pk, signature_pk = keys
    whole, now = lock_whole(tx, request_pk), kit.clock.now()
    own = next((one for one in whole.signatures if one.id == signature_pk), None)
    if own is None or own.next_reminder_at is None or own.next_reminder_at > now:
        return
    # the operator may lift the suspension of an app
    stopped = is_stopped(tx, whole.request)
    decided = _Decision(now + DAY_SECONDS) if stopped else _decide(whole, own, now, kit.settings)
    tx.execute(update(signatures).where(signatures.c.id == own.id).values(next_reminder_at=decided.look_again_at))
    if decided.because is not None:
        _remind(tx, whole, own, decided.because, kit)


@dataclass(frozen=True, slots=True)
class _Decision:
    look_again_at: int | None
    because: ReminderTime | None = None


def _decide(whole: WholeRequest, own: Signature, now: int, settings: Settings) -> _Decision:
    expires_at = whole.request.expires_at
    if own.invited_at is None or not _waits_for(whole, own, now):
        return _Decision(None)
    due = reminder_due(own.invited_at, expires_at, now, settings)
    later = next_reminder(own.invited_at, expires_at, now, settings)
    heard = max(own.invited_at, own.last_reminded_at or 0)
    if due is None or (due.before_expiry and now - heard < SOON_ENOUGH_SECONDS):
        return _Decision(later)
    if now - heard < PAUSE_SECONDS:
        return _Decision(heard + PAUSE_SECONDS)
    return _Decision(later, due)


def _waits_for(whole: WholeRequest, own: Signature, now: int) -> bool:
    """True while this signer may sign and mail reaches them."""
    expires_at = whole.request.expires_at
    is_over = expires_at is not None and expires_at <= now
    return whole.lifecycle.is_turn_of(own.position) and not is_over and own.bounced_at is None


def _remind(tx: WriteTx, whole: WholeRequest, own: Signature, due: ReminderTime, kit: Kit) -> None:
    write = mail_expiry_reminder if due.before_expiry else mail_reminder
    write(tx, whole, own, kit=kit)
    record_reminder(tx, whole, own, {"automatic": True, "before_expiry": due.before_expiry}, kit=kit)
