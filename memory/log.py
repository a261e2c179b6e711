"""The operation log: every move of a head is one appended row, and so is taking it back.

Operations form a tree: `parent` is the operation that was in effect before. Undo goes to the parent, redo to the
youngest child; so a new operation after an undo puts the undone ones out of redo's reach and destroys nothing.
"""

import re
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session as Database

from pentimento.memory.lineage import node_id, node_number
from pentimento.memory.tables import BranchRow, OperationRow, SessionRow
from pentimento.memory.types import Operation, Session, StoreError


def move(db: Database, session: Session, kind: str, label: str, new_head: int, turn: int | None = None) -> Operation:
    """Moves the head of the branch that the session is on."""
    row = OperationRow(kind=kind, label=label, branch=session.branch, turn=turn, new_head=new_head)
    row.old_head = None if session.head is None else node_number(session.head)
    return _do(db, session.id, row)


def extend(db: Database, session_id: int, label: str, expected_head: str | None, new_head: int, turn: int) -> Operation:
    """Moves the branch that stands at `expected_head`; the session is on that branch afterwards."""
    began = None if expected_head is None else node_number(expected_head)
    branch = _branch_at(db, session_id, began)
    row = OperationRow(kind="turn", label=label, branch=branch, turn=turn, old_head=began, new_head=new_head)
    return _do(db, session_id, row)


def undo(db: Database, session_id: int) -> tuple[Operation, ...]:
    """Takes back the operation in effect, and with it all others of the same turn. Empty when there is none."""
    undone: list[Operation] = []
    top = _in_effect(db, session_id)
    while top is not None and _belongs(top, undone):
        undone.append(_reverse(db, session_id, "undo", top))
        top = _in_effect(db, session_id)
    return tuple(undone)


def redo(db: Database, session_id: int) -> tuple[Operation, ...]:
    """Puts back what the last undo took back, a turn whole. Empty when there is nothing."""
    redone: list[Operation] = []
    child = _youngest_child(db, session_id)
    while child is not None and _belongs(child, redone):
        redone.append(_reverse(db, session_id, "redo", child))
        child = _youngest_child(db, session_id)
    return tuple(redone)


def read(db: Database, session_id: int) -> tuple[Operation, ...]:
    """The whole log, oldest first."""
    log = select(OperationRow).where(OperationRow.session_id == session_id).order_by(OperationRow.number)
    return tuple(_value(row) for row in db.scalars(log))


def _branch_at(db: Database, session_id: int, head: int | None) -> str:
    """The session's branch; when another process has moved that, any that still stands there; else a fresh "NAME~2"."""
    current = db.scalars(select(SessionRow.branch).where(SessionRow.id == session_id)).one()
    heads = {row.name: row.head for row in db.scalars(select(BranchRow).where(BranchRow.session_id == session_id))}
    for name in (current, *sorted(heads)):
        if heads[name] == head:
            return name
    fresh = _free_name(current, set(heads))
    db.execute(insert(BranchRow).values(session_id=session_id, name=fresh, head=head))
    return fresh


def _free_name(name: str, taken: set[str]) -> str:
    base = re.sub(r"~\d+$", "", name)
    number = 2
    while f"{base}~{number}" in taken:
        number += 1
    return f"{base}~{number}"


def _in_effect(db: Database, session_id: int) -> OperationRow | None:
    """The operation that undo would take back."""
    newest = select(OperationRow).where(OperationRow.session_id == session_id).order_by(OperationRow.number.desc())
    last = db.scalars(newest.limit(1)).one_or_none()
    if last is None or last.reverses is None:
        return last
    reversed_row = db.get_one(OperationRow, (session_id, last.reverses))
    if last.kind == "redo":
        return reversed_row
    return None if reversed_row.parent is None else db.get_one(OperationRow, (session_id, reversed_row.parent))


def _youngest_child(db: Database, session_id: int) -> OperationRow | None:
    """The operation that redo would put back."""
    top = _in_effect(db, session_id)
    children = select(OperationRow).where(
        OperationRow.session_id == session_id,
        OperationRow.parent.is_(None) if top is None else OperationRow.parent == top.number,
        OperationRow.reverses.is_(None),
    )
    return db.scalars(children.order_by(OperationRow.number.desc()).limit(1)).one_or_none()


def _belongs(row: OperationRow, reversed_: list[Operation]) -> bool:
    """Whether an operation is to be reversed together with those before it: they are of one turn."""
    return not reversed_ or (row.turn is not None and row.turn == reversed_[0].turn)


def _do(db: Database, session_id: int, row: OperationRow) -> Operation:
    before = _in_effect(db, session_id)
    row.parent = None if before is None else before.number
    return _append(db, session_id, row)


def _reverse(db: Database, session_id: int, kind: str, row: OperationRow) -> Operation:
    back = kind == "undo"
    reversal = OperationRow(
        kind=kind,
        label=row.label,
        branch=row.branch,
        old_head=row.new_head if back else row.old_head,
        new_head=row.old_head if back else row.new_head,
        turn=row.turn,
        reverses=row.number,
    )
    return _append(db, session_id, reversal)


def _append(db: Database, session_id: int, row: OperationRow) -> Operation:
    newest = select(func.max(OperationRow.number)).where(OperationRow.session_id == session_id)
    row.session_id, row.number, row.created = session_id, (db.scalar(newest) or 0) + 1, datetime.now(UTC)
    db.add(row)
    db.flush()
    _move_head(db, session_id, row)
    db.execute(update(SessionRow).where(SessionRow.id == session_id).values(branch=row.branch))
    return _value(row)


def _move_head(db: Database, session_id: int, row: OperationRow) -> None:
    head = update(BranchRow).where(
        BranchRow.session_id == session_id, BranchRow.name == row.branch, BranchRow.head.is_(row.old_head)
    )
    if db.scalars(head.values(head=row.new_head).returning(BranchRow.name)).one_or_none() is None:
        raise StoreError(f"The head of {row.branch} is not where the log left it; restore the history from a backup.")


def _value(row: OperationRow) -> Operation:
    return Operation(
        number=row.number,
        kind=row.kind,
        label=row.label,
        branch=row.branch,
        old_head=node_id(row.old_head),
        new_head=node_id(row.new_head),
        turn=row.turn,
        reverses=row.reverses,
    )
