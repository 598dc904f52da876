"""Client secrets: compared by keyed hash, kept sealed so that the owner can see them again (oauth.md C11, M10)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, or_, select, update

from paraph.kit import ids
from paraph.kit.db import Prepared
from paraph.kit.errors import NotFound

from .models import api_app_secrets
from .queries import find_app, hold_app

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx

    from .app import App

HASH_PURPOSE = "client-secret"
SEAL_PURPOSE = "client-secret"
USE_RECORDED_EVERY_SECONDS = 3600
LONGEST_SECRET = 200

_LIVE = Prepared(
    select(api_app_secrets)
    .where(
        api_app_secrets.c.app_pk == bindparam("app_pk"),
        or_(api_app_secrets.c.ends_at.is_(None), api_app_secrets.c.ends_at > bindparam("now")),
    )
    .order_by(api_app_secrets.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of an app; ``ends_at`` is None for the current one. ``plain`` stays out of logs."""

    pk: int
    plain: str
    created_at: int
    ends_at: int | None
    last_used_at: int | None

    def __repr__(self) -> str:
        return f"ClientSecret({self.pk})"


@dataclass(frozen=True, slots=True)
class SecretRow:
    """What is compared with an offered secret."""

    id: int
    secret_hash: bytes
    ends_at: int | None
    last_used_at: int | None


def secret_matches(tx: WriteTx, app: App, secret: str, kit: Kit) -> bool:
    """True for a secret of the app that has not ended; its use is recorded, at most once an hour."""
    return is_one_of(tx, _live(tx, app.pk, kit.clock.now()), secret, kit)


def is_one_of(tx: WriteTx, rows: Iterable[SecretRow | Row[Any]], secret: str, kit: Kit) -> bool:
    """True if the secret is one of these that have not ended; its use is recorded, at most once an hour."""
    if not secret or len(secret) > LONGEST_SECRET:
        return False
    now = kit.clock.now()
    offered = kit.keyring.keyed_hash(HASH_PURPOSE, secret)
    live = [row for row in rows if row.ends_at is None or row.ends_at > now]
    # every candidate is compared, so that the time taken tells nothing
    matches = [row for row in live if hmac.compare_digest(row.secret_hash, offered)]
    if not matches:
        return False
    _record_use(tx, matches[0], now)
    return True


def authenticate_client(tx: WriteTx, client_id: str, secret: str, kit: Kit) -> App | None:
    """Return the app whose id and live secret these are, else None (RFC 6749 2.3.1); suspended apps too.

    Both stay so until the transaction ends: what ends them (a rotation, a suspension, a change of scopes) is waited
    for when it is under way, and otherwise waits, and then finds what this transaction made.
    """
    found = find_app(tx, client_id)
    if found is None:
        return None
    try:
        app = hold_app(tx, found.pk)
    except NotFound:
        return None
    return app if secret_matches(tx, app, secret, kit) else None


def secrets_of(tx: ReadTx, app_pk: int, kit: Kit) -> list[ClientSecret]:
    """Return the app's secrets that still work, the current one first; for its owner's eyes."""
    rows = _live(tx, app_pk, kit.clock.now())
    return [
        ClientSecret(
            row.id,
            kit.keyring.unseal(SEAL_PURPOSE, row.secret_sealed).decode(),
            row.created_at,
            row.ends_at,
            row.last_used_at,
        )
        for row in rows
    ]


def current_secret(tx: ReadTx, app_pk: int, kit: Kit) -> str:
    """Return the app's current secret, readable."""
    return secrets_of(tx, app_pk, kit)[0].plain


def issue_secret(tx: WriteTx, *, app_pk: int, account_pk: int, kit: Kit) -> str:
    """Make and return the app's current secret; the one before must have been given an end."""
    plain = ids.short_id()
    tx.insert(
        api_app_secrets,
        {
            "account_pk": account_pk,
            "app_pk": app_pk,
            "secret_hash": kit.keyring.keyed_hash(HASH_PURPOSE, plain),
            "secret_sealed": kit.keyring.seal(SEAL_PURPOSE, plain.encode()),
            "created_at": kit.clock.now(),
        },
    )
    return plain


def _live(tx: ReadTx, app_pk: int, now: int) -> list[Row[Any]]:
    return _LIVE.all(tx, app_pk=app_pk, now=now)


def _record_use(tx: WriteTx, row: SecretRow | Row[Any], now: int) -> None:
    if row.last_used_at is None or row.last_used_at <= now - USE_RECORDED_EVERY_SECONDS:
        t = api_app_secrets
        tx.execute(update(t).where(t.c.id == row.id).values(last_used_at=now))
