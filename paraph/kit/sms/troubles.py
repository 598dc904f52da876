"""Text messages that are not on their way: counted for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from .models import text_messages as t

if TYPE_CHECKING:
    from paraph.kit.db import ReadTx


def texts_waiting(tx: ReadTx, before: int) -> tuple[int, int | None]:
    """Return how many messages written before then no gateway has taken or refused, and when the oldest was."""
    waiting = (t.c.sent_at.is_(None), t.c.refused_at.is_(None), t.c.created_at <= before)
    row: Any = tx.execute(select(func.count(), func.min(t.c.created_at)).where(*waiting)).one()
    return int(row[0]), row[1]
