"""An index of the few accounts that are suspended, and of the apps that wait: both are counted every few seconds."""

from paraph.migrations import online

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Partial indexes: empty on most servers."""
    online.create_index("ix_accounts_suspended", "accounts", ["suspended_at"], where="suspended_at IS NOT NULL")
    online.create_index("ix_api_apps_requested", "api_apps", ["id"], where="approval = 'requested'")
