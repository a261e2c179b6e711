"""Going back and forth as a step of a turn that goes on: one operation of that turn, taken back with the rest of it.

Within the turn each such step counts on from where the last one left: two undos go back two. What the turn itself did is
taken back one operation at a time.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session as Database

from pentimento.memory import log, pointers
from pentimento.memory.tables import OperationRow
from pentimento.memory.types import Operation, Pointer, Within


def go(db: Database, session_id: int, within: Within, going: tuple[str, int], said: str) -> tuple[Operation, ...]:
    """Goes back ("undo") or forth ("redo") so many times. Returns the operations that were taken back, or put back; empty
    when there is nothing."""
    kind, _ = going
    rows = _way(db, session_id, within).go(*going)
    before = after = pointers.read(db, session_id)
    for row in rows:
        after = pointers.moved(after, log.turned(kind, log.moves_left(db, row)[0]))
    if rows:
        log.do(db, session_id, "turn", said, pointers.between(before, after), within.turn)
    return tuple(log.value(row, ()) for row in rows)


class _Way:
    """What a turn would take back next, and what put back, after all that it did."""

    def __init__(self, db: Database, session_id: int, turn: int) -> None:
        self._db, self._session_id, self._turn = db, session_id, turn
        self.begin(log.in_effect(db, session_id), None)

    def begin(self, at: OperationRow | None, before: int | None) -> None:
        """Where the log stood, when it had no operation of a number from `before` on."""
        self._below, self._before = at, before
        self._done: list[OperationRow] = []
        """What would be taken back, the next one last; under it `_below`, and what led to that."""
        self._undone: list[OperationRow] = []
        self._ahead = True
        """Whether the log has more to put back than `_undone`."""

    def did(self, row: OperationRow) -> None:
        self._done.append(row)
        self._undone.clear()
        self._ahead = False

    def go(self, kind: str, count: int) -> list[OperationRow]:
        """The operations of so many turns or commands; those of which nothing is left are passed over."""
        rows: list[OperationRow] = []
        while count and (unit := self._unit(kind)):
            count -= not self._in_vain(unit)
            rows += unit
        return rows

    def _unit(self, kind: str) -> list[OperationRow]:
        unit: list[OperationRow] = []
        following, pass_by = (self._last, self._back) if kind == "undo" else (self._next, self._forth)
        while (row := following()) and (not unit or self._belongs(row, unit[0])):
            pass_by(row)
            unit.append(row)
        return unit

    def _belongs(self, row: OperationRow, first: OperationRow) -> bool:
        return row.turn is not None and row.turn == first.turn and row.turn != self._turn

    def _last(self) -> OperationRow | None:
        return self._done[-1] if self._done else self._below

    def _next(self) -> OperationRow | None:
        if self._undone:
            return self._undone[-1]
        return log.youngest_child(self._db, self._session_id, self._last(), self._before) if self._ahead else None

    def _back(self, row: OperationRow) -> None:
        if self._done:
            self._done.pop()
        else:
            self._below = log.parent(self._db, row)
        self._undone.append(row)

    def _forth(self, row: OperationRow) -> None:
        if self._undone:
            self._undone.pop()
        self._done.append(row)

    def _in_vain(self, unit: list[OperationRow]) -> bool:
        left = [log.moves_left(self._db, row) for row in unit]
        nowhere = all(move.old == move.new for moves, _ in left for move in moves)
        return nowhere and not all(as_recorded for _, as_recorded in left)


def _way(db: Database, session_id: int, within: Within) -> _Way:
    """Reads again what a turn did so far, and what others did meanwhile."""
    way, gone = _Way(db, session_id, within.turn), iter(within.gone)
    ours = select(OperationRow).where(OperationRow.session_id == session_id).order_by(OperationRow.number)
    first = db.scalars(ours.where(OperationRow.turn == within.turn).limit(1)).one_or_none()
    if first is None:
        return way
    way.begin(log.parent(db, first), first.number)
    for row in db.scalars(ours.where(OperationRow.number >= first.number)):
        if row.reverses is not None:
            way.begin(log.in_effect_after(db, row), row.number)
        elif row.turn == within.turn and _went(db, row):
            way.go(*next(gone))
        else:
            way.did(row)
    return way


def _went(db: Database, row: OperationRow) -> bool:
    """Whether an operation of a turn went back or forth: no other one of that kind says which branch the session is on."""
    moves, _ = log.moves_left(db, row)
    return row.kind == "turn" and any(move.pointer is Pointer.CURRENT for move in moves)
