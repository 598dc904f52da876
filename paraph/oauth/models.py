"""Tables of the OAuth provider. Codes and tokens are kept as SHA-256 only; nothing here can be used if it leaks."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from paraph.kit.db import BigId, Json, Utc, metadata

oauth_requests = Table(
    # an authorization request that waits for a person's decision; answered once, by compare-and-set on decided_at
    "oauth_requests",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("handle_hash", LargeBinary, nullable=False, unique=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("session_hash", LargeBinary, nullable=False),
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("state", LargeBinary),
    Column("scopes", Json, nullable=False),
    Column("code_challenge", String(43)),
    Column("dialect", String(12), nullable=False),  # how a denial is told: walkthrough or standard
    Column("is_invitation", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("decided_at", Utc),
)

oauth_grants = Table(
    # what a person allowed an app, once; every token hangs on a grant, so ending it is one row
    "oauth_grants",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("status", String(8), nullable=False),  # pending → active → revoked
    Column("created_at", Utc, nullable=False),
    Column("pending_until", Utc, index=True),
    Column("granted_at", Utc),
    Column("last_used_at", Utc),
    Column("revoked_at", Utc, index=True),
    Column("revoked_because", String(20)),
    Column("bare_refreshes", Integer, nullable=False, server_default="0"),  # refreshes without client credentials
    Column("bare_refreshed_at", Utc),
    Index("ix_oauth_grants_account_pk_app_pk", "account_pk", "app_pk"),
)

oauth_codes = Table(
    "oauth_codes",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("code_hash", LargeBinary, nullable=False, unique=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("state", LargeBinary),
    Column("scopes", Json, nullable=False),
    Column("code_challenge", String(43)),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("wrong_verifiers", Integer, nullable=False, server_default="0"),
    Column("used_at", Utc),
    # what the code gave: a second use revokes it
    Column("grant_pk", BigId, ForeignKey("oauth_grants.id", ondelete="CASCADE"), index=True),
)

oauth_access_tokens = Table(
    "oauth_access_tokens",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("account_pk", BigId, nullable=False),
    Column("grant_pk", BigId, ForeignKey("oauth_grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("lifetime", Integer, nullable=False),  # seconds, counted from activation when the grant is pending
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),  # of a pending grant: when it stops waiting
    Column("revoked_at", Utc),
)

oauth_refresh_tokens = Table(
    "oauth_refresh_tokens",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("account_pk", BigId, nullable=False),
    Column("grant_pk", BigId, ForeignKey("oauth_grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    # set when the token was rotated away; by compare-and-set, so only one of many refreshes at once succeeds
    Column("used_at", Utc),
    # the answer of that refresh, sealed, for the retry window only
    Column("answer", LargeBinary),
    Index("ix_oauth_refresh_tokens_used_at", "used_at"),
    Index(
        "ix_oauth_refresh_tokens_answered",
        "used_at",
        sqlite_where=text("answer IS NOT NULL"),
        postgresql_where=text("answer IS NOT NULL"),
    ),
)

oauth_audit = Table(
    # append-only: consents given and refused, reuse, revocations (oauth.md V48, R2)
    "oauth_audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="SET NULL"), index=True),
    Column("client_id", String(32), nullable=False),
    Column("grant_pk", BigId),
    Column("kind", String(30), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("address", String(64)),
    Column("created_at", Utc, nullable=False),
)
