"""Callbacks that take no event are switched off: how many events failed in a row, and since when it is off."""

import sqlalchemy as sa

from paraph.migrations import online

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Servers of the version before neither read nor write these columns."""
    online.add_column("callbacks", sa.Column("failed_events", sa.Integer(), nullable=False, server_default="0"))
    online.add_column("callbacks", sa.Column("switched_off_at", sa.BigInteger()))
