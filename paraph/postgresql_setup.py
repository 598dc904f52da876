"""What ``paraph doctor`` says about a PostgreSQL server: its version, and whether all pools fit into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import text

from paraph.kit.db.session import PROGRAM, Sessions, connected_engine
from paraph.kit.db.unfit import DatabaseUnfit, DatabaseUnreachable

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from paraph.kit.settings import Settings

EXAMINING = Sessions(pool_size=1, statement_milliseconds=10_000)
_POOL_IN_NAME = re.compile(rf"{PROGRAM}/(\d+) ")
_SESSIONS = text(
    "SELECT application_name, count(*) AS held FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY application_name"
)
_ROOM = text(
    "SELECT current_setting('server_version'), "
    "current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
)
FIX = "lower PARAPH_DATABASE_POOL, raise max_connections of the server, or put PgBouncer in between"


@dataclass(frozen=True, slots=True)
class Pools:
    """Connections: what the server has room for, what running processes may take, what other programs hold."""

    version: str
    room: int
    pools: tuple[int, ...]
    others: int

    @property
    def promised(self) -> int:
        return sum(self.pools) + self.others


async def postgresql_state(settings: Settings) -> tuple[Literal["ok", "note", "problem"], str, str]:
    """The verdict, the state in words, and how to mend it, or empty. Raises what connecting raises."""
    try:
        engine, is_pooled = await connected_engine(settings.database_url, EXAMINING)
    except DatabaseUnreachable as error:
        return "problem", f"PostgreSQL: {error.why}", "check PARAPH_DATABASE_URL and that the server runs"
    except DatabaseUnfit as error:
        return "problem", str(error), "upgrade the database server"
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_look)
    finally:
        await engine.dispose()
    if is_pooled:
        size = settings.database_pool
        return (
            "ok",
            f"PostgreSQL {found.version} behind a pooler; each process may hold {size} of its connections",
            "",
        )
    return judge(found, settings.database_pool)


def judge(found: Pools, own_pool: int) -> tuple[Literal["ok", "note", "problem"], str, str]:
    """The verdict on what was found; ``own_pool`` is what one more process would take."""
    running = f"{len(found.pools)} processes of Paraph may hold {sum(found.pools)} of its {found.room} connections"
    others = f", other programs hold {found.others}" if found.others else ""
    says = f"PostgreSQL {found.version}; {running}{others}"
    if found.promised > found.room:
        return "problem", says, FIX
    more = (found.room - found.promised) // own_pool
    if more == 0:
        return "note", f"{says}; there is no room for one more with PARAPH_DATABASE_POOL={own_pool}", FIX
    return "ok", f"{says}; room for {more} more with PARAPH_DATABASE_POOL={own_pool}", ""


def _look(connection: Connection) -> Pools:
    version, room = connection.execute(_ROOM).one()
    sizes, others = [], 0
    for name, held in connection.execute(_SESSIONS):
        known = _POOL_IN_NAME.match(name or "")
        if known is None:
            others += held
        else:
            sizes.append(int(known[1]))
    return Pools(version.split()[0], room, tuple(sorted(sizes)), others)
