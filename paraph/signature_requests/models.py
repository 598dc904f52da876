"""Tables of requests, signatures, documents, fields and the chain of audit events.

Every table carries the owning ``account_pk``. Audit events are insert-only: the database itself refuses UPDATE and
DELETE, on both engines.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from paraph.kit.db import BigId, FileKey, Json, Utc, metadata

signature_requests = Table(
    "signature_requests",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("signature_request_id", String(40), nullable=False, unique=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    # the app may be deleted; what it was called stays part of the evidence
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="SET NULL"), index=True),
    Column("client_id", String(32)),
    Column("app_name", Text),
    Column("requester_name", Text, nullable=False),
    Column("requester_email", String(254), nullable=False),
    Column("title", Text, nullable=False),
    Column("original_title", Text, nullable=False),
    Column("subject", Text),
    Column("message", Text),
    Column("metadata", Json, nullable=False),
    Column("cc_email_addresses", Json, nullable=False),
    Column("signing_options", Json, nullable=False),
    Column("date_format", String(20), nullable=False),
    Column("test_mode", Boolean, nullable=False),
    Column("allow_decline", Boolean, nullable=False),
    Column("allow_reassign", Boolean, nullable=False, server_default="0"),
    Column("is_ordered", Boolean, nullable=False),
    Column("signing_redirect_url", Text),
    Column("signer_experience", Json),
    # the fields as they were asked for, until the documents are there to put them on
    Column("form_plan", Json),
    # the groups and rules of the fields in ``request_fields``
    Column("form", Json),
    # the pre-filled data as the API tells it
    Column("custom_fields", Json),
    Column("expires_at", Utc),
    Column("state", String(20), nullable=False),
    Column("error_code", String(40)),
    Column("error_message", Text),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("sent_at", Utc),
    Column("completed_at", Utc),
    Column("closed_at", Utc),
    # what can be fetched now: the current state while people sign, then the sealed file
    Column("file_key", FileKey, index=True),
    Column("file_sha256", String(64), index=True),
    Column("file_signatures", Integer, nullable=False, server_default="0"),
    Column("is_sealed", Boolean, nullable=False, server_default="0"),
    Column("zip_key", FileKey, index=True),
    Column("downloadable_at", Utc),
    # retention took every file of the request; what was recorded stays
    Column("files_deleted_at", Utc),
    Column("chain_length", Integer, nullable=False, server_default="0"),
    Column("chain_head", String(64), nullable=False),
    # the lists of an account and of an app of it: their rows are counted and passed over in these indexes alone
    Index(
        "ix_signature_requests_listed",
        "account_pk",
        "id",
        sqlite_where=text("state <> 'cancelled'"),
        postgresql_where=text("state <> 'cancelled'"),
    ),
    Index(
        "ix_signature_requests_listed_app",
        "account_pk",
        "app_pk",
        "id",
        sqlite_where=text("state <> 'cancelled'"),
        postgresql_where=text("state <> 'cancelled'"),
    ),
    Index("ix_signature_requests_state", "account_pk", "state", "id"),
    Index("ix_signature_requests_created", "account_pk", "created_at"),
    Index("ix_signature_requests_expiring", "state", "expires_at"),
    Index("ix_signature_requests_retention", "files_deleted_at", "closed_at"),
    # signed by everybody and not sealed yet
    Index(
        "ix_signature_requests_unsealed",
        "completed_at",
        sqlite_where=text("completed_at IS NOT NULL AND is_sealed IS 0"),
        postgresql_where=text("completed_at IS NOT NULL AND is_sealed IS FALSE"),
    ),
)

signatures = Table(
    "signatures",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("signature_id", String(32), nullable=False, unique=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("email_address", String(254), nullable=False),
    Column("email_folded", String(254), nullable=False),
    Column("status", String(24), nullable=False),
    Column("link_epoch", Integer, nullable=False, server_default="0"),
    Column("invited_at", Utc),
    Column("first_viewed_at", Utc),
    Column("last_viewed_at", Utc),
    Column("last_reminded_at", Utc),
    # when the worker looks again whether to remind; nothing once there is nobody to remind
    Column("next_reminder_at", Utc, index=True),
    Column("consented_at", Utc),
    Column("consent", Json),
    Column("signed_at", Utc),
    Column("signing", Json),
    Column("declined_at", Utc),
    Column("decline_reason", Text),
    Column("bounced_at", Utc),
    # compared, never shown: a keyed hash
    Column("pin_hash", LargeBinary),
    Column("sms_phone_number", String(16)),
    Column("sms_phone_number_type", String(16)),
    # who passed the signature on, from which signature id, and why
    Column("reassigned_by", String(254)),
    Column("reassigned_from", String(32)),
    Column("reassignment_reason", Text),
    Column("error", Text),
    UniqueConstraint("request_pk", "position"),
    Index("ix_signatures_asked", "email_folded", "account_pk"),
)

request_documents = Table(
    "request_documents",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("filename", Text, nullable=False),
    Column("source_url", Text),
    Column("upload_key", FileKey, index=True),
    Column("upload_sha256", String(64)),
    Column("upload_bytes", BigId),
    Column("media_type", String(100)),
    Column("pdf_key", FileKey, index=True),
    Column("pdf_sha256", String(64)),
    Column("page_count", Integer),
    Column("pages", Json),
    Column("warnings", Json),
    UniqueConstraint("request_pk", "position"),
)

request_fields = Table(
    "request_fields",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), nullable=False, index=True),
    # without one the sender gave the value before anybody signed
    Column("signature_pk", BigId, ForeignKey("signatures.id", ondelete="CASCADE"), index=True),
    Column("document_pk", BigId, ForeignKey("request_documents.id", ondelete="CASCADE"), nullable=False),
    Column("api_id", String(255), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("page", Integer, nullable=False),
    Column("x", Float, nullable=False),
    Column("y", Float, nullable=False),
    Column("width", Float, nullable=False),
    Column("height", Float, nullable=False),
    # everything else about the field (``fields.FormField``); none on signature pages of the first release
    Column("definition", Json),
    # what was put in, for the answers of the API; sealed, for people enter numbers of banks and authorities
    Column("value", LargeBinary),
    # the value as it will be drawn; sealed, since a drawn signature is the one thing nobody else should copy
    Column("mark", LargeBinary),
    # the same picture's key in plain, so that the sweep of orphans leaves it alone
    Column("picture_key", FileKey, index=True),
    Column("filled_at", Utc),
    UniqueConstraint("request_pk", "api_id"),
)

request_words = Table(
    "request_words",
    metadata,
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    # words, case-folded by Python (the engines disagree beyond ASCII), with a blank before and after each
    Column("to", Text, nullable=False),
    Column("from", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("filename", Text, nullable=False),
    # when these words came into ``request_terms``; none: not yet, or they have changed since
    Column("indexed_at", Utc),
    Index(
        "ix_request_words_waiting",
        "account_pk",
        "request_pk",
        sqlite_where=text("indexed_at IS NULL"),
        postgresql_where=text("indexed_at IS NULL"),
    ),
)

request_removals = Table(
    "request_removals",
    metadata,
    Column("account_pk", BigId, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column(
        "request_pk",
        BigId,
        ForeignKey("signature_requests.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("removed_at", Utc, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("happened_at", Utc, nullable=False),
    Column("canonical", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("request_pk", "sequence"),
)

_SQLITE_REFUSALS = tuple(
    DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER audit_events_no_{verb.lower()} BEFORE {verb} ON audit_events "
        "BEGIN SELECT RAISE(ABORT, 'audit events are insert-only'); END"
    )
    for verb in ("UPDATE", "DELETE")
)
_POSTGRESQL_REFUSALS = (
    DDL(  # type: ignore[no-untyped-call]
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit events are insert-only'; END $$"
    ),
    DDL(  # type: ignore[no-untyped-call]
        "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
    ),
    DDL(  # type: ignore[no-untyped-call]
        "CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    ),
)
for _statement in _SQLITE_REFUSALS:
    event.listen(audit_events, "after_create", _statement.execute_if(dialect="sqlite"))
for _statement in _POSTGRESQL_REFUSALS:
    event.listen(audit_events, "after_create", _statement.execute_if(dialect="postgresql"))
