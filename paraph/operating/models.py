"""Table of what is stuck: one row for each kind of thing, as the last check found it."""

from sqlalchemy import Column, Integer, String, Table, Text

from paraph.kit.db import Utc, metadata

stuck_things = Table(
    "stuck_things",
    metadata,
    # job, request, delivery, mail, text
    Column("kind", String(16), primary_key=True),
    # the name of the job, or what the thing is stuck in
    Column("name", String(80), primary_key=True),
    Column("total", Integer, nullable=False),
    # since when the one that has been stuck for longest is in trouble
    Column("oldest_at", Utc, nullable=False),
    Column("reason", Text, nullable=False),
    Column("found_at", Utc, nullable=False),
    Column("checked_at", Utc, nullable=False),
)
