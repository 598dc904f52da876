"""Tables of the signing pages: signatures adopted but not yet given, pads on phones, reports about senders."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, Text

from paraph.kit.db import BigId, FileKey, Utc, metadata

signing_drafts = Table(
    "signing_drafts",
    metadata,
    Column(
        "signature_pk",
        BigId,
        ForeignKey("signatures.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    # all three sealed: people enter numbers of banks, and whoever copies a drawn signature can forge it
    Column("answers", LargeBinary),
    Column("signature", LargeBinary),
    Column("initials", LargeBinary),
    # the keys of uploaded pictures in plain, so that the sweep of orphans leaves them alone
    Column("signature_picture_key", FileKey, index=True),
    Column("initials_picture_key", FileKey, index=True),
    Column("changed_at", Utc, nullable=False, index=True),
)

abuse_reports = Table(
    "abuse_reports",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    Column("request_pk", BigId, ForeignKey("signature_requests.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("signature_pk", BigId, ForeignKey("signatures.id", ondelete="CASCADE"), nullable=False),
    # as the operator reads them, whatever becomes of the request
    Column("signature_request_id", String(40), nullable=False),
    Column("sender", Text, nullable=False),
    Column("app", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("address", String(64), nullable=False),
    Column("reported_at", Utc, nullable=False),
    # what an operator made of it: dismissed, account_suspended, app_suspended
    Column("handled_at", Utc),
    Column("outcome", String(20)),
    Column("handled_by", Text),
    Column("note", Text),
    Index("ix_abuse_reports_handled", "handled_at", "id"),
)

# one pad on a phone for each signature at a time: a new one takes the old one's place
phone_pads = Table(
    "phone_pads",
    metadata,
    Column(
        "signature_pk",
        BigId,
        ForeignKey("signatures.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("account_pk", BigId, ForeignKey("accounts.id"), nullable=False),
    # the token is derived from it under a key that is not in the database
    Column("nonce", String(32), nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    # what is drawn, and the api_id of the field that was tapped for it
    Column("kind", String(16), nullable=False),
    Column("place", String(255), nullable=False),
    Column("made_at", Utc, nullable=False, index=True),
    Column("drawn_at", Utc),
)
