"""Sessions: rows on the server, found by the hash of what the browser's cookie holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Row, delete, select

from paraph.kit import ids
from paraph.kit.crypto import token_hash
from paraph.kit.db import delete_some

from .activity import record
from .models import sessions
from .queries import hold_account
from .suspended import Suspended

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import ReadTx, WriteTx

LONGEST_SECONDS = 14 * 86_400
IDLE_SECONDS = 3 * 86_400
TOKEN_PREFIX = "ps_"  # noqa: S105 - a prefix by which leaked tokens are recognised, not a secret


def start_session(tx: WriteTx, account_pk: int, client: Client, *, kit: Kit, replaces: str | None = None) -> str:
    """Return the token of a new session; the one it ``replaces`` ends, so that no planted session lives on (B11).

    Raises Suspended.
    """
    if hold_account(tx, account_pk).is_suspended:
        raise Suspended
    if replaces:
        end_session(tx, replaces)
    token = ids.opaque_token(TOKEN_PREFIX)
    now = kit.clock.now()
    values = {
        "account_pk": account_pk,
        "token_hash": token_hash(token),
        "address": client.address,
        "user_agent": client.user_agent,
        "created_at": now,
        "last_seen_at": now,
    }
    tx.insert(sessions, values)
    record(tx, account_pk, "logged_in", client, kit=kit)
    return token


def end_session(tx: WriteTx, token: str) -> None:
    """End the session of this token, if there is one."""
    tx.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))


def end_sessions(tx: WriteTx, account_pk: int, *, except_pk: int | None = None) -> int:
    """End the account's sessions, but for one; return how many ended."""
    doomed = delete(sessions).where(sessions.c.account_pk == account_pk)
    return tx.changed(doomed if except_pk is None else doomed.where(sessions.c.id != except_pk))


def sessions_of(tx: ReadTx, account_pk: int, now: int) -> list[Row[Any]]:
    """Return the account's living sessions, the one last seen first."""
    mine = select(sessions).where(sessions.c.account_pk == account_pk, alive(now))
    return tx.all(mine.order_by(sessions.c.last_seen_at.desc(), sessions.c.id.desc()))


def sweep_sessions(tx: WriteTx, now: int) -> int:
    """Delete a batch of sessions that are too old; return how many. One that was left idle is dead long before."""
    return delete_some(tx, sessions, sessions.c.created_at <= now - LONGEST_SECONDS)


def alive(now: int | BindParameter[int]) -> Any:
    """The condition that a session is neither too old nor too long unused."""
    return (sessions.c.created_at > now - LONGEST_SECONDS) & (sessions.c.last_seen_at > now - IDLE_SECONDS)
