"""Table of mails."""

from sqlalchemy import Column, LargeBinary, String, Table, Text

from paraph.kit.db import BigId, Json, Utc, metadata

mails = Table(
    "mails",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("recipient", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary),
    Column("refused_job", Json),
    Column("accepted_job", Json),
    Column("created_at", Utc, nullable=False, index=True),
    Column("sent_at", Utc, index=True),
    Column("refused_at", Utc),
    Column("refusal", Text),
)
