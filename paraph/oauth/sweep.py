"""Forget what is over. A deleted code or token is unknown, and so refused like before (R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, update

from .models import oauth_access_tokens, oauth_codes, oauth_grants, oauth_refresh_tokens, oauth_requests
from .refresh import RETRY_SECONDS

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

DAY = 86_400
CODE_KEPT_SECONDS = DAY
"""A replay of a code is noticed, and revokes what it gave, for so long after the code's end."""

USED_REFRESH_KEPT_SECONDS = 30 * DAY
ENDED_GRANT_KEPT_SECONDS = 90 * DAY


def sweep(tx: WriteTx, *, kit: Kit) -> None:
    """Delete what cannot matter any more; end pending pairs whose time is over."""
    now = kit.clock.now()
    tx.execute(delete(oauth_requests).where(oauth_requests.c.expires_at <= now))
    tx.execute(delete(oauth_codes).where(oauth_codes.c.expires_at <= now - CODE_KEPT_SECONDS))
    _end_stale_pending(tx, now)
    _sweep_tokens(tx, now)
    ended = oauth_grants.c.revoked_at <= now - ENDED_GRANT_KEPT_SECONDS
    tx.execute(delete(oauth_grants).where(oauth_grants.c.status == "revoked", ended))


def _end_stale_pending(tx: WriteTx, now: int) -> None:
    stale = (oauth_grants.c.status == "pending") & (oauth_grants.c.pending_until <= now)
    ended = {"status": "revoked", "revoked_at": now, "revoked_because": "not_confirmed"}
    tx.execute(update(oauth_grants).where(stale).values(ended))


def _sweep_tokens(tx: WriteTx, now: int) -> None:
    refresh = oauth_refresh_tokens
    tx.execute(delete(oauth_access_tokens).where(oauth_access_tokens.c.expires_at <= now - DAY))
    tx.execute(delete(refresh).where(refresh.c.used_at <= now - USED_REFRESH_KEPT_SECONDS))
    answered = (refresh.c.used_at <= now - RETRY_SECONDS) & refresh.c.answer.is_not(None)
    tx.execute(update(refresh).where(answered).values(answer=None))
