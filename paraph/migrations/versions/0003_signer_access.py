"""Who may open a document and how: codes, text messages, passing on, files asked for, drawing on a phone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Requests that are on their way have none of it."""
    op.add_column("signature_requests", sa.Column("allow_reassign", sa.Boolean(), server_default="0", nullable=False))
    for column in (
        sa.Column("pin_hash", sa.LargeBinary()),
        sa.Column("sms_phone_number", sa.String(16)),
        sa.Column("sms_phone_number_type", sa.String(16)),
        sa.Column("reassigned_by", sa.String(254)),
        sa.Column("reassigned_from", sa.String(32)),
        sa.Column("reassignment_reason", sa.Text()),
    ):
        op.add_column("signatures", column)
    _signer_checks()
    _reassignments()
    _request_attachments()
    _phone_pads()
    _text_messages()


def _signer_checks() -> None:
    op.create_table(
        "signer_checks",
        sa.Column("signature_pk", KEY, autoincrement=False, nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("locked_until", sa.BigInteger()),
        sa.Column("code_hash", sa.LargeBinary()),
        sa.Column("code_sent_at", sa.BigInteger()),
        sa.Column("code_expires_at", sa.BigInteger()),
        *_owners("signer_checks", "account_pk", "signature_pk"),
        sa.PrimaryKeyConstraint("signature_pk", "method", name=op.f("pk_signer_checks")),
    )


def _reassignments() -> None:
    op.create_table(
        "reassignments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("signature_pk", KEY, nullable=False),
        sa.Column("signature_id", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email_address", sa.String(254), nullable=False),
        sa.Column("reassigned_at", sa.BigInteger(), nullable=False),
        *_owners("reassignments", "account_pk", "request_pk", "signature_pk"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reassignments")),
        sa.UniqueConstraint("signature_id", name=op.f("uq_reassignments_signature_id")),
    )
    op.create_index(op.f("ix_reassignments_request_pk"), "reassignments", ["request_pk"])


def _request_attachments() -> None:
    op.create_table(
        "request_attachments",
        sa.Column("id", KEY, nullable=False),
        sa.Column("attachment_id", sa.String(32), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("signature_pk", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text()),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.Text()),
        sa.Column("file_key", sa.String(40)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("bytes", KEY),
        sa.Column("media_type", sa.String(100)),
        sa.Column("uploaded_at", sa.BigInteger()),
        *_owners("request_attachments", "account_pk", "request_pk", "signature_pk"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_attachments")),
        sa.UniqueConstraint("attachment_id", name=op.f("uq_request_attachments_attachment_id")),
        sa.UniqueConstraint("request_pk", "position", name=op.f("uq_request_attachments_request_pk_position")),
    )
    op.create_index(op.f("ix_request_attachments_file_key"), "request_attachments", ["file_key"])


def _phone_pads() -> None:
    op.create_table(
        "phone_pads",
        sa.Column("signature_pk", KEY, autoincrement=False, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger()),
        *_owners("phone_pads", "account_pk", "signature_pk"),
        sa.PrimaryKeyConstraint("signature_pk", name=op.f("pk_phone_pads")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_phone_pads_token_hash")),
    )


def _text_messages() -> None:
    op.create_table(
        "text_messages",
        sa.Column("id", KEY, nullable=False),
        sa.Column("recipient", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("refused_job", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("refused_at", sa.BigInteger()),
        sa.Column("refusal", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_messages")),
    )
    op.create_index(op.f("ix_text_messages_created_at"), "text_messages", ["created_at"])


def _owners(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    targets = {"account_pk": "accounts", "request_pk": "signature_requests", "signature_pk": "signatures"}
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{targets[column]}.id"],
            name=op.f(f"fk_{table}_{column}_{targets[column]}"),
            ondelete=None if column == "account_pk" else "CASCADE",
        )
        for column in columns
    ]
