"""Table of jobs."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

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
    Column("failed_at", Utc),
    Column("created_at", Utc, nullable=False),
    Index("ix_jobs_due", "lane", "failed_at", "due_at"),
)
