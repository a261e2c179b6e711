"""The first lineage: sessions, branches, turns, nodes, edges, operations.

Why: without it nothing that was made can be found again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NODE = ["nodes.session_id", "nodes.number"]
TURN = ["turns.session_id", "turns.number"]
BRANCH = ["branches.session_id", "branches.name"]
OPERATION = ["operations.session_id", "operations.number"]


def upgrade() -> None:
    _sessions()
    _branches()
    _turns()
    _nodes()
    _edges()
    _operations()


def _number(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("name"),
        _text("branch"),
        _number("used"),
        _text("created"),
        sa.UniqueConstraint("name"),
        sa.ForeignKeyConstraint(
            ["id", "branch"], BRANCH, name="session_is_on_branch", deferrable=True, initially="DEFERRED"
        ),
        sa.CheckConstraint("name <> ''", name="session_has_name"),
    )
    op.create_index("ix_sessions_used", "sessions", ["used"])


def _branches() -> None:
    op.create_table(
        "branches",
        _number("session_id"),
        _text("name"),
        _number("head", nullable=True),
        sa.PrimaryKeyConstraint("session_id", "name"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="branch_of_session"),
        sa.ForeignKeyConstraint(["session_id", "head"], NODE, name="head_is_node"),
        sa.CheckConstraint("name <> ''", name="branch_has_name"),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        _number("session_id"),
        _number("number"),
        *map(_text, ("said", "status", "owner", "plan", "reply", "prompt_sha")),
        sa.Column("details", sa.JSON(), nullable=False),
        _text("started"),
        _text("ended", nullable=True),
        sa.PrimaryKeyConstraint("session_id", "number"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="turn_of_session"),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'asked', 'answered', 'declined', 'failed', 'cancelled', 'interrupted')",
            name="turn_status",
        ),
        sa.CheckConstraint("number >= 1", name="turn_number"),
        sa.CheckConstraint("(status = 'running') = (ended IS NULL)", name="turn_ends"),
    )
    op.create_index("running_turns", "turns", ["status"], sqlite_where=sa.text("status = 'running'"))


def _nodes() -> None:
    op.create_table(
        "nodes",
        _number("session_id"),
        _number("number"),
        _text("kind"),
        _text("blob"),
        _number("width"),
        _number("height"),
        _text("label"),
        *(_text(name, nullable=True) for name in ("tool", "version", "model")),
        sa.Column("arguments", sa.JSON(none_as_null=True), nullable=True),
        _number("seed", nullable=True),
        _text("recipe"),
        sa.Column("measures", sa.JSON(), nullable=False),
        _number("turn", nullable=True),
        _text("created"),
        sa.PrimaryKeyConstraint("session_id", "number"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="node_of_session"),
        sa.ForeignKeyConstraint(["session_id", "turn"], TURN, name="node_of_turn"),
        sa.CheckConstraint("kind IN ('image', 'mask')", name="node_kind"),
        sa.CheckConstraint("number >= 1", name="node_number"),
        sa.CheckConstraint("length(blob) = 64", name="node_blob"),
        sa.CheckConstraint("width >= 1 AND height >= 1", name="node_size"),
        sa.CheckConstraint("length(recipe) IN (0, 64)", name="node_recipe"),
        sa.CheckConstraint(
            "(tool IS NULL) = (version IS NULL) AND (tool IS NULL) = (model IS NULL)"
            " AND (tool IS NULL) = (arguments IS NULL) AND (tool IS NULL) = (seed IS NULL)",
            name="node_call_is_whole",
        ),
    )
    op.create_index("ix_nodes_recipe", "nodes", ["recipe"])


def _edges() -> None:
    op.create_table(
        "edges",
        *map(_number, ("session_id", "child", "position", "parent")),
        _text("role"),
        sa.PrimaryKeyConstraint("session_id", "child", "position"),
        sa.ForeignKeyConstraint(["session_id", "child"], NODE, name="edge_child"),
        sa.ForeignKeyConstraint(["session_id", "parent"], NODE, name="edge_parent"),
        sa.CheckConstraint("role IN ('source', 'mask', 'reference')", name="edge_role"),
        sa.CheckConstraint("parent < child", name="edge_from_older"),
    )


def _operations() -> None:
    op.create_table(
        "operations",
        *map(_number, ("session_id", "number")),
        *map(_text, ("kind", "label", "branch")),
        *(_number(name, nullable=True) for name in ("old_head", "new_head", "turn", "reverses", "parent")),
        _text("created"),
        sa.PrimaryKeyConstraint("session_id", "number"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="operation_of_session"),
        sa.ForeignKeyConstraint(["session_id", "branch"], BRANCH, name="operation_on_branch"),
        sa.ForeignKeyConstraint(["session_id", "old_head"], NODE, name="old_head_is_node"),
        sa.ForeignKeyConstraint(["session_id", "new_head"], NODE, name="new_head_is_node"),
        sa.ForeignKeyConstraint(["session_id", "turn"], TURN, name="operation_of_turn"),
        sa.ForeignKeyConstraint(["session_id", "reverses"], OPERATION, name="reverses_operation"),
        sa.ForeignKeyConstraint(["session_id", "parent"], OPERATION, name="after_operation"),
        sa.CheckConstraint("kind IN ('turn', 'checkout', 'import', 'undo', 'redo')", name="operation_kind"),
        sa.CheckConstraint("number >= 1", name="operation_number"),
        sa.CheckConstraint("(kind IN ('undo', 'redo')) = (reverses IS NOT NULL)", name="only_undo_and_redo_reverse"),
        sa.CheckConstraint("reverses IS NULL OR parent IS NULL", name="undo_and_redo_have_no_parent"),
    )
    op.create_index("operation_children", "operations", ["session_id", "parent", "number"])
