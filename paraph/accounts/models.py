"""Tables of accounts: who they are, and what opens them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text, column, text

from paraph.kit.db import BigId, Json, Utc, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_id", String(40), nullable=False, unique=True),
    Column("email_address", String(320), nullable=False),
    # the address as it is compared: lower case, domain in its ASCII form
    Column("email_key", String(320), nullable=False, unique=True),
    Column("name", String(255), nullable=False),
    Column("locale", String(5), nullable=False),
    Column("password_hash", String(255)),
    Column("confirmed_at", Utc),
    Column("operator_since", Utc),
    Column("suspended_at", Utc),
    Column("created_at", Utc, nullable=False),
    Index(
        "ix_accounts_suspended",
        "suspended_at",
        sqlite_where=text("suspended_at IS NOT NULL"),
        postgresql_where=text("suspended_at IS NOT NULL"),
    ),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key_hash", LargeBinary, nullable=False, unique=True),
    # event_hash is keyed with the primary key itself, and any key may become the primary one (T13)
    Column("key_sealed", LargeBinary, nullable=False),
    Column("ending", String(4), nullable=False),
    Column("is_primary", Boolean, nullable=False),
    # False while nobody has seen it: made because an event had to be signed
    Column("was_shown", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("last_used_at", Utc),
    Index(
        "uq_api_keys_primary",
        "account_pk",
        unique=True,
        sqlite_where=column("is_primary", Boolean).is_(True),
        postgresql_where=column("is_primary", Boolean).is_(True),
    ),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("address", String(64), nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("created_at", Utc, nullable=False, index=True),
    Column("last_seen_at", Utc, nullable=False),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("purpose", String(8), nullable=False),  # address, invited, change
    Column("email_address", String(320), nullable=False),
    Column("email_key", String(320), nullable=False),
    Column("after_path", Text),
    Column("invited_by_app", Text),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("used_at", Utc),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("used_at", Utc),
)

account_activity = Table(
    "account_activity",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("what", String(40), nullable=False),
    Column("detail", Json),
    Column("address", String(64), nullable=False),
    Column("client_id", String(32)),
    Column("happened_at", Utc, nullable=False, index=True),
    Index("ix_account_activity_account", "account_pk", "id"),
)

operator_acts = Table(
    # what operators did, for ever: to apps, accounts, reports, jobs, deliveries
    "operator_acts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("acted_at", Utc, nullable=False),
    # none: the command line, or the account is gone
    Column("operator_pk", BigId, ForeignKey("accounts.id", ondelete="SET NULL"), index=True),
    Column("operator", Text, nullable=False),
    Column("what", String(40), nullable=False),
    Column("subject", Text, nullable=False),
    Column("note", Text),
    # whom it concerned, if it was an account
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="SET NULL"), index=True),
)
