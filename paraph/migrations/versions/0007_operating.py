"""Running a server: what is stuck, what operators did, suspended accounts, reports that were handled."""

import sqlalchemy as sa
from alembic import op

from paraph.migrations import online

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Only new columns, tables and indexes: servers of the version before go on beside it."""
    online.add_column("jobs", sa.Column("waits_for", sa.String(16)))
    online.add_column("jobs", sa.Column("origin", sa.String(120)))
    online.add_column("accounts", sa.Column("suspended_at", sa.BigInteger()))
    online.add_column("abuse_reports", sa.Column("handled_at", sa.BigInteger()))
    online.add_column("abuse_reports", sa.Column("outcome", sa.String(20)))
    online.add_column("abuse_reports", sa.Column("handled_by", sa.Text()))
    online.add_column("abuse_reports", sa.Column("note", sa.Text()))
    online.create_index("ix_abuse_reports_handled", "abuse_reports", ["handled_at", "id"])
    _partial("ix_jobs_failing", "jobs", ["name", "id"], "error IS NOT NULL")
    _partial("ix_deliveries_waiting", "deliveries", ["next_try_at", "id"], "finished_at IS NULL")
    _partial("ix_deliveries_given_up", "deliveries", ["finished_at", "id"], "state = 'given_up'")
    _partial("ix_text_messages_waiting", "text_messages", ["created_at"], "sent_at IS NULL")
    no = "0" if op.get_bind().dialect.name == "sqlite" else "FALSE"
    unsealed = f"completed_at IS NOT NULL AND is_sealed IS {no}"
    _partial("ix_signature_requests_unsealed", "signature_requests", ["completed_at"], unsealed)
    _stuck_things()
    _operator_acts()


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    online.create_index(name, table, columns, where=where)


def _stuck_things() -> None:
    online.create_table(
        "stuck_things",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_stuck_things")),
    )


def _operator_acts() -> None:
    online.create_table(
        "operator_acts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("acted_at", sa.BigInteger(), nullable=False),
        sa.Column("operator_pk", KEY),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("account_pk", KEY),
        sa.ForeignKeyConstraint(
            ["operator_pk"],
            ["accounts.id"],
            name=op.f("fk_operator_acts_operator_pk_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["account_pk"],
            ["accounts.id"],
            name=op.f("fk_operator_acts_account_pk_accounts"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_acts")),
    )
    online.create_index(op.f("ix_operator_acts_operator_pk"), "operator_acts", ["operator_pk"])
    online.create_index(op.f("ix_operator_acts_account_pk"), "operator_acts", ["account_pk"])
