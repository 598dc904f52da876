"""Who calls: by API key (HTTP Basic) or by the session of a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from paraph.kit.caller import Caller, Client
from paraph.kit.crypto import fingerprint, token_hash
from paraph.kit.db import Lookup, Prepared, Utc
from paraph.kit.errors import Unauthorized
from paraph.kit.http.authentication import Authenticated

from .api_keys import HASH_PURPOSE
from .calling import keep_account, with_account
from .models import api_keys, sessions
from .sessions import alive

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Row, Table

    from paraph.kit import Kit
    from paraph.kit.caller import CallerKind
    from paraph.kit.db import Asked, ReadTx, WriteTx

USE_RECORDED_EVERY_SECONDS = 60
"""The last use is shown to the minute; writing it at each call would make every read a write."""

_BY_KEY = Lookup(
    with_account(select(api_keys.c.id, api_keys.c.last_used_at), api_keys.c.account_pk), api_keys.c.key_hash
)
_BY_SESSION = Prepared(
    with_account(select(sessions.c.id, sessions.c.last_seen_at), sessions.c.account_pk).where(
        sessions.c.token_hash == bindparam("token_hash"), alive(bindparam("now", type_=Utc()))
    )
)


def api_key_asked(key: str, kit: Kit) -> Asked:
    """What ``authenticate_api_key`` looks up."""
    return _BY_KEY.asked(kit.keyring.keyed_hash(HASH_PURPOSE, key))


def authenticate_api_key(tx: ReadTx, key: str, client: Client, kit: Kit) -> Authenticated:
    """Return the account of an API key; raises Unauthorized."""
    row = _BY_KEY.found_one(tx, kit.keyring.keyed_hash(HASH_PURPOSE, key))
    if row is None:
        raise Unauthorized("Unauthorized api key", headers={"WWW-Authenticate": 'Basic realm="Paraph"'})
    keep_account(tx, row)
    touch = _touch(api_keys, "last_used_at", row.id, row.last_used_at, kit.clock.now())
    return Authenticated(_caller("api_key", row, client, fingerprint(key)), touch)


def authenticate_session(tx: ReadTx, token: str, client: Client, kit: Kit) -> Authenticated | None:
    """Return the account of a living session, or None."""
    now = kit.clock.now()
    row = _BY_SESSION.one_or_none(tx, token_hash=token_hash(token), now=now)
    if row is None or row.account_suspended_at is not None:
        return None
    keep_account(tx, row)
    touch = _touch(sessions, "last_seen_at", row.id, row.last_seen_at, now)
    return Authenticated(_caller("session", row, client, fingerprint(token)), touch)


def _caller(kind: CallerKind, row: Row[Any], client: Client, credential: str) -> Caller:
    return Caller(
        kind=kind,
        account_pk=row.account_pk,
        account_id=row.account_id,
        email_address=row.email_address,
        client=client,
        credential_pk=row.id,
        credential=credential,
        is_operator=row.operator_since is not None,
        is_confirmed=row.confirmed_at is not None,
    )


def _touch(table: Table, column: str, pk: int, last: int | None, now: int) -> Callable[[WriteTx], None] | None:
    if last is not None and now - last < USE_RECORDED_EVERY_SECONDS:
        return None
    used = update(table).where(table.c.id == pk).values({column: now})

    def touch(tx: WriteTx) -> None:
        tx.execute(used)

    return touch
