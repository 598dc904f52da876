"""Table of jobs."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from paraph.kit.db import BigId, Json, Utc, metadata

jobs = Table(
    "jobs",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("lane", String(16), nullable=False),
    Column("payload", Json, nullable=False),
    Column("unique_key", String(120), unique=True),
    Column("due_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("lease", String(32)),
    Column("leased_until", Utc),
    # asked for again while under way: when to run once more
    Column("again_at", Utc),
    Column("error", Text),
    # what it waits for while the server's surroundings fail it; tried for ever until it is there again
    Column("waits_for", String(16)),
    # the request or job that asked for it, as W3C trace context or a request id
    Column("origin", String(120)),
    Column("failed_at", Utc),
    Column("created_at", Utc, nullable=False),
    Index(
        "ix_jobs_claim",
        "lane",
        "due_at",
        "id",
        sqlite_where=text("failed_at IS NULL"),
        postgresql_where=text("failed_at IS NULL"),
    ),
    Index(
        "ix_jobs_failed",
        "failed_at",
        sqlite_where=text("failed_at IS NOT NULL"),
        postgresql_where=text("failed_at IS NOT NULL"),
    ),
    # few, however long the queue is
    Index(
        "ix_jobs_failing",
        "name",
        "id",
        sqlite_where=text("error IS NOT NULL"),
        postgresql_where=text("error IS NOT NULL"),
    ),
)
