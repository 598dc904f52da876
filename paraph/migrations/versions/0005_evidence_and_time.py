"""Evidence and time: when a signer is reminded next, when files were deleted, and word that a mail was accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Requests that are on their way get no automatic reminder: nobody knows what was promised for them."""
    op.add_column("signatures", sa.Column("next_reminder_at", sa.BigInteger()))
    op.create_index("ix_signatures_next_reminder_at", "signatures", ["next_reminder_at"])
    op.add_column("signature_requests", sa.Column("files_deleted_at", sa.BigInteger()))
    op.create_index("ix_signature_requests_retention", "signature_requests", ["files_deleted_at", "closed_at"])
    op.create_index("ix_signature_requests_file_sha256", "signature_requests", ["file_sha256"])
    op.add_column("mails", sa.Column("accepted_job", sa.Text()))
