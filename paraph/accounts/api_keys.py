"""API keys: up to four an account, one of them primary; shown once, looked up by keyed hash (T13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, delete, func, select, update

from paraph.kit import ids
from paraph.kit.errors import Conflict, NotFound

from .activity import record
from .models import api_keys
from .queries import lock_account

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import ReadTx, WriteTx

MOST_KEYS = 4
HASH_PURPOSE = "api-key"
SEAL_PURPOSE = "api-key-sealed"
ENDING_CHARACTERS = 4


def keys_of(tx: ReadTx, account_pk: int) -> list[Row[Any]]:
    """Return the account's keys (never the keys themselves), oldest first."""
    columns = (
        api_keys.c.id,
        api_keys.c.ending,
        api_keys.c.is_primary,
        api_keys.c.was_shown,
        api_keys.c.created_at,
        api_keys.c.last_used_at,
    )
    return tx.all(select(*columns).where(api_keys.c.account_pk == account_pk).order_by(api_keys.c.id))


def primary_api_key(tx: WriteTx, account_pk: int, kit: Kit) -> str:
    """Return the plain primary key, which keys ``event_hash``; made when the account has none."""
    primary = select(api_keys.c.key_sealed).where(_is_primary(account_pk))
    sealed = tx.scalar(primary)
    if sealed is None:
        lock_account(tx, account_pk)
        sealed = tx.scalar(primary)
    if sealed is None:
        return add_api_key(tx, account_pk, kit=kit, shown=False)
    return kit.keyring.unseal(SEAL_PURPOSE, sealed).decode()


def create_api_key(tx: WriteTx, account_pk: int, client: Client, *, kit: Kit) -> str:
    """Add a key and return it, the only time it is shown; raises Conflict beyond four."""
    lock_account(tx, account_pk)
    if tx.scalar(select(func.count()).select_from(api_keys).where(api_keys.c.account_pk == account_pk)) >= MOST_KEYS:
        raise Conflict(f"An account has at most {MOST_KEYS} API keys. Delete one first.")
    key = add_api_key(tx, account_pk, kit=kit)
    record(tx, account_pk, "api_key_created", client, kit=kit, detail={"ending": key[-ENDING_CHARACTERS:]})
    return key


def regenerate_api_key(tx: WriteTx, account_pk: int, key_pk: int, client: Client, *, kit: Kit) -> str:
    """Replace a key by a new one in its place and return it; the old one stops at once. Raises NotFound."""
    key = ids.api_key()
    values = _secret(key, kit) | {"was_shown": True, "created_at": kit.clock.now(), "last_used_at": None}
    if tx.changed(_own(update(api_keys), account_pk, key_pk).values(values)) == 0:
        raise _no_such_key()
    record(tx, account_pk, "api_key_regenerated", client, kit=kit, detail={"ending": key[-ENDING_CHARACTERS:]})
    return key


def make_primary(tx: WriteTx, account_pk: int, key_pk: int, client: Client, *, kit: Kit) -> None:
    """Let events be signed with this key from now on; raises NotFound."""
    lock_account(tx, account_pk)
    tx.execute(update(api_keys).where(api_keys.c.account_pk == account_pk).values(is_primary=False))
    if tx.changed(_own(update(api_keys), account_pk, key_pk).values(is_primary=True)) == 0:
        raise _no_such_key()
    record(tx, account_pk, "api_key_made_primary", client, kit=kit)


def delete_api_key(tx: WriteTx, account_pk: int, key_pk: int, client: Client, *, kit: Kit) -> None:
    """Delete a key; it stops at once. Raises NotFound, and Conflict for the primary one."""
    lock_account(tx, account_pk)
    row = tx.one_or_none(_own(select(api_keys.c.is_primary, api_keys.c.ending), account_pk, key_pk))
    if row is None:
        raise _no_such_key()
    if row.is_primary:
        raise Conflict("This is your primary key: it signs your events. Make another key primary first.")
    tx.execute(_own(delete(api_keys), account_pk, key_pk))
    record(tx, account_pk, "api_key_deleted", client, kit=kit, detail={"ending": row.ending})


def add_api_key(tx: WriteTx, account_pk: int, *, kit: Kit, shown: bool = True) -> str:
    """Insert a key (the account's first is its primary one) and return it."""
    key = ids.api_key()
    values = {
        "account_pk": account_pk,
        "is_primary": tx.scalar(select(api_keys.c.id).where(_is_primary(account_pk))) is None,
        "was_shown": shown,
        "created_at": kit.clock.now(),
    }
    tx.insert(api_keys, values | _secret(key, kit))
    return key


def drop_api_keys(tx: WriteTx, account_pk: int) -> int:
    """Delete every key of the account; return how many there were."""
    return tx.changed(delete(api_keys).where(api_keys.c.account_pk == account_pk))


def _secret(key: str, kit: Kit) -> dict[str, Any]:
    return {
        "key_hash": kit.keyring.keyed_hash(HASH_PURPOSE, key),
        "key_sealed": kit.keyring.seal(SEAL_PURPOSE, key.encode()),
        "ending": key[-ENDING_CHARACTERS:],
    }


def _is_primary(account_pk: int) -> Any:
    return (api_keys.c.account_pk == account_pk) & api_keys.c.is_primary.is_(True)


def _own(statement: Any, account_pk: int, key_pk: int) -> Any:
    return statement.where(api_keys.c.id == key_pk, api_keys.c.account_pk == account_pk)


def _no_such_key() -> NotFound:
    return NotFound("There is no such API key in your account.")
