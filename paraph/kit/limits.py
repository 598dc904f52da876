"""Limits that hold across processes (T11): counters in the database, leased in blocks, so most calls need no query.

A process that wants to count a call against ``key`` first uses up the block it has leased for the current window;
only then does it lease another. Blocks grow with demand and shrink as the limit comes near, so that hardly anything
is stranded in a process that went quiet. Small limits are counted one by one: several processes allow exactly that.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Column, Integer, String, Table, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from .db import Database, Prepared, ReadTx, Utc, WriteTx, delete_some, metadata
from .log import log
from .outages import outage_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

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

EXACT_UP_TO = 200
"""Limits that are counted call by call: the vendor's own are among them."""
COUNT_SECONDS = 2
"""How long a call waits for the database to count it; then this process counts alone until the window ends."""
_FIRST_BLOCK = 8
_BLOCK_SHARE = 8
_LEASES_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer for one call: allowed or not, and what the vendor's X-RateLimit headers say."""

    allowed: bool
    limit: int
    remaining: int
    resets_at: int


@dataclass(frozen=True, slots=True)
class Count:
    """What is to be counted against a key, in windows of so many seconds."""

    key: str
    window: int
    add: int = 1


@dataclass(slots=True)
class _Lease:
    starts_at: int
    left: int
    unleased: int
    block: int


class Limiter:
    """Fixed windows of ``window`` seconds."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._leases: dict[str, _Lease] = {}

    async def take(self, key: str, limit: int, window: int) -> Allowance:
        """Count one call against ``key``; at most ``limit`` a window are allowed.

        For what costs this server work, not for guesses: while the database cannot count (a full disk), each process
        counts for itself, so that who only reads is answered.
        """
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
        block = _wanted_block(self._known(key, starts_at), limit)
        leased, unleased = await self._leased(key, limit, starts_at, window, block)
        if len(self._leases) > _LEASES_KEPT:
            self._leases.clear()
        known = self._known(key, starts_at)
        carried = known.left if known is not None else 0
        lease = self._leases[key] = _Lease(starts_at, leased + carried, unleased, block)
        return lease

    async def _leased(self, key: str, limit: int, starts_at: int, window: int, block: int) -> tuple[int, int]:
        """Return (leased, still unleased)."""
        try:
            async with asyncio.timeout(COUNT_SECONDS):
                return await self._db.write(lambda tx: _lease_block(tx, key, limit, starts_at, window, block))
        except Exception as error:
            if not isinstance(error, TimeoutError) and outage_kind(error) is None:
                raise
            log("counting_alone", error=type(error).__name__)
            return limit, 0

    def _known(self, key: str, starts_at: int) -> _Lease | None:
        lease = self._leases.get(key)
        return lease if lease is not None and lease.starts_at == starts_at else None


def count(tx: WriteTx, key: str, now: int, window: int, *, add: int = 1) -> int:
    """Add to the counter of the current window inside ``tx`` and return the new total (log-ins, codes, tokens)."""
    return _add(tx, [key], now - now % window, window, add)[_stored(key)]


def count_all(tx: WriteTx, counts: Sequence[Count], now: int) -> dict[str, int]:
    """Count against several keys, each once; return the new total of each. One round trip on PostgreSQL."""
    by_key = {_stored(one.key): one for one in counts}
    ordered = sorted(by_key.items())  # so that two transactions never lock them crosswise
    if tx.driver.engine == "sqlite":
        totals = {key: count(tx, key, now, one.window, add=one.add) for key, one in ordered}
    else:
        starts = [now - now % one.window for _, one in ordered]
        ends = [start + one.window for start, (_, one) in zip(starts, ordered, strict=True)]
        used = [one.add for _, one in ordered]
        rows = _COUNT_ALL.all(tx, keys=[key for key, _ in ordered], starts=starts, ends=ends, used=used)
        totals = {row.key: row.used for row in rows}
    return {one.key: totals[_stored(one.key)] for one in counts}


def counted(tx: ReadTx, key: str, now: int, window: int) -> int:
    """Return the total of the current window."""
    where = (limit_windows.c.key == _stored(key)) & (limit_windows.c.starts_at == now - now % window)
    return int(tx.scalar(select(limit_windows.c.used).where(where)) or 0)


def clear(tx: WriteTx, key: str) -> None:
    """Forget what was counted against ``key``."""
    tx.execute(delete(limit_windows).where(limit_windows.c.key == _stored(key)))


def sweep(tx: WriteTx, now: int) -> int:
    """Drop a batch of windows that are over; return how many."""
    return delete_some(tx, limit_windows, limit_windows.c.ends_at < now)


def _stored(key: str) -> str:
    """Keys may hold what a person typed: of any length, and characters that a database refuses."""
    if len(key) <= LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _wanted_block(known: _Lease | None, limit: int) -> int:
    """How many calls to lease: twice as many as the last time, but ever fewer near the limit."""
    if limit <= EXACT_UP_TO:
        return 1
    if known is None:
        return _FIRST_BLOCK
    return max(1, min(known.block * 2, known.unleased // _BLOCK_SHARE))


def _lease_block(tx: WriteTx, key: str, limit: int, starts_at: int, window: int, block: int) -> tuple[int, int]:
    """Return (leased, still unleased). The upsert locks the row, so two processes lease one after the other."""
    used = _add(tx, [key], starts_at, window, block, most=limit)
    if not used and block > 1:  # others leased meanwhile: what little is left goes one by one
        block, used = 1, _add(tx, [key], starts_at, window, 1, most=limit)
    return (block, limit - used[_stored(key)]) if used else (0, 0)


def _add(
    tx: WriteTx, keys: Sequence[str], starts_at: int, window: int, add: int, *, most: int | None = None
) -> dict[str, int]:
    """Add to the counters and return the new totals by stored key, without those that would pass ``most``.

    In the order of the keys, so that two transactions never lock them crosswise.
    """
    values = {"starts_at": starts_at, "used": add, "ends_at": starts_at + window, "most": most or 0}
    counting = (_COUNT if most is None else _COUNT_UP_TO)[tx.driver.engine]
    totals = {key: counting.scalar(tx, key=key, **values) for key in sorted({_stored(key) for key in keys})}
    return {key: used for key, used in totals.items() if used is not None}


def _counting(make: Any, *, bounded: bool) -> Prepared:
    columns = limit_windows.c
    added = columns.used + bindparam("used", type_=columns.used.type)
    row = make(limit_windows).values({column.name: bindparam(column.name, type_=column.type) for column in columns})
    room = added <= bindparam("most", type_=columns.used.type) if bounded else None
    upsert = row.on_conflict_do_update(index_elements=["key", "starts_at"], set_={"used": added}, where=room)
    return Prepared(upsert.returning(columns.used))


def _counting_all() -> Prepared:
    columns, kinds = limit_windows.c, {"keys": String, "starts": Utc, "used": Integer, "ends": Utc}
    given = select(*(func.unnest(bindparam(name, type_=ARRAY(kind))).label(name) for name, kind in kinds.items()))
    rows = postgresql_insert(limit_windows).from_select(["key", "starts_at", "used", "ends_at"], given)
    added = columns.used + rows.excluded.used
    upsert = rows.on_conflict_do_update(index_elements=["key", "starts_at"], set_={"used": added})
    return Prepared(upsert.returning(columns.key, columns.used))


_INSERTS = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
_COUNT = {engine: _counting(make, bounded=False) for engine, make in _INSERTS.items()}
_COUNT_UP_TO = {engine: _counting(make, bounded=True) for engine, make in _INSERTS.items()}
_COUNT_ALL = _counting_all()
