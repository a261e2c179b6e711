"""Operations that move a preference, an index of those, and one of edges by parent.

Why: "from now on wide" is undone like everything else, and is looked up in every turn; whether anything was made from an attempt
that was not kept is asked wherever pictures are listed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moves_new",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("session_id", "operation", "position")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("pointer", "name")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("old", "new")),
        sa.PrimaryKeyConstraint("session_id", "operation", "position"),
        sa.ForeignKeyConstraint(
            ["session_id", "operation"], ["operations.session_id", "operations.number"], name="move_of_operation"
        ),
        sa.CheckConstraint("pointer IN ('branch', 'tag', 'current', 'preference')", name="move_pointer"),
        sa.CheckConstraint("(pointer = 'current') = (name = '')", name="move_of_named_pointer"),
        sa.CheckConstraint("pointer <> 'current' OR (old IS NOT NULL AND new IS NOT NULL)", name="always_on_a_branch"),
    )
    # SQLite can't change a check in place; nothing refers to this table.
    op.execute("INSERT INTO moves_new SELECT session_id, operation, position, pointer, name, old, new FROM moves")
    op.drop_table("moves")
    op.rename_table("moves_new", "moves")
    op.create_index(
        "preference_moves",
        "moves",
        ["session_id", "name", "operation"],
        sqlite_where=sa.text("pointer = 'preference'"),
    )
    op.create_index("edges_by_parent", "edges", ["session_id", "parent"])
