"""The operation log: every action of a person is appended with the pointers that it moved, and so is taking it back.

Operations form a tree: `parent` is the operation that was in effect before. Undo goes to the parent, redo to the
youngest child; so a new operation after an undo puts the undone ones out of redo's reach and destroys nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session as Database

from pentimento.memory import pointers, survivors
from pentimento.memory.journal import record
from pentimento.memory.tables import MoveRow, OperationRow
from pentimento.memory.types import Move, Operation, Pointer, Session

_COLUMNS = tuple(OperationRow.__table__.columns)
Following: TypeAlias = Callable[[Database, int], OperationRow | None]
"""Of a session, the operation that is to be reversed next."""


def move_head(db: Database, session: Session, kind: str, label: str, new: str, turn: int | None = None) -> Operation:
    """Moves the head of the branch that the session is on to a node."""
    return do(db, session.id, kind, label, [Move(Pointer.BRANCH, session.branch, session.head or "", new)], turn)


def extend(db: Database, session_id: int, label: str, expected_head: str | None, new_head: str, turn: int) -> Operation:
    """Moves the branch that stands at `expected_head`; the session is on that branch afterwards."""
    branch = pointers.branch_at(db, session_id, expected_head)
    return do(db, session_id, "turn", label, [Move(Pointer.BRANCH, branch, expected_head or "", new_head)], turn)


def do(
    db: Database, session_id: int, kind: str, label: str, moves: Sequence[Move], turn: int | None = None
) -> Operation:
    """Appends one operation and moves its pointers; raises StoreError where one is not at its `old`."""
    before = in_effect(db, session_id)
    row = OperationRow(kind=kind, label=label, turn=turn, parent=None if before is None else before.number)
    return _append(db, session_id, row, moves)


def undo(db: Database, session_id: int) -> tuple[Operation, ...]:
    """Takes back the operation in effect, and with it all others of the same turn. Empty when there is none."""
    return _reverse_next(db, session_id, "undo", in_effect)


def redo(db: Database, session_id: int) -> tuple[Operation, ...]:
    """Puts back what the last undo took back, a turn whole. Empty when there is nothing."""
    return _reverse_next(db, session_id, "redo", _redone_next)


def read(db: Database, session_id: int) -> tuple[Operation, ...]:
    """The whole log, oldest first."""
    log = select(*_COLUMNS).where(OperationRow.session_id == session_id).order_by(OperationRow.number)
    found = moves_of(db, session_id)
    return tuple(value(row, found.get(row.number, ())) for row in db.execute(log))


def newest(db: Database, session_id: int, limit: int, at: int | None = None) -> tuple[Operation, ...]:
    """The end of the log, oldest first; up to the operation of the number `at`, if there is one."""
    log = select(OperationRow).where(OperationRow.session_id == session_id).order_by(OperationRow.number.desc())
    chosen = log if at is None else log.where(OperationRow.number <= at)
    rows = db.scalars(chosen.limit(limit)).all()
    found = moves_of(db, session_id, *(row.number for row in rows)) if rows else {}
    return tuple(value(row, found.get(row.number, ())) for row in reversed(rows))


def begun(db: Database, session_id: int, branch: str) -> tuple[int, str] | None:
    """The operation that made a branch, and the branch that the session was on; None for one that no operation made."""
    made = select(OperationRow.number).where(OperationRow.session_id == session_id, OperationRow.kind == "branch")
    begun = select(MoveRow.operation).where(
        MoveRow.session_id == session_id,
        MoveRow.pointer == Pointer.BRANCH,
        MoveRow.name == branch,
        MoveRow.operation.in_(made),
    )
    number = db.scalars(begun.order_by(MoveRow.operation.desc()).limit(1)).one_or_none()
    moves = () if number is None else moves_of(db, session_id, number)[number]
    base = next((move.old for move in moves if move.pointer is Pointer.CURRENT), None)
    return None if number is None or base is None else (number, base)


def moves_of(db: Database, session_id: int, *numbers: int) -> dict[int, tuple[Move, ...]]:
    """Operation → its moves; of all operations, or of those with these numbers."""
    columns = select(MoveRow.operation, MoveRow.pointer, MoveRow.name, MoveRow.old, MoveRow.new)
    chosen = columns.where(MoveRow.session_id == session_id)
    if numbers:
        chosen = chosen.where(MoveRow.operation.in_(numbers))
    found: defaultdict[int, list[Move]] = defaultdict(list)
    for operation, pointer, name, old, new in db.execute(chosen.order_by(MoveRow.operation, MoveRow.position)):
        found[operation].append(Move(Pointer(pointer), name, old, new))
    return {operation: tuple(moves) for operation, moves in found.items()}


def in_effect(db: Database, session_id: int) -> OperationRow | None:
    """The operation that undo would take back."""
    newest = select(OperationRow).where(OperationRow.session_id == session_id).order_by(OperationRow.number.desc())
    return in_effect_after(db, db.scalars(newest.limit(1)).one_or_none())


def in_effect_after(db: Database, last: OperationRow | None) -> OperationRow | None:
    """The operation that undo would take back if this one were the newest."""
    if last is None or last.reverses is None:
        return last
    reversed_row = db.get_one(OperationRow, (last.session_id, last.reverses))
    return reversed_row if last.kind == "redo" else parent(db, reversed_row)


def parent(db: Database, row: OperationRow) -> OperationRow | None:
    return None if row.parent is None else db.get_one(OperationRow, (row.session_id, row.parent))


def _redone_next(db: Database, session_id: int) -> OperationRow | None:
    """The operation that redo would put back."""
    return youngest_child(db, session_id, in_effect(db, session_id))


def youngest_child(
    db: Database, session_id: int, top: OperationRow | None, before: int | None = None
) -> OperationRow | None:
    """The last operation that was done right after another one, of those with a number below `before`."""
    children = select(OperationRow).where(
        OperationRow.session_id == session_id,
        OperationRow.parent.is_(None) if top is None else OperationRow.parent == top.number,
        OperationRow.reverses.is_(None),
    )
    chosen = children if before is None else children.where(OperationRow.number < before)
    return db.scalars(chosen.order_by(OperationRow.number.desc()).limit(1)).one_or_none()


def _reverse_next(db: Database, session_id: int, kind: str, following: Following) -> tuple[Operation, ...]:
    """One turn or command, whole; those of which nothing is left, since their pictures are gone, are passed over."""
    before = pointers.read(db, session_id)
    while True:
        reversed_: list[Operation] = []
        faded = False
        while (row := following(db, session_id)) and (not reversed_ or _belongs(row, reversed_[0])):
            moves, as_recorded = moves_left(db, row)
            faded |= not as_recorded
            reversed_.append(_reverse(db, session_id, kind, row, turned(kind, moves)))
        if not faded or not reversed_ or pointers.read(db, session_id) != before:
            return tuple(reversed_)


def _belongs(row: OperationRow, first: Operation) -> bool:
    """Whether an operation is to be reversed together with one that was: they are of one turn."""
    return row.turn is not None and row.turn == first.turn


def moves_left(db: Database, row: OperationRow) -> tuple[tuple[Move, ...], bool]:
    """The moves of an operation as they can be made yet, and whether all of it is left."""
    recorded = moves_of(db, row.session_id, row.number).get(row.number, ())
    moves = survivors.moves_left(db, row.session_id, recorded)
    return moves, moves == recorded and row.kind != "forget"


def turned(kind: str, moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """An operation's moves as undo makes them, backwards, or as redo does."""
    if kind == "redo":
        return moves
    return tuple(Move(move.pointer, move.name, move.new, move.old) for move in reversed(moves))


def _reverse(db: Database, session_id: int, kind: str, row: OperationRow, moves: tuple[Move, ...]) -> Operation:
    reversal = OperationRow(kind=kind, label=row.label, turn=row.turn, reverses=row.number)
    return _append(db, session_id, reversal, moves)


def _append(db: Database, session_id: int, row: OperationRow, moves: Sequence[Move]) -> Operation:
    newest = select(func.max(OperationRow.number)).where(OperationRow.session_id == session_id)
    row.session_id, row.number, row.created = session_id, (db.scalar(newest) or 0) + 1, datetime.now(UTC)
    db.add(row)
    db.flush()
    record(db, row)
    rows = [
        {
            "session_id": session_id,
            "operation": row.number,
            "position": position,
            "pointer": move.pointer,
            "name": move.name,
            "old": move.old,
            "new": move.new,
        }
        for position, move in enumerate(moves)
    ]
    if rows:
        db.execute(insert(MoveRow), rows)
    record(db, *(MoveRow(**fields) for fields in rows))
    pointers.apply(db, session_id, moves)
    return value(row, tuple(moves))


def value(row: OperationRow | Row[Any], moves: tuple[Move, ...]) -> Operation:
    return Operation(row.number, row.kind, row.label, moves, row.turn, row.reverses, row.created)
