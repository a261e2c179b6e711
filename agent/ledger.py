"""What the conversation says of how a picture was made, and of how two pictures differ."""

from collections.abc import Sequence

from pentimento.agent import pictures
from pentimento.agent.types import Node
from pentimento.memory import past
from pentimento.memory.store import Store
from pentimento.memory.types import Session
from pentimento.tools.compare import difference

LINE = 1000
"""Ancestors that are followed back at most."""
SHOWN = 8
"""Steps that are named on either side."""


def text(store: Store, session: Session, node: Node) -> str:
    """A few lines: what was said, what was done, with which seed and model, what was found. All is in `pentimento show`."""
    turn = past.turn(store.database, session.id, node.turn) if node.turn else None
    said = turn.said if turn else ""
    lines = [f"{node.id}, {node.width} × {node.height}: {node.label}"]
    lines += [f"said: {said}"] if said else []
    if node.call is None:
        return "\n".join([*lines, "opened from a file"])
    arguments = ", ".join(f"{name} {value}" for name, value in node.call.arguments.items() if value not in ("", None))
    lines += [f"{node.call.tool}: {arguments}", f"seed {node.call.seed}"]
    lines += [f"model {node.call.model[:12]}"] if node.call.model else []
    return "\n".join([*lines, *_found(node)])


def _found(node: Node) -> list[str]:
    """What was measured. It quotes no words: this is kept as a reply, and what is forgotten must not stand there."""
    passed, agreement = node.measures.get("passed"), node.measures.get("agreement")
    check = [] if passed is None else ["the check passed" if passed else "the check failed"]
    agrees = [] if agreement is None else [f"agreement with the words {agreement}"]
    unread = ["the picture model had no room to read the end of the words"] if node.measures.get("unread") else []
    return [*check, *agrees, *unread]


def difference_text(store: Store, session: Session, one: Node, other: Node) -> str:
    """In pixels, and in the steps that lead to each."""
    found = difference(*(pictures.from_png(store.png(node)) for node in (one, other)))
    if found is None:
        seen = f"{one.id} is {one.width} × {one.height} pixels, {other.id} is {other.width} × {other.height}"
    elif found.box is None:
        seen = f"{one.id} and {other.id} are the same, pixel for pixel"
    else:
        left, top, right, bottom = found.box
        kind = "ΔE up to" if found.visible else "not visible: ΔE up to"
        seen = (
            f"{found.share:.1%} of the pixels differ, {kind} {found.color}, all within {right - left} × {bottom - top} "
            f"pixels at {left}, {top}"
        )
    return "\n".join([f"{seen}.", *_steps(store, session, one, other)])


def _steps(store: Store, session: Session, one: Node, other: Node) -> list[str]:
    lines = [[node, *store.ancestors(session.id, node.id, limit=LINE)] for node in (one, other)]
    ids = [{node.id for node in line} for line in lines]
    shared = [node for node in lines[0] if node.id in ids[1]]
    told = [f"Both come from {shared[0].id}, {shared[0].label}." if shared else "They have nothing in common."]
    for line, node, known in zip(lines, (one, other), reversed(ids), strict=True):
        told += _only([step for step in line if step.id not in known], node)
    return told


def _only(steps: Sequence[Node], node: Node) -> list[str]:
    if not steps:
        return []
    named = ", then ".join(f"{step.label} ({step.id})" for step in reversed(steps[:SHOWN]))
    return [f"Only {node.id}: {'… ' if len(steps) > SHOWN else ''}{named}."]
