"""Forget what is over. A deleted code or token is unknown, and so refused like before (R4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.db import delete_some, update_some

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


def sweep(tx: WriteTx, *, kit: Kit) -> int:
    """Delete a batch of each kind that cannot matter any more, end pending pairs whose time is over; return how many
    rows that were."""
    now = kit.clock.now()
    ended = (oauth_grants.c.status == "revoked") & (oauth_grants.c.revoked_at <= now - ENDED_GRANT_KEPT_SECONDS)
    return (
        delete_some(tx, oauth_requests, oauth_requests.c.expires_at <= now)
        + delete_some(tx, oauth_codes, oauth_codes.c.expires_at <= now - CODE_KEPT_SECONDS)
        + _end_stale_pending(tx, now)
        + _sweep_tokens(tx, now)
        + delete_some(tx, oauth_grants, ended)
    )


def _end_stale_pending(tx: WriteTx, now: int) -> int:
    stale = (oauth_grants.c.status == "pending") & (oauth_grants.c.pending_until <= now)
    ended = {"status": "revoked", "revoked_at": now, "revoked_because": "not_confirmed"}
    return update_some(tx, oauth_grants, stale, ended)


def _sweep_tokens(tx: WriteTx, now: int) -> int:
    refresh = oauth_refresh_tokens
    answered = (refresh.c.used_at <= now - RETRY_SECONDS) & refresh.c.answer.is_not(None)
    return (
        delete_some(tx, oauth_access_tokens, oauth_access_tokens.c.expires_at <= now - DAY)
        + delete_some(tx, refresh, refresh.c.used_at <= now - USED_REFRESH_KEPT_SECONDS)
        + update_some(tx, refresh, answered, {"answer": None})
    )
