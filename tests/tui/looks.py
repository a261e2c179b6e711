"""Parts of a past, put together by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pentimento.agent.looking import Gone, Look, Past, Pointers
from pentimento.agent.types import Call, Edge, Node, NodeKind, Role, Turn, TurnStatus
from tests.fakes import NOON, past_turn


def turn(number: int, said: str, status: TurnStatus = TurnStatus.DONE) -> Turn:
    return past_turn(number, said, "Done.", status=status)


def picture(
    number: int, label: str, *, of: int | None = None, source: int | None = None, gone: Gone | None = None
) -> Node:
    """A picture of the turn `of` (None: of that of its own number; 0: opened), from another one."""
    made_in = number if of is None else of
    call = Call("edit", "1", "f" * 64, {"instruction": label}, 7) if made_in else None
    parents = () if source is None else (Edge(f"n{source}", Role.SOURCE),)
    when = NOON + timedelta(minutes=made_in or number, seconds=1)
    node = Node(f"n{number}", NodeKind.IMAGE, "a" * 64, 64, 48, label, parents, call, "", {}, made_in, when)
    return replace(node, gone=gone)


def look(
    turns: Iterable[Turn],
    pictures: Iterable[Node],
    *,
    branches: Mapping[str, int | None] | None = None,
    tags: Mapping[str, int] | None = None,
    taken_back: Iterable[int] = (),
    more: bool = False,
) -> Look:
    """On the first of the branches."""
    shown = tuple(pictures)
    sources = {node.id: tuple(edge.parent for edge in node.parents) for node in shown if node.parents}
    past = Past(tuple(turns), shown, sources, frozenset(taken_back), frozenset(), more)
    heads = {name: None if head is None else f"n{head}" for name, head in (branches or {"main": None}).items()}
    pointers = Pointers(next(iter(heads)), heads, {name: f"n{node}" for name, node in (tags or {}).items()})
    return Look("default", past, pointers, {node.id: Path(f"/pictures/{node.id}.png") for node in shown})
