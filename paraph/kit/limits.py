"""Limits that hold across processes (T11): counters in the database, leased in blocks, so most calls need no query.

A process that wants to count a call against ``key`` first uses up the block it has leased for the current window;
only then does it lease another. Blocks shrink as the limit comes near, so that hardly anything is stranded in a
process that went quiet.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, delete, select

from .db import Database, ReadTx, Utc, WriteTx, metadata, upsert

if TYPE_CHECKING:
    from .clock import Clock

LONGEST_KEY = 120

limit_windows = Table(
    "limit_windows",
    metadata,
    Column("key", String(LONGEST_KEY), primary_key=True),
    Column("starts_at", Utc, primary_key=True, autoincrement=False),
    Column("used", Integer, nullable=False),
    Column("ends_at", Utc, nullable=False, index=True),
)

_BLOCK_SHARE = 8
_LEASES_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer for one call: allowed or not, and what the vendor's X-RateLimit headers say."""

    allowed: bool
    limit: int
    remaining: int
    resets_at: int


@dataclass(slots=True)
class _Lease:
    starts_at: int
    left: int
    unleased: int


class Limiter:
    """Fixed windows of ``window`` seconds."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._leases: dict[str, _Lease] = {}

    async def take(self, key: str, limit: int, window: int) -> Allowance:
        """Count one call against ``key``; at most ``limit`` a window are allowed."""
        now = self._clock.now()
        starts_at = now - now % window
        lease = self._leases.get(key)
        if lease is None or lease.starts_at != starts_at or (lease.left == 0 and lease.unleased > 0):
            lease = await self._lease(key, limit, starts_at, window)
        if lease.left:
            lease.left -= 1
            return Allowance(True, limit, lease.left + lease.unleased, starts_at + window)
        return Allowance(False, limit, 0, starts_at + window)

    async def _lease(self, key: str, limit: int, starts_at: int, window: int) -> _Lease:
        leased, unleased = await self._db.write(lambda tx: _lease_block(tx, key, limit, starts_at, window))
        if len(self._leases) > _LEASES_KEPT:
            self._leases.clear()
        known = self._leases.get(key)
        carried = known.left if known is not None and known.starts_at == starts_at else 0
        self._leases[key] = _Lease(starts_at, leased + carried, unleased)
        return self._leases[key]


def count(tx: WriteTx, key: str, now: int, window: int, *, add: int = 1) -> int:
    """Add to the counter of the current window inside ``tx`` and return the new total (log-ins, codes, tokens)."""
    starts_at = now - now % window
    values = {"key": _stored(key), "starts_at": starts_at, "used": add, "ends_at": starts_at + window}
    upsert(tx, limit_windows, values, unique=("key", "starts_at"), changes={"used": limit_windows.c.used + add})
    return counted(tx, key, now, window)


def counted(tx: ReadTx, key: str, now: int, window: int) -> int:
    """Return the total of the current window."""
    where = (limit_windows.c.key == _stored(key)) & (limit_windows.c.starts_at == now - now % window)
    return int(tx.scalar(select(limit_windows.c.used).where(where)) or 0)


def clear(tx: WriteTx, key: str) -> None:
    """Forget what was counted against ``key``."""
    tx.execute(delete(limit_windows).where(limit_windows.c.key == _stored(key)))


def sweep(tx: WriteTx, now: int) -> None:
    """Drop windows that are over."""
    tx.execute(delete(limit_windows).where(limit_windows.c.ends_at < now))


def _stored(key: str) -> str:
    """Keys may hold what a person typed: of any length, and characters that a database refuses."""
    if len(key) <= LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _lease_block(tx: WriteTx, key: str, limit: int, starts_at: int, window: int) -> tuple[int, int]:
    """Return (leased, still unleased). The upsert locks the row, so two processes lease one after the other."""
    used = count(tx, key, starts_at, window, add=0)
    block = min(max(1, (limit - used) // _BLOCK_SHARE), max(0, limit - used))
    if block:
        used = count(tx, key, starts_at, window, add=block)
    return block, max(0, limit - used)
