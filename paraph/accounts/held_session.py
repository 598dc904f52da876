"""Make sure that a browser's session still stands while something is done in its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from paraph.kit.crypto import token_hash

from .models import sessions
from .sessions import alive

if TYPE_CHECKING:
    from paraph.kit.db import WriteTx


def hold_session(tx: WriteTx, token: str, now: int) -> bool:
    """True when the session lives, and then it does until the transaction ends.

    Whoever ends it meanwhile waits, and sees what was done in its name; who has begun to end it is waited for.
    """
    living = select(sessions.c.id).where(sessions.c.token_hash == token_hash(token), alive(now))
    return tx.scalar(living.with_for_update(read=True, key_share=True)) is not None
