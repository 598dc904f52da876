"""How many requests of a block hold a word: what a search for a common word is counted by."""

import sqlalchemy as sa
from alembic import op

from paraph.migrations import online

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(50).with_variant(sa.String(50, collation="C"), "postgresql")


def upgrade() -> None:
    """A job counts, the blocks not looked at for longest first; what is not counted is searched one by one."""
    online.create_table(
        "request_word_counts",
        sa.Column("account_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("app_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("first_pk", KEY, nullable=False, autoincrement=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_pk", "app_pk", "word", "first_pk", name=op.f("pk_request_word_counts")),
        sqlite_with_rowid=False,
    )
    keys = ["account_pk", "app_pk", "first_pk"]
    online.create_index("ix_request_word_counts_block", "request_word_counts", keys)
