"""Where a pointer stands when the picture that it stood at is no more. The log keeps what was; undo and redo read it so."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as Database

from pentimento.memory.ids import node_id, node_number
from pentimento.memory.tables import EdgeRow, NodeRow
from pentimento.memory.types import Move, Pointer, Role


def moves_left(db: Database, session_id: int, moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves as they can be made yet: a branch stands at the nearest source that there is, a tag nowhere."""
    named = {node for move in moves if move.pointer.at_nodes for node in (move.old, move.new) if node}
    gone = select(NodeRow.number).where(
        NodeRow.session_id == session_id,
        NodeRow.number.in_([node_number(node) for node in named]),
        NodeRow.gone.is_not(None),
    )
    heads = {node_id(number): node_id(nearest(db, session_id, number)) or "" for number in db.scalars(gone).all()}
    if not heads:
        return tuple(moves)
    left = (_left(move, heads if move.pointer is Pointer.BRANCH else dict.fromkeys(heads)) for move in moves)
    return tuple(move for move in left if move.old is not None or move.new is not None)


def nearest(db: Database, session_id: int, number: int) -> int | None:
    """The first that there is among a picture and what it was made from; None when nothing is left."""
    at: int | None = number
    while at is not None and db.scalar(select(NodeRow.gone).where(*_this(session_id, at))) is not None:
        edge = (EdgeRow.session_id == session_id, EdgeRow.child == at, EdgeRow.role == Role.SOURCE)
        at = db.scalar(select(EdgeRow.parent).where(*edge).order_by(EdgeRow.position).limit(1))
    return at


def _left(move: Move, instead: dict[str, str] | dict[str, None]) -> Move:
    if not move.pointer.at_nodes:
        return move
    old, new = (instead.get(node, node) if node else node for node in (move.old, move.new))
    return replace(move, old=old, new=new)


def _this(session_id: int, number: int) -> tuple[ColumnElement[bool], ...]:
    return NodeRow.session_id == session_id, NodeRow.number == number
