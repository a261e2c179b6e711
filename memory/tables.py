"""The rows of the database and the constraints that hold between them.

Rows of nodes, edges, operations and moves are never updated or deleted, but for what `forget` takes out. Numbers count from 1 within a session.
"""

from collections.abc import Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, ClassVar

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pentimento.memory.types import OPERATIONS, Gone, NodeKind, Pointer, Role, TurnStatus


def as_text(moment: datetime) -> str:
    """As it stands in the database."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def as_moment(text: str) -> datetime:
    """Of a text from outside; it can be shown in every time zone. Raises ValueError."""
    moment, years = datetime.fromisoformat(text), range(MINYEAR + 1, MAXYEAR)
    if moment.tzinfo is None or moment.year not in years or moment.astimezone(UTC).year not in years:
        raise ValueError(text)
    return moment


class UtcDateTime(TypeDecorator[datetime]):
    """A moment as ISO 8601 text in UTC; SQLite has no type of its own for it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        return None if value is None else as_text(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        # In a damaged database bytes may stand in its place: as a text they are no moment.
        return None if value is None else datetime.fromisoformat(str(value))


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {dict[str, JsonValue]: JSON, datetime: UtcDateTime}


def _one_of(column: str, words: Sequence[str], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(word)) for word in words)})", name=name)


class SessionRow(Base):
    __tablename__ = "sessions"
    __table_args__ = (
        # Deferred: a session and its first branch are inserted together. use_alter: sorts the cycle of the two tables.
        ForeignKeyConstraint(
            ["id", "branch"],
            ["branches.session_id", "branches.name"],
            name="session_is_on_branch",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        CheckConstraint("name <> ''", name="session_has_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(unique=True)
    branch: Mapped[str]
    used: Mapped[int] = mapped_column(index=True)
    """Grows with every use over all sessions; a clock that cannot be set back."""
    created: Mapped[datetime]


class BranchRow(Base):
    __tablename__ = "branches"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "head"], ["nodes.session_id", "nodes.number"], name="head_is_node"),
        CheckConstraint("name <> ''", name="branch_has_name"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", name="branch_of_session"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    head: Mapped[int | None]


class TagRow(Base):
    __tablename__ = "tags"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "node"], ["nodes.session_id", "nodes.number"], name="tag_of_node"),
        CheckConstraint("name <> ''", name="tag_has_name"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", name="tag_of_session"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[int]


class TurnRow(Base):
    __tablename__ = "turns"
    __table_args__ = (
        _one_of("status", list(TurnStatus), "turn_status"),
        CheckConstraint("number >= 1", name="turn_number"),
        CheckConstraint("(status = 'running') = (ended IS NULL)", name="turn_ends"),
        Index("running_turns", "status", sqlite_where=text("status = 'running'")),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", name="turn_of_session"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    said: Mapped[str]
    status: Mapped[str]
    owner: Mapped[str]
    """Token of the process that runs it (`memory.claims`), or that ran it; empty for a turn that came from another home."""
    plan: Mapped[str]
    reply: Mapped[str]
    prompt_sha: Mapped[str]
    details: Mapped[dict[str, JsonValue]]
    started: Mapped[datetime]
    ended: Mapped[datetime | None]


class EnvironmentRow(Base):
    """Where calls ran; one row for all nodes that were made alike."""

    __tablename__ = "environments"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    content: Mapped[str] = mapped_column(unique=True)
    """Canonical JSON."""


class NodeRow(Base):
    __tablename__ = "nodes"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "turn"], ["turns.session_id", "turns.number"], name="node_of_turn"),
        _one_of("kind", list(NodeKind), "node_kind"),
        CheckConstraint("number >= 1", name="node_number"),
        CheckConstraint("length(blob) = CASE gone WHEN 'forgotten' THEN 0 ELSE 64 END", name="node_blob"),
        CheckConstraint("length(pixels) IN (0, 64)", name="node_pixels"),
        _one_of("gone", list(Gone), "node_gone"),
        CheckConstraint("width >= 1 AND height >= 1", name="node_size"),
        CheckConstraint("length(recipe) IN (0, 64)", name="node_recipe"),
        CheckConstraint(
            "(tool IS NULL) = (version IS NULL) AND (tool IS NULL) = (model IS NULL)"
            " AND (tool IS NULL) = (arguments IS NULL) AND (tool IS NULL) = (seed IS NULL)",
            name="node_call_is_whole",
        ),
        Index("node_blobs", "blob"),
        Index("node_pixels", "pixels"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", name="node_of_session"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    blob: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    label: Mapped[str]
    tool: Mapped[str | None]
    version: Mapped[str | None]
    model: Mapped[str | None]
    arguments: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    seed: Mapped[int | None]
    environment: Mapped[int | None] = mapped_column(ForeignKey("environments.id", name="node_ran_in"))
    recipe: Mapped[str] = mapped_column(index=True)
    measures: Mapped[dict[str, JsonValue]]
    turn: Mapped[int | None]
    """NULL for a picture that was imported outside of any turn."""
    created: Mapped[datetime]
    pixels: Mapped[str]
    gone: Mapped[str | None]


class EdgeRow(Base):
    __tablename__ = "edges"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "child"], ["nodes.session_id", "nodes.number"], name="edge_child"),
        ForeignKeyConstraint(["session_id", "parent"], ["nodes.session_id", "nodes.number"], name="edge_parent"),
        _one_of("role", list(Role), "edge_role"),
        # Parents are older than their children, so the graph cannot have a cycle.
        CheckConstraint("parent < child", name="edge_from_older"),
        Index("edges_by_parent", "session_id", "parent"),
    )

    session_id: Mapped[int] = mapped_column(primary_key=True)
    child: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """Order of the parents, from 0."""
    parent: Mapped[int]
    role: Mapped[str]


class OperationRow(Base):
    __tablename__ = "operations"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "turn"], ["turns.session_id", "turns.number"], name="operation_of_turn"),
        ForeignKeyConstraint(
            ["session_id", "reverses"], ["operations.session_id", "operations.number"], name="reverses_operation"
        ),
        ForeignKeyConstraint(
            ["session_id", "parent"], ["operations.session_id", "operations.number"], name="after_operation"
        ),
        _one_of("kind", OPERATIONS, "operation_kind"),
        CheckConstraint("number >= 1", name="operation_number"),
        CheckConstraint("(kind IN ('undo', 'redo')) = (reverses IS NOT NULL)", name="only_undo_and_redo_reverse"),
        CheckConstraint("reverses IS NULL OR parent IS NULL", name="undo_and_redo_have_no_parent"),
        Index("operation_children", "session_id", "parent", "number"),
        # Without it each operation that is deleted costs a look at all others.
        Index("operation_reversals", "session_id", "reverses", sqlite_where=text("reverses IS NOT NULL")),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", name="operation_of_session"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    label: Mapped[str]
    turn: Mapped[int | None]
    reverses: Mapped[int | None]
    parent: Mapped[int | None]
    """The operation that was in effect before this one; NULL for the first, and for undo and redo."""
    created: Mapped[datetime]


class MoveRow(Base):
    """One pointer that an operation moved; `old` and `new` as in `memory.types.Move`."""

    __tablename__ = "moves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "operation"], ["operations.session_id", "operations.number"], name="move_of_operation"
        ),
        _one_of("pointer", list(Pointer), "move_pointer"),
        CheckConstraint("(pointer = 'current') = (name = '')", name="move_of_named_pointer"),
        CheckConstraint("pointer <> 'current' OR (old IS NOT NULL AND new IS NOT NULL)", name="always_on_a_branch"),
        # The last of each says what a person prefers; it is looked up in every turn.
        Index("preference_moves", "session_id", "name", "operation", sqlite_where=text("pointer = 'preference'")),
    )

    session_id: Mapped[int] = mapped_column(primary_key=True)
    operation: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    pointer: Mapped[str]
    name: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
