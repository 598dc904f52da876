"""The first schema.

Longer than a module should be: it is the list of all tables, written out, so that a later change of a room's
``models`` cannot change what this step made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

AUDIT_IS_INSERT_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_events_no_{verb.lower()} BEFORE {verb} ON audit_events "
        "BEGIN SELECT RAISE(ABORT, 'audit events are insert-only'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit events are insert-only'; END $$",
        "CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
        "CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
    ],
}


def upgrade() -> None:
    """Create every table."""
    _accounts()
    _jobs()
    _limit_windows()
    _mails()
    _account_activity()
    _api_apps()
    _api_keys()
    _confirmations()
    _password_resets()
    _sessions()
    _api_app_decisions()
    _api_app_secrets()
    _callbacks()
    _oauth_audit()
    _oauth_grants()
    _oauth_requests()
    _signature_requests()
    _audit_events()
    _events()
    _oauth_access_tokens()
    _oauth_codes()
    _oauth_refresh_tokens()
    _request_documents()
    _request_removals()
    _request_words()
    _signatures()
    _abuse_reports()
    _adopted_signatures()
    _deliveries()
    _request_fields()
    _delivery_attempts()
    for statement in AUDIT_IS_INSERT_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("email_address", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("operator_since", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("account_id", name=op.f("uq_accounts_account_id")),
        sa.UniqueConstraint("email_key", name=op.f("uq_accounts_email_key")),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("lane", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("unique_key", sa.String(length=120), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("again_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_jobs_unique_key")),
    )
    op.create_index("ix_jobs_due", "jobs", ["lane", "failed_at", "due_at"], unique=False)


def _limit_windows() -> None:
    op.create_table(
        "limit_windows",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "starts_at", name=op.f("pk_limit_windows")),
    )
    op.create_index(op.f("ix_limit_windows_ends_at"), "limit_windows", ["ends_at"], unique=False)


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", KEY, nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("refused_job", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_sent_at"), "mails", ["sent_at"], unique=False)


def _account_activity() -> None:
    op.create_table(
        "account_activity",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=True),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_account_activity_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_activity")),
    )
    op.create_index("ix_account_activity_account", "account_activity", ["account_pk", "id"], unique=False)
    op.create_index(op.f("ix_account_activity_happened_at"), "account_activity", ["happened_at"], unique=False)


def _api_apps() -> None:
    op.create_table(
        "api_apps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.String(length=64), nullable=False),
        sa.Column("domains", sa.Text(), nullable=False),
        sa.Column("oauth_callback_url", sa.Text(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("can_insert_everywhere", sa.Boolean(), nullable=True),
        sa.Column("white_labeling_options", sa.Text(), nullable=True),
        sa.Column("logo_key", sa.String(length=40), nullable=True),
        sa.Column("logo_media_type", sa.String(length=20), nullable=True),
        sa.Column("approval", sa.String(length=12), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), nullable=True),
        sa.Column("profile", sa.String(length=12), nullable=False),
        sa.Column("refresh_needs_secret", sa.Boolean(), nullable=False),
        sa.Column("access_token_seconds", sa.Integer(), nullable=True),
        sa.Column("is_native", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_api_apps_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_apps")),
        sa.UniqueConstraint("account_pk", "name_key", name=op.f("uq_api_apps_account_pk_name_key")),
        sa.UniqueConstraint("client_id", name=op.f("uq_api_apps_client_id")),
    )
    op.create_index(op.f("ix_api_apps_logo_key"), "api_apps", ["logo_key"], unique=False)


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ending", sa.String(length=4), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("was_shown", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_api_keys_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_index(op.f("ix_api_keys_account_pk"), "api_keys", ["account_pk"], unique=False)
    op.create_index(
        "uq_api_keys_primary",
        "api_keys",
        ["account_pk"],
        unique=True,
        sqlite_where=sa.text("is_primary IS 1"),
        postgresql_where=sa.text("is_primary IS true"),
    )


def _confirmations() -> None:
    op.create_table(
        "confirmations",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("email_address", sa.String(length=320), nullable=False),
        sa.Column("email_key", sa.String(length=320), nullable=False),
        sa.Column("after_path", sa.Text(), nullable=True),
        sa.Column("invited_by_app", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_confirmations_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_confirmations_token_hash")),
    )
    op.create_index(op.f("ix_confirmations_account_pk"), "confirmations", ["account_pk"], unique=False)
    op.create_index(op.f("ix_confirmations_expires_at"), "confirmations", ["expires_at"], unique=False)


def _password_resets() -> None:
    op.create_table(
        "password_resets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_password_resets_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    op.create_index(op.f("ix_password_resets_account_pk"), "password_resets", ["account_pk"], unique=False)
    op.create_index(op.f("ix_password_resets_expires_at"), "password_resets", ["expires_at"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_sessions_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_account_pk"), "sessions", ["account_pk"], unique=False)
    op.create_index(op.f("ix_sessions_created_at"), "sessions", ["created_at"], unique=False)


def _api_app_decisions() -> None:
    op.create_table(
        "api_app_decisions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("app_pk", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("app_as_seen", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_api_app_decisions_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_api_app_decisions_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["accounts.id"],
            name=op.f("fk_api_app_decisions_decided_by_accounts"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_app_decisions")),
    )
    op.create_index(op.f("ix_api_app_decisions_app_pk"), "api_app_decisions", ["app_pk"], unique=False)


def _api_app_secrets() -> None:
    op.create_table(
        "api_app_secrets",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("app_pk", KEY, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_api_app_secrets_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_api_app_secrets_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_app_secrets")),
    )
    op.create_index(op.f("ix_api_app_secrets_app_pk"), "api_app_secrets", ["app_pk"], unique=False)
    op.create_index(
        "uq_api_app_secrets_current",
        "api_app_secrets",
        ["app_pk"],
        unique=True,
        sqlite_where=sa.text("ends_at IS NULL"),
        postgresql_where=sa.text("ends_at IS NULL"),
    )


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=True),
        sa.Column("app_pk", KEY, nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(account_pk IS NULL) <> (app_pk IS NULL)", name=op.f("ck_callbacks_one_owner")),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_callbacks_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_callbacks_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
        sa.UniqueConstraint("account_pk", name=op.f("uq_callbacks_account_pk")),
        sa.UniqueConstraint("app_pk", name=op.f("uq_callbacks_app_pk")),
    )


def _oauth_audit() -> None:
    op.create_table(
        "oauth_audit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("app_pk", KEY, nullable=True),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("grant_pk", KEY, nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_oauth_audit_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_oauth_audit_app_pk_api_apps"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_audit")),
    )
    op.create_index(op.f("ix_oauth_audit_account_pk"), "oauth_audit", ["account_pk"], unique=False)
    op.create_index(op.f("ix_oauth_audit_app_pk"), "oauth_audit", ["app_pk"], unique=False)


def _oauth_grants() -> None:
    op.create_table(
        "oauth_grants",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("app_pk", KEY, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("pending_until", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_because", sa.String(length=20), nullable=True),
        sa.Column("bare_refreshes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bare_refreshed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_oauth_grants_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_oauth_grants_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grants")),
    )
    op.create_index("ix_oauth_grants_account_pk_app_pk", "oauth_grants", ["account_pk", "app_pk"], unique=False)
    op.create_index(op.f("ix_oauth_grants_app_pk"), "oauth_grants", ["app_pk"], unique=False)
    op.create_index(op.f("ix_oauth_grants_pending_until"), "oauth_grants", ["pending_until"], unique=False)
    op.create_index(op.f("ix_oauth_grants_revoked_at"), "oauth_grants", ["revoked_at"], unique=False)


def _oauth_requests() -> None:
    op.create_table(
        "oauth_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("handle_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("session_hash", sa.LargeBinary(), nullable=False),
        sa.Column("app_pk", KEY, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=True),
        sa.Column("dialect", sa.String(length=12), nullable=False),
        sa.Column("is_invitation", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_oauth_requests_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_oauth_requests_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_requests")),
        sa.UniqueConstraint("handle_hash", name=op.f("uq_oauth_requests_handle_hash")),
    )
    op.create_index(op.f("ix_oauth_requests_account_pk"), "oauth_requests", ["account_pk"], unique=False)
    op.create_index(op.f("ix_oauth_requests_app_pk"), "oauth_requests", ["app_pk"], unique=False)
    op.create_index(op.f("ix_oauth_requests_expires_at"), "oauth_requests", ["expires_at"], unique=False)


def _signature_requests() -> None:
    op.create_table(
        "signature_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("signature_request_id", sa.String(length=40), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("app_pk", KEY, nullable=True),
        sa.Column("client_id", sa.String(length=32), nullable=True),
        sa.Column("app_name", sa.Text(), nullable=True),
        sa.Column("requester_name", sa.Text(), nullable=False),
        sa.Column("requester_email", sa.String(length=254), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("original_title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("cc_email_addresses", sa.Text(), nullable=False),
        sa.Column("signing_options", sa.Text(), nullable=False),
        sa.Column("date_format", sa.String(length=20), nullable=False),
        sa.Column("test_mode", sa.Boolean(), nullable=False),
        sa.Column("allow_decline", sa.Boolean(), nullable=False),
        sa.Column("is_ordered", sa.Boolean(), nullable=False),
        sa.Column("signing_redirect_url", sa.Text(), nullable=True),
        sa.Column("signer_experience", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("file_key", sa.String(length=40), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("file_signatures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_sealed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("zip_key", sa.String(length=40), nullable=True),
        sa.Column("downloadable_at", sa.BigInteger(), nullable=True),
        sa.Column("chain_length", sa.Integer(), server_default="0", nullable=False),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_signature_requests_account_pk_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_signature_requests_app_pk_api_apps"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature_requests")),
        sa.UniqueConstraint("signature_request_id", name=op.f("uq_signature_requests_signature_request_id")),
    )
    op.create_index("ix_signature_requests_app", "signature_requests", ["app_pk", "account_pk", "id"], unique=False)
    op.create_index(op.f("ix_signature_requests_app_pk"), "signature_requests", ["app_pk"], unique=False)
    op.create_index("ix_signature_requests_expiring", "signature_requests", ["state", "expires_at"], unique=False)
    op.create_index(op.f("ix_signature_requests_file_key"), "signature_requests", ["file_key"], unique=False)
    op.create_index("ix_signature_requests_sent", "signature_requests", ["account_pk", "id"], unique=False)
    op.create_index(op.f("ix_signature_requests_zip_key"), "signature_requests", ["zip_key"], unique=False)


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_pk"], ["accounts.id"], name=op.f("fk_audit_events_account_pk_accounts")),
        sa.ForeignKeyConstraint(
            ["request_pk"], ["signature_requests.id"], name=op.f("fk_audit_events_request_pk_signature_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.UniqueConstraint("request_pk", "sequence", name=op.f("uq_audit_events_request_pk_sequence")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("callback_pk", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=True),
        sa.Column("app_pk", KEY, nullable=True),
        sa.Column("event_type", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("payload_sha256", sa.String(length=64), nullable=False),
        sa.Column("signing_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_events_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_events_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["callback_pk"], ["callbacks.id"], name=op.f("fk_events_callback_pk_callbacks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_account", "events", ["account_pk"], unique=False)
    op.create_index("ix_events_app", "events", ["app_pk"], unique=False)
    op.create_index(op.f("ix_events_callback_pk"), "events", ["callback_pk"], unique=False)
    op.create_index(op.f("ix_events_created_at"), "events", ["created_at"], unique=False)


def _oauth_access_tokens() -> None:
    op.create_table(
        "oauth_access_tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("grant_pk", KEY, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("lifetime", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_pk"],
            ["oauth_grants.id"],
            name=op.f("fk_oauth_access_tokens_grant_pk_oauth_grants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_access_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oauth_access_tokens_token_hash")),
    )
    op.create_index(op.f("ix_oauth_access_tokens_expires_at"), "oauth_access_tokens", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_access_tokens_grant_pk"), "oauth_access_tokens", ["grant_pk"], unique=False)


def _oauth_codes() -> None:
    op.create_table(
        "oauth_codes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("app_pk", KEY, nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("wrong_verifiers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_pk", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_oauth_codes_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_oauth_codes_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["grant_pk"], ["oauth_grants.id"], name=op.f("fk_oauth_codes_grant_pk_oauth_grants"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oauth_codes_code_hash")),
    )
    op.create_index(op.f("ix_oauth_codes_account_pk"), "oauth_codes", ["account_pk"], unique=False)
    op.create_index(op.f("ix_oauth_codes_app_pk"), "oauth_codes", ["app_pk"], unique=False)
    op.create_index(op.f("ix_oauth_codes_expires_at"), "oauth_codes", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_codes_grant_pk"), "oauth_codes", ["grant_pk"], unique=False)


def _oauth_refresh_tokens() -> None:
    op.create_table(
        "oauth_refresh_tokens",
        sa.Column("id", KEY, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("grant_pk", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_pk"],
            ["oauth_grants.id"],
            name=op.f("fk_oauth_refresh_tokens_grant_pk_oauth_grants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oauth_refresh_tokens_token_hash")),
    )
    op.create_index(op.f("ix_oauth_refresh_tokens_grant_pk"), "oauth_refresh_tokens", ["grant_pk"], unique=False)
    op.create_index("ix_oauth_refresh_tokens_used_at", "oauth_refresh_tokens", ["used_at"], unique=False)


def _request_documents() -> None:
    op.create_table(
        "request_documents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("upload_key", sa.String(length=40), nullable=True),
        sa.Column("upload_sha256", sa.String(length=64), nullable=True),
        sa.Column("upload_bytes", KEY, nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("pdf_key", sa.String(length=40), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Text(), nullable=True),
        sa.Column("warnings", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_request_documents_account_pk_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["request_pk"],
            ["signature_requests.id"],
            name=op.f("fk_request_documents_request_pk_signature_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_documents")),
        sa.UniqueConstraint("request_pk", "position", name=op.f("uq_request_documents_request_pk_position")),
    )
    op.create_index(op.f("ix_request_documents_pdf_key"), "request_documents", ["pdf_key"], unique=False)
    op.create_index(op.f("ix_request_documents_upload_key"), "request_documents", ["upload_key"], unique=False)


def _request_removals() -> None:
    op.create_table(
        "request_removals",
        sa.Column("account_pk", KEY, autoincrement=False, nullable=False),
        sa.Column("request_pk", KEY, autoincrement=False, nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_request_removals_account_pk_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["request_pk"],
            ["signature_requests.id"],
            name=op.f("fk_request_removals_request_pk_signature_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_pk", "request_pk", name=op.f("pk_request_removals")),
    )


def _request_words() -> None:
    op.create_table(
        "request_words",
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("from", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_pk"], ["accounts.id"], name=op.f("fk_request_words_account_pk_accounts")),
        sa.ForeignKeyConstraint(
            ["request_pk"],
            ["signature_requests.id"],
            name=op.f("fk_request_words_request_pk_signature_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_pk", name=op.f("pk_request_words")),
    )


def _signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("signature_id", sa.String(length=32), nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email_address", sa.String(length=254), nullable=False),
        sa.Column("email_folded", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("link_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("invited_at", sa.BigInteger(), nullable=True),
        sa.Column("first_viewed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_viewed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("consented_at", sa.BigInteger(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signing", sa.Text(), nullable=True),
        sa.Column("declined_at", sa.BigInteger(), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("bounced_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["accounts.id"], name=op.f("fk_signatures_account_pk_accounts")),
        sa.ForeignKeyConstraint(
            ["request_pk"],
            ["signature_requests.id"],
            name=op.f("fk_signatures_request_pk_signature_requests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint("request_pk", "position", name=op.f("uq_signatures_request_pk_position")),
        sa.UniqueConstraint("signature_id", name=op.f("uq_signatures_signature_id")),
    )
    op.create_index(op.f("ix_signatures_email_folded"), "signatures", ["email_folded"], unique=False)


def _abuse_reports() -> None:
    op.create_table(
        "abuse_reports",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("signature_pk", KEY, nullable=False),
        sa.Column("signature_request_id", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("app", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_pk"], ["accounts.id"], name=op.f("fk_abuse_reports_account_pk_accounts")),
        sa.ForeignKeyConstraint(
            ["request_pk"],
            ["signature_requests.id"],
            name=op.f("fk_abuse_reports_request_pk_signature_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["signature_pk"],
            ["signatures.id"],
            name=op.f("fk_abuse_reports_signature_pk_signatures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_abuse_reports")),
    )
    op.create_index(op.f("ix_abuse_reports_request_pk"), "abuse_reports", ["request_pk"], unique=False)


def _adopted_signatures() -> None:
    op.create_table(
        "adopted_signatures",
        sa.Column("signature_pk", KEY, autoincrement=False, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("picture_key", sa.String(length=40), nullable=True),
        sa.Column("adopted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_adopted_signatures_account_pk_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["signature_pk"],
            ["signatures.id"],
            name=op.f("fk_adopted_signatures_signature_pk_signatures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signature_pk", name=op.f("pk_adopted_signatures")),
    )
    op.create_index(op.f("ix_adopted_signatures_adopted_at"), "adopted_signatures", ["adopted_at"], unique=False)
    op.create_index(op.f("ix_adopted_signatures_picture_key"), "adopted_signatures", ["picture_key"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("event_pk", KEY, nullable=False),
        sa.Column("callback_pk", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=True),
        sa.Column("app_pk", KEY, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_replay", sa.Boolean(), nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_deliveries_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_deliveries_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["callback_pk"], ["callbacks.id"], name=op.f("fk_deliveries_callback_pk_callbacks"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["event_pk"], ["events.id"], name=op.f("fk_deliveries_event_pk_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_deliveries_delivery_id")),
    )
    op.create_index("ix_deliveries_account", "deliveries", ["account_pk", "id"], unique=False)
    op.create_index("ix_deliveries_app", "deliveries", ["app_pk", "id"], unique=False)
    op.create_index("ix_deliveries_due", "deliveries", ["callback_pk", "state", "next_try_at"], unique=False)
    op.create_index(op.f("ix_deliveries_event_pk"), "deliveries", ["event_pk"], unique=False)


def _request_fields() -> None:
    op.create_table(
        "request_fields",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("request_pk", KEY, nullable=False),
        sa.Column("signature_pk", KEY, nullable=False),
        sa.Column("document_pk", KEY, nullable=False),
        sa.Column("api_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.Column("width", sa.Float(), nullable=False),
        sa.Column("height", sa.Float(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=True),
        sa.Column("picture_key", sa.String(length=40), nullable=True),
        sa.Column("filled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["accounts.id"], name=op.f("fk_request_fields_account_pk_accounts")),
        sa.ForeignKeyConstraint(
            ["document_pk"],
            ["request_documents.id"],
            name=op.f("fk_request_fields_document_pk_request_documents"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["request_pk"],
            ["signature_requests.id"],
            name=op.f("fk_request_fields_request_pk_signature_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["signature_pk"],
            ["signatures.id"],
            name=op.f("fk_request_fields_signature_pk_signatures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_fields")),
        sa.UniqueConstraint("request_pk", "api_id", name=op.f("uq_request_fields_request_pk_api_id")),
    )
    op.create_index(op.f("ix_request_fields_picture_key"), "request_fields", ["picture_key"], unique=False)
    op.create_index(op.f("ix_request_fields_request_pk"), "request_fields", ["request_pk"], unique=False)


def _delivery_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery_pk", KEY, nullable=False),
        sa.Column("account_pk", KEY, nullable=True),
        sa.Column("app_pk", KEY, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("attempted_at", sa.BigInteger(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_pk"], ["accounts.id"], name=op.f("fk_delivery_attempts_account_pk_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["app_pk"], ["api_apps.id"], name=op.f("fk_delivery_attempts_app_pk_api_apps"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_pk"],
            ["deliveries.id"],
            name=op.f("fk_delivery_attempts_delivery_pk_deliveries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index(op.f("ix_delivery_attempts_delivery_pk"), "delivery_attempts", ["delivery_pk"], unique=False)
