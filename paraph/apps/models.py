"""Tables of API apps, their client secrets, and what operators decided about them."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from paraph.kit.db import BigId, FileKey, Json, Utc, metadata

api_apps = Table(
    "api_apps",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("client_id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("name_key", String(64), nullable=False),
    Column("domains", Json, nullable=False),
    Column("oauth_callback_url", Text),
    Column("scopes", Json, nullable=False),
    Column("can_insert_everywhere", Boolean),
    Column("white_labeling_options", Json),
    Column("logo_key", FileKey, index=True),
    Column("logo_media_type", String(20)),
    # the newest row of api_app_decisions, repeated here because every authorization and every token call asks
    Column("approval", String(12), nullable=False),
    Column("suspended_at", Utc),
    Column("profile", String(12), nullable=False),
    Column("refresh_needs_secret", Boolean, nullable=False),
    Column("access_token_seconds", Integer),
    Column("is_native", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("account_pk", "name_key"),
    Index(
        "ix_api_apps_requested",
        "id",
        sqlite_where=text("approval = 'requested'"),
        postgresql_where=text("approval = 'requested'"),
    ),
)

api_app_secrets = Table(
    "api_app_secrets",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("ends_at", Utc),
    Column("last_used_at", Utc),
    # two rotations at once leave one current secret
    Index(
        "uq_api_app_secrets_current",
        "app_pk",
        unique=True,
        sqlite_where=text("ends_at IS NULL"),
        postgresql_where=text("ends_at IS NULL"),
    ),
)

api_app_decisions = Table(
    "api_app_decisions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # requested, approved, refused, suspended, resumed
    Column("reason", Text),
    Column("decided_by", BigId, ForeignKey("accounts.id", ondelete="SET NULL")),  # none: the command line
    Column("app_as_seen", Json, nullable=False),
    Column("created_at", Utc, nullable=False),
)
