"""Table of text messages on their way through the gateway."""

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, text

from paraph.kit.db import BigId, Json, Utc, metadata

text_messages = Table(
    "text_messages",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("recipient", String(16), nullable=False),
    # sealed, and wiped once it is sent: it holds codes and links
    Column("body", LargeBinary),
    Column("refused_job", Json),
    Column("created_at", Utc, nullable=False, index=True),
    Column("expires_at", Utc),
    Column("sent_at", Utc),
    Column("refused_at", Utc),
    Column("refusal", Text),
    Index(
        "ix_text_messages_waiting",
        "created_at",
        sqlite_where=text("sent_at IS NULL"),
        postgresql_where=text("sent_at IS NULL"),
    ),
)
