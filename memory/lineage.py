"""Nodes and the edges between them: stored once, read as values, followed to their sources."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, overload

from sqlalchemy import CTE, ColumnElement, Select, and_, exists, func, insert, literal, select
from sqlalchemy.orm import Session, aliased

from pentimento.memory.tables import EdgeRow, NodeRow
from pentimento.memory.types import Call, Edge, NewNode, Node, NodeKind, Role, StoreError


@overload
def node_id(number: int) -> str: ...
@overload
def node_id(number: int | None) -> str | None: ...
def node_id(number: int | None) -> str | None:
    return None if number is None else f"n{number}"


def node_number(identifier: str) -> int:
    """ "n3" -> 3. Raises StoreError for anything that is no node's id."""
    if not re.fullmatch(r"n[1-9][0-9]{0,17}", identifier):
        raise StoreError(f"{identifier!r} is not the id of a picture; ids look like n3.")
    return int(identifier[1:])


def insert_nodes(db: Session, session_id: int, turn: int | None, nodes: Sequence[tuple[NewNode, str]]) -> list[int]:
    """Stores nodes, each with its blob's hash, and their edges; returns their numbers."""
    newest = select(func.max(NodeRow.number)).where(NodeRow.session_id == session_id)
    first = (db.scalar(newest) or 0) + 1
    numbers = list(range(first, first + len(nodes)))
    rows = [_row(session_id, number, turn, new, blob) for number, (new, blob) in zip(numbers, nodes, strict=True)]
    db.execute(insert(NodeRow), rows)
    edges = [
        {"session_id": session_id, "child": number, "position": place, "parent": parent, "role": edge.role}
        for number, (new, _) in zip(numbers, nodes, strict=True)
        for place, edge in enumerate(new.parents)
        for parent in [_parent(edge, first, number)]
    ]
    if edges:
        _check_known(db, session_id, {int(str(edge["parent"])) for edge in edges})
        db.execute(insert(EdgeRow), edges)
    return numbers


def read_nodes(db: Session, statement: Select[NodeRow]) -> tuple[Node, ...]:
    """The nodes that a statement chooses, in its order, with their parents."""
    chosen = statement.subquery()
    edges = defaultdict(list)
    same = and_(EdgeRow.session_id == chosen.c.session_id, EdgeRow.child == chosen.c.number)
    for edge in db.scalars(select(EdgeRow).join(chosen, same).order_by(EdgeRow.position)):
        edges[edge.session_id, edge.child].append(Edge(node_id(edge.parent), Role(edge.role)))
    return tuple(_value(row, edges[row.session_id, row.number]) for row in db.scalars(statement))


def numbered(db: Session, session_id: int, numbers: Sequence[int]) -> tuple[Node, ...]:
    """The nodes of these numbers, in this order."""
    found = {node.id: node for node in read_nodes(db, of_session(session_id, NodeRow.number.in_(numbers)))}
    return tuple(found[node_id(number)] for number in numbers)


def known_number(db: Session, session_id: int, identifier: str) -> int:
    """The number of a node that exists. Raises StoreError when it does not."""
    number = node_number(identifier)
    _check_known(db, session_id, {number})
    return number


def picture_number(db: Session, session_id: int, identifier: str) -> int:
    """The number of a node that can be a head. Raises StoreError when there is none of that id or it is a mask."""
    number = known_number(db, session_id, identifier)
    kind = db.scalars(select(NodeRow.kind).where(NodeRow.session_id == session_id, NodeRow.number == number)).one()
    if kind != NodeKind.IMAGE:
        raise StoreError(f"{identifier} is a mask, not a picture; choose a picture.")
    return number


def of_session(session_id: int, *conditions: ColumnElement[bool]) -> Select[NodeRow]:
    return select(NodeRow).where(NodeRow.session_id == session_id, *conditions)


def newest_images(session_id: int, limit: int) -> Select[NodeRow]:
    return of_session(session_id, NodeRow.kind == NodeKind.IMAGE).order_by(NodeRow.number.desc()).limit(limit)


def chain(session_id: int, number: int, role: Role, limit: int) -> Select[NodeRow]:
    """Ancestors along the first parent of a role, nearest first."""
    line = _line(session_id, number, role, limit)
    joined = of_session(session_id).join(line, NodeRow.number == line.c.number)
    return joined.order_by(line.c.depth).limit(limit)


def find_recipe(db: Session, recipe: str) -> tuple[Node, ...]:
    """The newest picture of a recipe, in whatever session, and the masks that were made along with it."""
    with_recipe = select(NodeRow).where(NodeRow.recipe == recipe, NodeRow.kind == NodeKind.IMAGE)
    image = db.scalars(with_recipe.order_by(NodeRow.created.desc(), NodeRow.number.desc()).limit(1)).one_or_none()
    if image is None:
        return ()
    masks = select(EdgeRow.parent).where(
        EdgeRow.session_id == image.session_id, EdgeRow.child == image.number, EdgeRow.role == Role.MASK
    )
    made_along = of_session(
        image.session_id,
        NodeRow.number.in_(masks),
        NodeRow.turn == image.turn,
        # A mask that was an input of the call has a recipe of its own.
        NodeRow.recipe.in_(("", recipe)),
    )
    one = of_session(image.session_id, NodeRow.number == image.number)
    return read_nodes(db, one) + read_nodes(db, made_along.order_by(NodeRow.number))


def _line(session_id: int, number: int, role: Role, limit: int) -> CTE:
    earlier = aliased(EdgeRow)
    first_of_role = ~exists().where(
        earlier.session_id == EdgeRow.session_id,
        earlier.child == EdgeRow.child,
        earlier.role == EdgeRow.role,
        earlier.position < EdgeRow.position,
    )
    follow = (EdgeRow.session_id == session_id, EdgeRow.role == role, first_of_role)
    start = select(EdgeRow.parent.label("number"), literal(1).label("depth")).where(EdgeRow.child == number, *follow)
    line = start.cte("line", recursive=True)
    further = select(EdgeRow.parent, line.c.depth + 1).where(
        EdgeRow.child == line.c.number, line.c.depth < limit, *follow
    )
    return line.union_all(further)


def _row(session_id: int, number: int, turn: int | None, new: NewNode, blob: str) -> dict[str, Any]:
    call = new.call
    return {
        "session_id": session_id,
        "number": number,
        "kind": new.kind,
        "blob": blob,
        "width": new.width,
        "height": new.height,
        "label": new.label,
        "tool": call and call.tool,
        "version": call and call.version,
        "model": call and call.model,
        "arguments": None if call is None else dict(call.arguments),
        "seed": call and call.seed,
        "recipe": new.recipe,
        "measures": dict(new.measures),
        "turn": turn,
        "created": datetime.now(UTC),
    }


def _parent(edge: Edge, first: int, child: int) -> int:
    """Number of the parent that an edge names: "n2", or "+0" for the first node of the same batch."""
    number = first + int(edge.parent[1:]) if re.fullmatch(r"\+[0-9]{1,9}", edge.parent) else node_number(edge.parent)
    if number >= child:
        raise StoreError(f"{edge.parent} cannot be a parent of n{child}: it is not older.")
    return number


def _check_known(db: Session, session_id: int, numbers: set[int]) -> None:
    known = set(db.scalars(select(NodeRow.number).where(NodeRow.session_id == session_id, NodeRow.number.in_(numbers))))
    if missing := numbers - known:
        raise StoreError(f"There is no n{min(missing)} in this session.")


def _value(row: NodeRow, parents: list[Edge]) -> Node:
    return Node(
        id=node_id(row.number),
        kind=NodeKind(row.kind),
        blob=row.blob,
        width=row.width,
        height=row.height,
        label=row.label,
        parents=tuple(parents),
        call=_call(row),
        recipe=row.recipe,
        measures=row.measures,
        turn=row.turn or 0,
        created=row.created,
    )


def _call(row: NodeRow) -> Call | None:
    if row.tool is None or row.version is None or row.model is None or row.arguments is None or row.seed is None:
        return None
    return Call(row.tool, row.version, row.model, row.arguments, row.seed)
