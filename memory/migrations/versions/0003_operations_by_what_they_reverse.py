"""An index of the operations that reverse others.

Why: where a session is forgotten its operations go, and for each the database looks for those that reverse it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "operation_reversals",
        "operations",
        ["session_id", "reverses"],
        sqlite_where=sa.text("reverses IS NOT NULL"),
    )
