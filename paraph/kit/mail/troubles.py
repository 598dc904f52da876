"""Mails that are not on their way: counted for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from .models import mails

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx


def mails_waiting(tx: ReadTx, before: int) -> tuple[int, int | None]:
    """Return how many mails written before then no mail server has taken or refused, and when the oldest was."""
    waiting = (mails.c.sent_at.is_(None), mails.c.refused_at.is_(None), mails.c.created_at <= before)
    row: Any = tx.execute(select(func.count(), func.min(mails.c.created_at)).where(*waiting)).one()
    return int(row[0]), row[1]


def mails_refused(tx: ReadTx) -> int:
    """Return how many kept mails were refused for good."""
    refused = (mails.c.sent_at.is_(None), mails.c.refused_at.is_not(None))
    return int(tx.scalar(select(func.count()).select_from(mails).where(*refused)) or 0)
