"""What happened to an account's keys and doors: shown to its owner, kept for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from paraph.kit.db import delete_some

from .models import account_activity

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import ReadTx, WriteTx

KEPT_SECONDS = 400 * 86_400
SHOWN = 20


def record(
    tx: WriteTx,
    account_pk: int,
    what: str,
    client: Client,
    *,
    kit: Kit,
    client_id: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note that ``what`` (a short name in the past tense) happened; ``client_id`` when an app did it."""
    values = {
        "account_pk": account_pk,
        "what": what,
        "detail": detail,
        "address": client.address,
        "client_id": client_id,
        "happened_at": kit.clock.now(),
    }
    tx.insert(account_activity, values)


def recent_activity(tx: ReadTx, account_pk: int) -> list[Row[Any]]:
    """Return the newest entries, newest first; look-ups of other people's addresses are for the audit only."""
    mine = select(account_activity).where(
        account_activity.c.account_pk == account_pk, account_activity.c.what != "address_verified"
    )
    return tx.all(mine.order_by(account_activity.c.id.desc()).limit(SHOWN))


def sweep_activity(tx: WriteTx, now: int) -> int:
    """Forget a batch of what is older than is kept; return how many."""
    return delete_some(tx, account_activity, account_activity.c.happened_at < now - KEPT_SECONDS)
