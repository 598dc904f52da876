"""Placed fields: what each one is, what it holds, and what was asked for before the documents were there."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Every new column may be empty, so requests that are on their way stay as they are."""
    for name in ("form_plan", "form", "custom_fields"):
        op.add_column("signature_requests", sa.Column(name, sa.Text()))
    # SQLite rebuilds the table: it can add columns, but not change them
    with op.batch_alter_table("request_fields") as table:
        table.alter_column("signature_pk", existing_type=KEY, nullable=True)
        table.alter_column("api_id", existing_type=sa.String(64), type_=sa.String(255), existing_nullable=False)
        table.add_column(sa.Column("definition", sa.Text()))
        table.add_column(sa.Column("value", sa.LargeBinary()))
