"""Operations that move any pointer; tags; where calls ran; the hash of pixels; tombstones; a search index.

Why: branches and tags are undone like everything else, a replay says what differs, `forget` leaves a tombstone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NODE = ["nodes.session_id", "nodes.number"]
TURN = ["turns.session_id", "turns.number"]
OPERATION = ["operations.session_id", "operations.number"]
KINDS = "'turn', 'checkout', 'import', 'branch', 'tag', 'accept', 'forget', 'undo', 'redo'"
POINTER = "CASE WHEN {0} IS NULL THEN '' ELSE 'n' || {0} END"
"""An id of a node, empty where there is none."""


def upgrade() -> None:
    _environments()
    _tags()
    _moves()
    _operations()
    _nodes()
    _words()


def _number(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _environments() -> None:
    op.create_table(
        "environments",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("content"),
        sa.UniqueConstraint("content"),
    )


def _tags() -> None:
    op.create_table(
        "tags",
        _number("session_id"),
        _text("name"),
        _number("node"),
        sa.PrimaryKeyConstraint("session_id", "name"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="tag_of_session"),
        sa.ForeignKeyConstraint(["session_id", "node"], NODE, name="tag_of_node"),
        sa.CheckConstraint("name <> ''", name="tag_has_name"),
    )


def _moves() -> None:
    op.create_table(
        "moves",
        *map(_number, ("session_id", "operation", "position")),
        *map(_text, ("pointer", "name")),
        *(_text(name, nullable=True) for name in ("old", "new")),
        sa.PrimaryKeyConstraint("session_id", "operation", "position"),
        sa.ForeignKeyConstraint(["session_id", "operation"], OPERATION, name="move_of_operation"),
        sa.CheckConstraint("pointer IN ('branch', 'tag', 'current')", name="move_pointer"),
        sa.CheckConstraint("(pointer = 'current') = (name = '')", name="move_of_named_pointer"),
        sa.CheckConstraint("pointer <> 'current' OR (old IS NOT NULL AND new IS NOT NULL)", name="always_on_a_branch"),
    )
    old, new = POINTER.format("old_head"), POINTER.format("new_head")
    op.execute(f"INSERT INTO moves SELECT session_id, number, 0, 'branch', branch, {old}, {new} FROM operations")


def _operations() -> None:
    op.create_table(
        "operations_new",
        *map(_number, ("session_id", "number")),
        *map(_text, ("kind", "label")),
        *(_number(name, nullable=True) for name in ("turn", "reverses", "parent")),
        _text("created"),
        sa.PrimaryKeyConstraint("session_id", "number"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="operation_of_session"),
        sa.ForeignKeyConstraint(["session_id", "turn"], TURN, name="operation_of_turn"),
        sa.ForeignKeyConstraint(["session_id", "reverses"], OPERATION, name="reverses_operation"),
        sa.ForeignKeyConstraint(["session_id", "parent"], OPERATION, name="after_operation"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="operation_kind"),
        sa.CheckConstraint("number >= 1", name="operation_number"),
        sa.CheckConstraint("(kind IN ('undo', 'redo')) = (reverses IS NOT NULL)", name="only_undo_and_redo_reverse"),
        sa.CheckConstraint("reverses IS NULL OR parent IS NULL", name="undo_and_redo_have_no_parent"),
    )
    _take_over("operations", "session_id, number, kind, label, turn, reverses, parent, created")
    op.create_index("operation_children", "operations", ["session_id", "parent", "number"])


def _nodes() -> None:
    op.create_table(
        "nodes_new",
        *map(_number, ("session_id", "number")),
        *map(_text, ("kind", "blob")),
        *map(_number, ("width", "height")),
        _text("label"),
        *(_text(name, nullable=True) for name in ("tool", "version", "model")),
        sa.Column("arguments", sa.JSON(none_as_null=True), nullable=True),
        *(_number(name, nullable=True) for name in ("seed", "environment")),
        _text("recipe"),
        sa.Column("measures", sa.JSON(), nullable=False),
        _number("turn", nullable=True),
        *map(_text, ("created", "pixels")),
        _text("gone", nullable=True),
        sa.PrimaryKeyConstraint("session_id", "number"),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name="node_of_session"),
        sa.ForeignKeyConstraint(["session_id", "turn"], TURN, name="node_of_turn"),
        sa.ForeignKeyConstraint(["environment"], ["environments.id"], name="node_ran_in"),
        sa.CheckConstraint("kind IN ('image', 'mask')", name="node_kind"),
        sa.CheckConstraint("number >= 1", name="node_number"),
        sa.CheckConstraint("length(blob) = CASE gone WHEN 'forgotten' THEN 0 ELSE 64 END", name="node_blob"),
        sa.CheckConstraint("length(pixels) IN (0, 64)", name="node_pixels"),
        sa.CheckConstraint("gone IN ('forgotten', 'collected')", name="node_gone"),
        sa.CheckConstraint("width >= 1 AND height >= 1", name="node_size"),
        sa.CheckConstraint("length(recipe) IN (0, 64)", name="node_recipe"),
        sa.CheckConstraint(
            "(tool IS NULL) = (version IS NULL) AND (tool IS NULL) = (model IS NULL)"
            " AND (tool IS NULL) = (arguments IS NULL) AND (tool IS NULL) = (seed IS NULL)",
            name="node_call_is_whole",
        ),
    )
    kept = (
        "session_id, number, kind, blob, width, height, label, tool, version, model, arguments, seed, recipe, measures"
    )
    _take_over("nodes", f"{kept}, turn, created", pixels="''")
    for name, column in (("ix_nodes_recipe", "recipe"), ("node_blobs", "blob"), ("node_pixels", "pixels")):
        op.create_index(name, "nodes", [column])


def _take_over(table: str, columns: str, **constants: str) -> None:
    """The new table gets the rows of the old one and its name; SQLite can't change a check in place.

    https://www.sqlite.org/lang_altertable.html#otheralter; foreign keys are off meanwhile (`memory.schema`).
    """
    named, values = ", ".join([columns, *constants]), ", ".join([columns, *constants.values()])
    op.execute(f"INSERT INTO {table}_new ({named}) SELECT {values} FROM {table}")
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)


def _words() -> None:
    """Everything that was said, to be searched; `memory.search` fills it."""
    op.execute(
        "CREATE VIRTUAL TABLE words USING fts5("
        "text, session_id, turn UNINDEXED, node UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')"
    )
    for said in ("said", "reply"):
        op.execute(
            f"INSERT INTO words (text, session_id, turn) SELECT {said}, session_id, number FROM turns"
            f" WHERE {said} <> '' ORDER BY started, number"
        )
    op.execute(
        "INSERT INTO words (text, session_id, node)"
        " SELECT label, session_id, number FROM nodes WHERE kind = 'image' ORDER BY created, number"
    )
