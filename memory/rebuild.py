"""Fills an empty database with the rows of a journal, whatever is missing or damaged in it.

Where a row points to one that is lost, that is made up as far as needed: a tombstone for a node, a name for a session.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Database

from pentimento.memory import pointers, search, survivors
from pentimento.memory.ids import node_number
from pentimento.memory.journal_rows import Row, Rows
from pentimento.memory.tables import (
    Base,
    BranchRow,
    EdgeRow,
    EnvironmentRow,
    MoveRow,
    NodeRow,
    OperationRow,
    SessionRow,
    TagRow,
    TurnRow,
)
from pentimento.memory.types import AT_NODES, OPERATIONS, Gone, NodeKind, Pointer

_BATCH = 500
_BEFORE = datetime.min.replace(tzinfo=UTC)
_RECOVERED = "recovered"
_NODE = re.compile(r"(n[1-9][0-9]{0,8})?")


def fill(db: Database, rows: Rows) -> None:
    """Whatever contradicts the schema is left out."""
    _add_sessions(db, rows)
    _add(db, TurnRow, rows.of(TurnRow))
    _add(db, EnvironmentRow, rows.of(EnvironmentRow))
    broken = _add_nodes(db, rows) | _add_log(db, rows)
    for session_id in db.scalars(select(SessionRow.id)).all():
        _point(db, session_id)
        if session_id in broken:
            _begin_log(db, session_id)
    for _, words, place in sorted(_words(db, rows), key=lambda entry: entry[0]):
        search.index(db, words=words, **place)


def _add_sessions(db: Database, rows: Rows) -> None:
    """The one in which something happened last is the one used last; one that was forgotten was never used."""
    last = _last_used(rows)
    found = {row["id"]: row for row in rows.of(SessionRow)}
    for session_id in last.keys() - found.keys():
        found[session_id] = {
            "id": session_id,
            "name": f"{_RECOVERED}-{session_id}",
            "used": 1,
            "created": last[session_id],
        }
    taken: set[str] = set()
    for used, row in enumerate(sorted(found.values(), key=lambda row: last.get(row["id"], _BEFORE)), start=1):
        row |= {"name": _free(row["name"], taken), "used": used if row["used"] else 0, "branch": pointers.FIRST_BRANCH}
        taken.add(row["name"])
    _add(db, SessionRow, list(found.values()))
    _add(db, BranchRow, [{"session_id": number, "name": pointers.FIRST_BRANCH, "head": None} for number in found])


def _add_nodes(db: Database, rows: Rows) -> set[int]:
    """Returns the sessions that lost one."""
    turns, environments = _keys(db, TurnRow), _keys(db, EnvironmentRow)
    for row in rows.of(NodeRow):
        row["turn"] = row["turn"] if (row["session_id"], row["turn"]) in turns else None
        row["environment"] = row["environment"] if (row["environment"],) in environments else None
    _add(db, NodeRow, rows.of(NodeRow))
    edges = rows.of(EdgeRow)
    named = {(row["session_id"], row[end]) for row in edges for end in ("child", "parent")} | set(_moved(rows))
    lost = sorted(named - _keys(db, NodeRow))
    _add(db, NodeRow, [_tombstone(session_id, number) for session_id, number in lost])
    _add(db, EdgeRow, edges)
    return {session_id for session_id, _ in lost}


def _add_log(db: Database, rows: Rows) -> set[int]:
    """Operations and moves; what reverses an operation that is lost is left out. Returns the sessions with gaps."""
    turns, known = _keys(db, TurnRow), set[tuple[int, int]]()
    kept = []
    for row in sorted(rows.of(OperationRow), key=lambda row: (row["session_id"], row["number"])):
        session_id, number = row["session_id"], row["number"]
        row["turn"] = row["turn"] if (session_id, row["turn"]) in turns else None
        row["parent"] = row["parent"] if (session_id, row["parent"]) in known else None
        if row["kind"] in ("undo", "redo"):
            kept += [row] if (session_id, row["reverses"]) in known else []
        elif row["kind"] in OPERATIONS:
            kept.append(row | {"reverses": None})
            known.add((session_id, number))
    _add(db, OperationRow, kept)
    _add(db, MoveRow, [row for row in rows.of(MoveRow) if _is_fit(row)])
    return set(_with_gaps(db, rows))


def _with_gaps(db: Database, rows: Rows) -> Iterator[int]:
    """Sessions of which an operation is missing, or what it moved."""
    there = _keys(db, OperationRow)
    moved = {key[:2] for key in _keys(db, MoveRow)}
    still = {(row["session_id"], row["number"]) for row in rows.of(OperationRow) if row["kind"] == "forget"}
    for session_id in {session_id for session_id, _ in there}:
        numbers = {number for owner, number in there if owner == session_id}
        if numbers != set(range(1, len(numbers) + 1)) or {(session_id, one) for one in numbers} - moved - still:
            yield session_id


def _point(db: Database, session_id: int) -> None:
    """Puts branches and tags where the log leaves them, or at the last picture there that is not lost."""
    last = db.scalar(select(func.max(OperationRow.number)).where(OperationRow.session_id == session_id))
    if last is None:
        return
    found = pointers.at(db, session_id, last)
    for name, head in found.branches.items():
        number = _living(db, session_id, name) if head else None
        if name == pointers.FIRST_BRANCH:
            first = (BranchRow.session_id == session_id, BranchRow.name == name)
            db.execute(update(BranchRow).where(*first).values(head=number))
        else:
            _add(db, BranchRow, [{"session_id": session_id, "name": name, "head": number}])
    tags = {name: node_number(node) for name, node in found.tags.items()}
    living = {name: number for name, number in tags.items() if survivors.nearest(db, session_id, number) == number}
    _add(db, TagRow, [{"session_id": session_id, "name": name, "node": number} for name, number in living.items()])
    if found.current in found.branches:
        db.execute(update(SessionRow).where(SessionRow.id == session_id).values(branch=found.current))


def _living(db: Database, session_id: int, branch: str) -> int | None:
    """Where the branch is, or where it was before that is lost."""
    of_branch = (MoveRow.session_id == session_id, MoveRow.pointer == Pointer.BRANCH, MoveRow.name == branch)
    moves = select(MoveRow.new).where(*of_branch, MoveRow.new != "").order_by(MoveRow.operation.desc())
    for node in db.scalars(moves):
        number = survivors.nearest(db, session_id, node_number(node or ""))
        if number is not None:
            return number
    return None


def _begin_log(db: Database, session_id: int) -> None:
    """What is left of the log does not lead to where the branches are, so that undo ends here."""
    current = pointers.read(db, session_id)
    newest = db.scalar(select(func.max(OperationRow.number)).where(OperationRow.session_id == session_id)) or 0
    key = {"session_id": session_id, "turn": None, "reverses": None, "parent": None}
    label = {"number": newest + 1, "kind": "checkout", "label": _RECOVERED, "created": datetime.now(UTC)}
    _add(db, OperationRow, [key | label])
    head = current.head or ""
    move = {"pointer": Pointer.BRANCH, "name": current.current, "old": head, "new": head}
    _add(db, MoveRow, [{"session_id": session_id, "operation": newest + 1, "position": 0} | move])


def _words(db: Database, rows: Rows) -> Iterator[tuple[datetime, str, dict[str, int]]]:
    """When something was said or written, what, and where it belongs; of the rows that were not left out."""
    turns, nodes = _keys(db, TurnRow), _keys(db, NodeRow)
    for row in (row for row in rows.of(TurnRow) if (row["session_id"], row["number"]) in turns):
        place = {"session_id": row["session_id"], "turn": row["number"]}
        yield row["started"], row["said"], place
        yield row["ended"] or row["started"], row["reply"], place
    for row in rows.of(NodeRow):
        if row["kind"] == NodeKind.IMAGE and (row["session_id"], row["number"]) in nodes:
            text = search.words_of(row["label"], row["arguments"] or {}, row["measures"])
            yield row["created"], text, {"session_id": row["session_id"], "node": row["number"]}


def _last_used(rows: Rows) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for table, column in ((TurnRow, "started"), (NodeRow, "created"), (OperationRow, "created")):
        for row in rows.of(table):
            found[row["session_id"]] = max(found.get(row["session_id"], _BEFORE), row[column])
    return found


def _moved(rows: Rows) -> Iterator[tuple[int, int]]:
    """Session and number of all nodes that a branch or a tag was moved to or from."""
    for row in rows.of(MoveRow):
        if row["pointer"] in AT_NODES and _is_fit(row):
            yield from ((row["session_id"], node_number(node)) for node in (row["old"], row["new"]) if node)


def _is_fit(move: Row) -> bool:
    ends = [move["old"] or "", move["new"] or ""] if move["pointer"] in AT_NODES else []
    return all(_NODE.fullmatch(end) for end in ends)


def _tombstone(session_id: int, number: int) -> Row:
    """Of a node of which nothing but its number is known."""
    row: Row = {column.name: None for column in NodeRow.__table__.columns}
    row |= {"session_id": session_id, "number": number, "kind": NodeKind.IMAGE, "width": 1, "height": 1}
    row |= {"blob": "0" * 64, "gone": Gone.COLLECTED, "measures": {}, "created": datetime.now(UTC)}
    return row | dict.fromkeys(("label", "recipe", "pixels"), "")


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}-{number}" for number in count(2))
    return name if name not in taken else next(free for free in numbered if free not in taken)


def _keys(db: Database, table: type[Base]) -> set[tuple[int, ...]]:
    return {tuple(key) for key in db.execute(select(*table.__table__.primary_key))}


def _add(db: Database, table: type[Base], rows: Sequence[Row]) -> None:
    """All that the schema allows."""
    for start in range(0, len(rows), _BATCH):
        _add_or_halve(db, table, rows[start : start + _BATCH])


def _add_or_halve(db: Database, table: type[Base], rows: Sequence[Row]) -> None:
    try:
        with db.begin_nested():
            db.execute(insert(table), rows)
    except (SQLAlchemyError, UnicodeError, OverflowError):
        if len(rows) > 1:
            middle = len(rows) // 2
            _add_or_halve(db, table, rows[:middle])
            _add_or_halve(db, table, rows[middle:])
