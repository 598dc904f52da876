"""Long lists, long queues: counts and words of requests, indexes for what is claimed, swept and searched."""

import sqlalchemy as sa
from alembic import op

from paraph.migrations import online

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql")


def upgrade() -> None:
    """What is in the tables already is counted and indexed by a job; lists are right, if slower, until it is through.

    Indexes that are replaced go last, so that no query is without one.
    """
    online.add_column("request_words", sa.Column("indexed_at", sa.BigInteger()))
    _tables()
    listed = "state <> 'cancelled'"
    requests, words = "signature_requests", "request_words"
    online.create_index("ix_signature_requests_listed", requests, ["account_pk", "id"], where=listed)
    online.create_index("ix_signature_requests_listed_app", requests, ["account_pk", "app_pk", "id"], where=listed)
    online.create_index("ix_signature_requests_state", requests, ["account_pk", "state", "id"])
    online.create_index("ix_signature_requests_created", requests, ["account_pk", "created_at"])
    online.create_index("ix_signatures_asked", "signatures", ["email_folded", "account_pk"])
    online.create_index("ix_request_words_waiting", words, ["account_pk", "request_pk"], where="indexed_at IS NULL")
    online.create_index("ix_request_blocks_checked_at", "request_blocks", ["checked_at"])
    online.create_index("ix_request_fields_signature_pk", "request_fields", ["signature_pk"])
    online.create_index("ix_phone_pads_made_at", "phone_pads", ["made_at"])
    online.create_index("ix_mails_created_at", "mails", ["created_at"])
    online.create_index("ix_jobs_claim", "jobs", ["lane", "due_at", "id"], where="failed_at IS NULL")
    online.create_index("ix_jobs_failed", "jobs", ["failed_at"], where="failed_at IS NOT NULL")
    leased = "leased_until IS NOT NULL"
    online.create_index("ix_deliveries_leased", "deliveries", ["callback_pk", "leased_until"], where=leased)
    answered = "answer IS NOT NULL"
    online.create_index("ix_oauth_refresh_tokens_answered", "oauth_refresh_tokens", ["used_at"], where=answered)
    online.drop_index("ix_signature_requests_sent", requests)
    online.drop_index("ix_signature_requests_app", requests)
    online.drop_index("ix_signatures_email_folded", "signatures")
    online.drop_index("ix_jobs_due", "jobs")


def _tables() -> None:
    online.create_table(
        "request_blocks",
        sa.Column("account_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("app_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("first_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_pk", "app_pk", "first_pk", name=op.f("pk_request_blocks")),
    )
    online.create_table(
        "request_blocks_end",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last_pk", KEY, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_blocks_end")),
    )
    online.create_table(
        "request_terms",
        sa.Column("account_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("request_pk", KEY, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("account_pk", "word", "request_pk", name=op.f("pk_request_terms")),
        sqlite_with_rowid=False,
    )
