"""Small stories to store: pictures of noise, turns that make them."""

import os
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

from PIL import Image

from pentimento.memory.recipe import recipe_hash
from pentimento.memory.store import Store
from pentimento.memory.types import Call, Edge, NewNode, Node, NodeKind, Role, TurnStatus

ROOT = Path(__file__).parents[2]


@cache
def png(seed: int, side: int = 8) -> bytes:
    """A PNG of random pixels; another one for every seed."""
    file = BytesIO()
    Image.frombytes("RGB", (side, side), Random(seed).randbytes(side * side * 3)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def call(seed: int, tool: str = "generate") -> Call:
    return Call(tool, "1", "f" * 64, {"prompt": "a squirrel", "guidance": 3.5, "size": [64, 64]}, seed)


def image(seed: int, source: str | None = None, mask: str | None = None, side: int = 8) -> NewNode:
    edges = [(source, Role.SOURCE), (mask, Role.MASK)]
    made = call(seed)
    return NewNode(
        NodeKind.IMAGE,
        png(seed, side),
        side,
        side,
        f"picture {seed}",
        tuple(Edge(parent, role) for parent, role in edges if parent is not None),
        made,
        recipe_hash(made, [source or ""]),
        {"changed_outside": 0, "passed": True},
    )


def mask(seed: int, side: int = 8) -> NewNode:
    return NewNode(NodeKind.MASK, png(-seed - 1, side), side, side, "the squirrel")


def take_turn(store: Store, session_id: int, seed: int, head: str | None, side: int = 8) -> Node:
    """One whole turn that makes one picture from the head."""
    turn = store.begin_turn(session_id, f"picture {seed}, please")
    (node,) = store.add_nodes(session_id, turn.number, [image(seed, head, side=side)], 0, head)
    store.end_turn(session_id, turn.number, TurnStatus.DONE, reply="Here it is.")
    return node


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def python_env() -> dict[str, str]:
    """An environment in which another interpreter imports what this one does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
