"""Looks for damage: in the database, between its rows, and in the picture files."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, literal, or_, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session, aliased

from pentimento.memory import search
from pentimento.memory.blobs import Blobs
from pentimento.memory.database import Database
from pentimento.memory.tables import Base, BranchRow, EdgeRow, MoveRow, NodeRow, SessionRow, TagRow
from pentimento.memory.types import AT_NODES


def database_problems(database: Database) -> list[str]:
    """All that is wrong in the database itself."""
    with database.read() as db:
        found = [*damaged_database(db), *broken_links(db)]
    with database.write() as db:
        return [*found, *damaged_search(db)]


def damaged_database(db: Session) -> Iterator[str]:
    for (finding,) in db.execute(text("PRAGMA integrity_check")):
        if finding != "ok":
            yield f"database: {finding}"
    for table in Base.metadata.sorted_tables:
        wrong = or_(*(func.typeof(column).not_in((_kind(column), "null")) for column in table.columns))
        if db.scalar(select(literal(1)).select_from(table).where(wrong).limit(1)):
            yield f"database: {table.name} holds bytes where words or numbers should be"


def _kind(column: ColumnElement[Any]) -> str:
    """SQLite itself lets every kind of value be in every column."""
    return "integer" if isinstance(column.type, Integer) else "text"


def damaged_search(db: Session) -> Iterator[str]:
    """Within a transaction that writes: SQLite asks for it, though nothing is written."""
    try:
        search.check_index(db)
    except DatabaseError:
        yield "search: the index of all words is damaged; rebuild it with pentimento recover"


def broken_links(db: Session) -> Iterator[str]:
    """Every pointer that leads nowhere; edges and heads by the name of what they hang on."""
    yield from _broken_edges(db)
    yield from _dangling_heads(db)
    yield from _dangling_moves(db)
    yield from _pointers_at_tombstones(db)
    named = {"edges", "branches"}
    for table, row, parent, _ in db.execute(text("PRAGMA foreign_key_check")):
        if table not in named:
            yield f"database: row {row} of {table} points to a missing row of {parent}"


def damaged_blobs(pictures: list[tuple[str, str]], blobs: Blobs) -> Iterator[str]:
    """Takes (name of the node, blob) pairs."""
    for name, blob in pictures:
        if fault := blobs.fault(blob):
            yield f"{name}: {fault} ({blobs.path(blob)})"


def named_blobs(db: Session) -> list[tuple[str, str]]:
    """(name of the node, blob) of every node that has a picture: ("default n3", "ab12…")."""
    rows = db.execute(
        select(SessionRow.name, NodeRow.number, NodeRow.blob)
        .join(NodeRow, NodeRow.session_id == SessionRow.id)
        .where(NodeRow.gone.is_(None))
        .order_by(SessionRow.id, NodeRow.number)
    )
    return [(f"{name} n{number}", blob) for name, number, blob in rows]


def needed_blobs(db: Session) -> dict[str, str]:
    """Blob → name of the first node that has it."""
    found: dict[str, str] = {}
    for name, blob in named_blobs(db):
        found.setdefault(blob, name)
    return found


def _broken_edges(db: Session) -> Iterator[str]:
    parent, child = aliased(NodeRow), aliased(NodeRow)
    rows = db.execute(
        select(SessionRow.name, EdgeRow.child, EdgeRow.parent)
        .outerjoin(SessionRow, SessionRow.id == EdgeRow.session_id)
        .outerjoin(parent, and_(parent.session_id == EdgeRow.session_id, parent.number == EdgeRow.parent))
        .outerjoin(child, and_(child.session_id == EdgeRow.session_id, child.number == EdgeRow.child))
        .where(parent.number.is_(None) | child.number.is_(None) | (EdgeRow.parent >= EdgeRow.child))
    )
    for name, child_number, parent_number in rows:
        yield f"{name} n{child_number}: its edge to n{parent_number} is broken"


def _dangling_heads(db: Session) -> Iterator[str]:
    head = aliased(NodeRow)
    rows = db.execute(
        select(SessionRow.name, BranchRow.name, BranchRow.head)
        .outerjoin(SessionRow, SessionRow.id == BranchRow.session_id)
        .outerjoin(head, and_(head.session_id == BranchRow.session_id, head.number == BranchRow.head))
        .where(BranchRow.head.is_not(None), head.number.is_(None))
    )
    for name, branch, number in rows:
        yield f"{name} n{number}: the branch {branch} points to it and it is missing"


def _pointers_at_tombstones(db: Session) -> Iterator[str]:
    for row, node in ((BranchRow, BranchRow.head), (TagRow, TagRow.node)):
        found = (
            select(SessionRow.name, NodeRow.number, NodeRow.gone, row.name)
            .join(NodeRow, NodeRow.session_id == SessionRow.id)
            .join(row, and_(row.session_id == NodeRow.session_id, node == NodeRow.number))
            .where(NodeRow.gone.is_not(None))
        )
        for session, number, gone, name in db.execute(found):
            yield f"{session} n{number}: {name} points to it and it was {gone}"


def _dangling_moves(db: Session) -> Iterator[str]:
    """By `new` alone: what was old once was new before, or there was nothing."""
    to = cast(func.substr(MoveRow.new, 2), Integer)
    node = aliased(NodeRow)
    rows = db.execute(
        select(SessionRow.name, MoveRow.name, MoveRow.new)
        .outerjoin(SessionRow, SessionRow.id == MoveRow.session_id)
        .outerjoin(node, and_(node.session_id == MoveRow.session_id, node.number == to))
        .where(MoveRow.pointer.in_(AT_NODES), MoveRow.new != "", node.number.is_(None))
        .distinct()
    )
    for session, pointer, new in rows:
        yield f"{session} {new}: an operation moved {pointer} to it and it is missing"
