"""What signers have begun: values, initials and where they sign, beside the signature that was kept before."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Who is in the middle of signing keeps the signature they made: its seal and form stay the same."""
    op.create_table(
        "signing_drafts",
        sa.Column("signature_pk", KEY, autoincrement=False, nullable=False),
        sa.Column("account_pk", KEY, nullable=False),
        sa.Column("answers", sa.LargeBinary()),
        sa.Column("signature", sa.LargeBinary()),
        sa.Column("initials", sa.LargeBinary()),
        sa.Column("signature_picture_key", sa.String(40)),
        sa.Column("initials_picture_key", sa.String(40)),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_pk"], ["accounts.id"], name=op.f("fk_signing_drafts_account_pk_accounts")),
        sa.ForeignKeyConstraint(
            ["signature_pk"],
            ["signatures.id"],
            name=op.f("fk_signing_drafts_signature_pk_signatures"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("signature_pk", name=op.f("pk_signing_drafts")),
    )
    for name in ("signature_picture_key", "initials_picture_key", "changed_at"):
        op.create_index(op.f(f"ix_signing_drafts_{name}"), "signing_drafts", [name])
    op.execute(
        "INSERT INTO signing_drafts (signature_pk, account_pk, signature, signature_picture_key, changed_at) "
        "SELECT signature_pk, account_pk, sealed, picture_key, adopted_at FROM adopted_signatures"
    )
    op.drop_table("adopted_signatures")
