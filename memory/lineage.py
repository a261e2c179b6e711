"""Nodes and the edges between them: stored once, read as values, followed to their sources."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, literal, or_, select, text
from sqlalchemy.orm import Session

from pentimento.memory import search
from pentimento.memory.ids import node_id, node_number
from pentimento.memory.journal import record
from pentimento.memory.tables import BranchRow, EdgeRow, EnvironmentRow, NodeRow, TagRow, TurnRow
from pentimento.memory.types import Call, Edge, Gone, NewNode, Node, NodeKind, Role, StoreError

_COLUMNS = tuple(NodeRow.__table__.columns)
_AT_ONCE = 10_000
"""A statement takes 32,766 numbers at most."""
_LINE = text(
    "WITH RECURSIVE line (number, depth) AS ("
    " SELECT :number, 0"
    " UNION ALL"
    " SELECT (SELECT parent FROM edges WHERE session_id = :session_id AND child = line.number AND role = :role"
    " ORDER BY position LIMIT 1), depth + 1"
    " FROM line WHERE number > :since AND depth < :limit"
    ") SELECT number FROM line WHERE depth > 0 AND number IS NOT NULL ORDER BY depth"
)


def insert_nodes(db: Session, session_id: int, turn: int | None, nodes: Sequence[tuple[NewNode, str]]) -> list[int]:
    """Stores nodes, each with its blob's hash, and their edges; returns their numbers."""
    newest = select(func.max(NodeRow.number)).where(NodeRow.session_id == session_id)
    first = (db.scalar(newest) or 0) + 1
    numbers = list(range(first, first + len(nodes)))
    rows = [_row(db, session_id, number, turn, *stored) for number, stored in zip(numbers, nodes, strict=True)]
    db.execute(insert(NodeRow), rows)
    for row, (new, _) in zip(rows, nodes, strict=True):
        if new.kind is NodeKind.IMAGE:
            words = search.words_of(new.label, new.call.arguments if new.call else {}, new.measures)
            search.index(db, session_id, words, node=row["number"])
    edges = [
        {"session_id": session_id, "child": number, "position": place, "parent": parent, "role": edge.role}
        for number, (new, _) in zip(numbers, nodes, strict=True)
        for place, edge in enumerate(new.parents)
        for parent in [_parent(edge, first, number)]
    ]
    if edges:
        _check_known(db, session_id, {int(str(edge["parent"])) for edge in edges})
        db.execute(insert(EdgeRow), edges)
    record(db, *(NodeRow(**row) for row in rows), *(EdgeRow(**edge) for edge in edges))
    return numbers


def read_nodes(db: Session, statement: Select[NodeRow]) -> tuple[Node, ...]:
    """The nodes that a statement chooses, in its order, with their parents; all of them of one session."""
    rows = db.execute(statement.with_only_columns(*_COLUMNS)).all()
    if not rows:
        return ()
    parents = _parents(db, rows[0].session_id, [row.number for row in rows])
    environments = _environments(db, {row.environment for row in rows if row.environment is not None})
    return tuple(_value(row, parents[row.number], environments) for row in rows)


def numbered(db: Session, session_id: int, numbers: Sequence[int]) -> tuple[Node, ...]:
    """The nodes of these numbers, in this order."""
    parts = [read_nodes(db, of_session(session_id, NodeRow.number.in_(some))) for some in _batches(numbers)]
    found = {node.id: node for part in parts for node in part}
    return tuple(found[node_id(number)] for number in numbers)


def known_number(db: Session, session_id: int, identifier: str) -> int:
    """The number of a node that exists. Raises StoreError when it does not."""
    number = node_number(identifier)
    _check_known(db, session_id, {number})
    return number


def picture_number(db: Session, session_id: int, identifier: str) -> int:
    """The number of a node that can be a head. Raises StoreError when there is none of that id or it is a mask."""
    number = known_number(db, session_id, identifier)
    this = select(NodeRow.kind, NodeRow.gone).where(NodeRow.session_id == session_id, NodeRow.number == number)
    kind, gone = db.execute(this).one()
    if kind != NodeKind.IMAGE:
        raise StoreError(f"{identifier} is a mask, not a picture; choose a picture.")
    if gone is not None:
        raise StoreError(f"{identifier} was {gone}: its picture is no more; choose another one.")
    return number


def of_session(session_id: int, *conditions: ColumnElement[bool]) -> Select[NodeRow]:
    return select(NodeRow).where(NodeRow.session_id == session_id, *conditions)


def listed(session_id: int) -> ColumnElement[bool]:
    """Of the pictures of a session: all but the attempts that were not kept, as long as nothing leads to them."""
    kept = func.json_extract(NodeRow.measures, "$.kept").is_not(literal(0))
    leading = (
        select(BranchRow.head).where(BranchRow.session_id == session_id, BranchRow.head.is_not(None)),
        select(TagRow.node).where(TagRow.session_id == session_id),
    )
    made_from = exists().where(EdgeRow.session_id == session_id, EdgeRow.parent == NodeRow.number)
    return or_(kept, *(NodeRow.number.in_(some) for some in leading), made_from)


def newest_images(session_id: int, limit: int) -> Select[NodeRow]:
    return _images(session_id).order_by(NodeRow.number.desc()).limit(limit)


def first_image(session_id: int) -> Select[NodeRow]:
    return _images(session_id).order_by(NodeRow.number).limit(1)


def _images(session_id: int) -> Select[NodeRow]:
    return of_session(session_id, NodeRow.kind == NodeKind.IMAGE, NodeRow.gone.is_(None), listed(session_id))


def ancestors(
    db: Session, session_id: int, identifier: str, role: Role, limit: int, since: str | None
) -> tuple[Node, ...]:
    """Along the first parent of a role, nearest first; the last one is the first that is not younger than `since`.

    Raises StoreError for a node that does not exist.
    """
    number = node_number(identifier)
    line = _line(db, session_id, number, role, limit, 0 if since is None else node_number(since))
    if not line:
        _check_known(db, session_id, {number})
    return numbered(db, session_id, line)


def leads_to(db: Session, session_id: int, earlier: str, later: str) -> bool:
    """Whether a picture is, along first sources, among those that another was made from."""
    first, last = node_number(earlier), node_number(later)
    return first == last or first in _line(db, session_id, last, Role.SOURCE, last, first)[-1:]


def _line(db: Session, session_id: int, number: int, role: Role, limit: int, since: int) -> Sequence[int]:
    """The numbers of what a node was made from; a parent is always older than its child."""
    values = {"session_id": session_id, "number": number, "role": role, "limit": limit, "since": since}
    return db.scalars(_LINE, values).all()


def find_recipe(db: Session, recipe: str) -> tuple[Node, ...]:
    """The newest picture of a recipe, in whatever session, and the masks that were made along with it.

    Only of those that were made in this home: what a bundle says of a picture, nobody here has seen happen.
    """
    of_turn = and_(TurnRow.session_id == NodeRow.session_id, TurnRow.number == NodeRow.turn)
    made_here = select(NodeRow).join(TurnRow, of_turn).where(TurnRow.owner != "")
    with_recipe = made_here.where(NodeRow.recipe == recipe, NodeRow.kind == NodeKind.IMAGE, NodeRow.gone.is_(None))
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


def _parents(db: Session, session_id: int, children: Sequence[int]) -> Mapping[int, list[Edge]]:
    """By child, in order."""
    found = defaultdict(list)
    columns = select(EdgeRow.child, EdgeRow.parent, EdgeRow.role).where(EdgeRow.session_id == session_id)
    for some in _batches(children):
        for child, parent, role in db.execute(columns.where(EdgeRow.child.in_(some)).order_by(EdgeRow.position)):
            found[child].append(Edge(node_id(parent), Role(role)))
    return found


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE))


def _environments(db: Session, numbers: Set[int]) -> dict[int, Mapping[str, JsonValue]]:
    if not numbers:
        return {}
    contents = db.execute(select(EnvironmentRow.id, EnvironmentRow.content).where(EnvironmentRow.id.in_(numbers)))
    return {number: json.loads(content) for number, content in contents}


def _environment(db: Session, call: Call | None) -> int | None:
    """Number of the row that says where a call ran; made where there is none."""
    if call is None or not call.environment:
        return None
    content = json.dumps(dict(call.environment), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    known = db.scalars(select(EnvironmentRow.id).where(EnvironmentRow.content == content)).one_or_none()
    if known is not None:
        return known
    row = EnvironmentRow(content=content)
    db.add(row)
    db.flush()
    record(db, row)
    return row.id


def _row(db: Session, session_id: int, number: int, turn: int | None, new: NewNode, blob: str) -> dict[str, Any]:
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
        "environment": _environment(db, call),
        "recipe": new.recipe,
        "measures": dict(new.measures),
        "turn": turn,
        "created": datetime.now(UTC),
        "pixels": new.pixels,
        "gone": None,
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


def _value(row: Sequence[Any], parents: list[Edge], environments: Mapping[int, Mapping[str, JsonValue]]) -> Node:
    _, number, kind, blob, width, height, label, tool, version, model, *rest = row
    arguments, seed, environment, recipe, measures, turn, created, pixels, gone = rest
    ran_in = environments.get(environment, {})
    return Node(
        id=node_id(number),
        kind=NodeKind(kind),
        blob=blob,
        width=width,
        height=height,
        label=label,
        parents=tuple(parents),
        call=None if tool is None else Call(tool, version, model, arguments, seed, ran_in),
        recipe=recipe,
        measures=measures,
        turn=turn or 0,
        created=created,
        pixels=pixels,
        gone=None if gone is None else Gone(gone),
    )
