"""Table of who is bringing the schema up now. It is made before the first migration, so no script makes it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from paraph.kit.db import metadata

migration_lease = Table(
    "migration_lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("holder", String(64)),
    # seconds since the epoch by the clock of the database
    Column("until", BigInteger, nullable=False, server_default="0"),
)
