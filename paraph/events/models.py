"""Tables of callbacks, events, deliveries and attempts.

A row belongs to the account or to the app whose callback is meant; exactly one of ``account_pk`` and ``app_pk`` is
set, and deleting that owner deletes everything here.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from paraph.kit.db import BigId, Utc, metadata


def _owner(*, unique: bool = False) -> tuple[Column[int], Column[int]]:
    return (
        Column("account_pk", BigId, ForeignKey("accounts.id", ondelete="CASCADE"), unique=unique),
        Column("app_pk", BigId, ForeignKey("api_apps.id", ondelete="CASCADE"), unique=unique),
    )


callbacks = Table(
    "callbacks",
    metadata,
    Column("id", BigId, primary_key=True),
    *_owner(unique=True),
    # none: the owner took it away; what still waits for it is dropped
    Column("url", Text),
    Column("changed_at", Utc, nullable=False),
    # when the owner was last told that a delivery was given up
    Column("told_at", Utc),
    # events given up since one was taken; the tenth switches the callback off
    Column("failed_events", Integer, nullable=False, server_default="0"),
    Column("switched_off_at", Utc),
    CheckConstraint("(account_pk IS NULL) <> (app_pk IS NULL)", name="one_owner"),
)

events = Table(
    "events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("callback_pk", BigId, ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    *_owner(),
    Column("event_type", String(60), nullable=False),
    # the exact bytes that every delivery carries: the state at the time of the event (T34)
    Column("payload", LargeBinary, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    # signs each delivery; derived from the owner's API key, and sealed
    Column("signing_key", LargeBinary, nullable=False),
    Column("created_at", Utc, nullable=False, index=True),
    Index("ix_events_account", "account_pk"),
    Index("ix_events_app", "app_pk"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("delivery_id", String(32), nullable=False, unique=True),
    Column("event_pk", BigId, ForeignKey("events.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("callback_pk", BigId, ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False),
    *_owner(),
    Column("state", String(12), nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("is_replay", Boolean, nullable=False),
    # set while the state is "waiting"
    Column("next_try_at", Utc),
    Column("leased_until", Utc),
    Column("created_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Index(
        "ix_deliveries_leased",
        "callback_pk",
        "leased_until",
        sqlite_where=text("leased_until IS NOT NULL"),
        postgresql_where=text("leased_until IS NOT NULL"),
    ),
    Index("ix_deliveries_due", "callback_pk", "state", "next_try_at"),
    Index("ix_deliveries_account", "account_pk", "id"),
    Index("ix_deliveries_app", "app_pk", "id"),
    # over all receivers, for operators: what waits, and what was given up
    Index(
        "ix_deliveries_waiting",
        "next_try_at",
        "id",
        sqlite_where=text("finished_at IS NULL"),
        postgresql_where=text("finished_at IS NULL"),
    ),
    Index(
        "ix_deliveries_given_up",
        "finished_at",
        "id",
        sqlite_where=text("state = 'given_up'"),
        postgresql_where=text("state = 'given_up'"),
    ),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("delivery_pk", BigId, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False, index=True),
    *_owner(),
    Column("url", Text, nullable=False),
    Column("attempted_at", Utc, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    # none: no answer came
    Column("status", Integer),
    Column("answer", Text),
    # none: it succeeded
    Column("error", Text),
)
