"""Tables of how a signer gets in and on: checks passed and failed, signatures passed on, files asked for."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from paraph.kit.db import BigId, FileKey, Utc, metadata

signer_checks = Table(
    "signer_checks",
    metadata,
    Column(
        "signature_pk",
        BigId,
        ForeignKey("signatures.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("method", String(16), primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    # wrong tries since the last right one, or since the lock before
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("locks", Integer, nullable=False, server_default="0"),
    Column("locked_until", Utc),
    # the one-time code that counts now
    Column("code_hash", LargeBinary),
    Column("code_sent_at", Utc),
    Column("code_expires_at", Utc),
)

reassignments = Table(
    "reassignments",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("signature_pk", BigId, ForeignKey("signatures.id", ondelete="CASCADE"), nullable=False),
    # what the signature was called before, and whose it was
    Column("signature_id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email_address", String(254), nullable=False),
    Column("reassigned_at", Utc, nullable=False),
)

request_attachments = Table(
    "request_attachments",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("attachment_id", String(32), nullable=False, unique=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), nullable=False),
    Column("signature_pk", BigId, ForeignKey("signatures.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("instructions", Text),
    Column("is_required", Boolean, nullable=False),
    Column("filename", Text),
    Column("file_key", FileKey, index=True),
    Column("sha256", String(64)),
    Column("bytes", BigId),
    Column("media_type", String(100)),
    Column("uploaded_at", Utc),
    UniqueConstraint("request_pk", "position"),
)
