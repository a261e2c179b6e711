"""Which nodes nothing leads to any more: no branch, no tag, no operation that can be undone or is young."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, Select, and_, cast, func, or_, select, union
from sqlalchemy.orm import Session as Database

from pentimento.memory import log
from pentimento.memory.tables import BranchRow, EdgeRow, MoveRow, NodeRow, OperationRow, TagRow, TurnRow
from pentimento.memory.types import AT_NODES, TurnStatus


def unreachable(db: Database, session_id: int, since: datetime) -> Sequence[int]:
    """Numbers of the nodes of a session that have a picture and that nothing leads to; younger than `since` is kept.

    What was made from a node leads to it, by whatever edge.
    """
    kept = union(_pointed(session_id), _moved(db, session_id, since), _young(session_id, since)).subquery()
    reach = select(kept.c.number).cte("reach", recursive=True)
    further = select(EdgeRow.parent).where(EdgeRow.session_id == session_id, EdgeRow.child == reach.c.number)
    reached = select(reach.union(further).c.number)
    there = select(NodeRow.number).where(NodeRow.session_id == session_id, NodeRow.gone.is_(None))
    return sorted(db.scalars(there.except_(reached)))


def _pointed(session_id: int) -> Select[int]:
    heads = select(BranchRow.head.label("number")).where(
        BranchRow.session_id == session_id, BranchRow.head.is_not(None)
    )
    tagged = select(TagRow.node).where(TagRow.session_id == session_id)
    return select(union(heads, tagged).subquery().c.number)


def _moved(db: Database, session_id: int, since: datetime) -> Select[int]:
    """What the operations that undo can reach, and all young ones, moved a pointer to or from."""
    top = log.in_effect(db, session_id)
    first = select(OperationRow.number, OperationRow.parent)
    ours = OperationRow.session_id == session_id
    chain = first.where(ours, OperationRow.number == (top.number if top else 0)).cte("chain", recursive=True)
    chain = chain.union_all(first.where(ours, OperationRow.number == chain.c.parent))
    young = select(OperationRow.number).where(ours, OperationRow.created >= since)
    of_these = and_(MoveRow.session_id == session_id, MoveRow.pointer.in_(AT_NODES))
    named = or_(MoveRow.operation.in_(select(chain.c.number)), MoveRow.operation.in_(young))
    ends = union(*(select(end.label("node")).where(of_these, named) for end in (MoveRow.old, MoveRow.new))).subquery()
    return select(cast(func.substr(ends.c.node, 2), Integer)).where(ends.c.node != "")


def _young(session_id: int, since: datetime) -> Select[int]:
    """What was made lately, or by a turn that is running yet: the operation that leads to it comes last."""
    running = select(TurnRow.number).where(TurnRow.session_id == session_id, TurnRow.status == TurnStatus.RUNNING)
    return select(NodeRow.number).where(
        NodeRow.session_id == session_id, or_(NodeRow.created >= since, NodeRow.turn.in_(running))
    )
