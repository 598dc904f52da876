"""Mail the people whose turn it is; nobody before (T7), nobody twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from paraph.accounts import load_account
from paraph.apps import load_app

from . import audit
from .letters import mail_invitation
from .models import signatures
from .reminder_times import next_reminder
from .text_link import text_link

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

    from .shapes import SignatureRequest, WholeRequest


def invite_current_turn(tx: WriteTx, whole: WholeRequest, kit: Kit) -> None:
    """Ask everybody who may sign now and was not asked yet.

    A suspended app asks nobody (T15), and nobody is asked for what expired while it was held.
    """
    expires_at = whole.request.expires_at
    if is_stopped(tx, whole.request) or (expires_at is not None and expires_at <= kit.clock.now()):
        return
    lifecycle = whole.lifecycle
    for signature in whole.signatures:
        if not lifecycle.is_turn_of(signature.position):
            continue
        fresh = (signatures.c.id == signature.id) & signatures.c.invited_at.is_(None)
        now = kit.clock.now()
        reminder = next_reminder(now, whole.request.expires_at, now, kit.settings)
        if tx.changed(update(signatures).where(fresh).values(invited_at=now, next_reminder_at=reminder)) != 1:
            continue
        mail_invitation(tx, whole, signature, kit=kit)
        texted = text_link(tx, whole, signature, kit)
        facts = {"signature": signature.signature_id, "sent_to": signature.email_address, **texted}
        audit.record(tx, whole.request.id, "invited", facts, kit=kit)


def is_stopped(tx: ReadTx, request: SignatureRequest) -> bool:
    """True while the sender, or the app that the request was made with, is suspended: it mails nobody."""
    if load_account(tx, request.account_pk).is_suspended:
        return True
    return request.app_pk is not None and load_app(tx, request.app_pk).is_suspended
