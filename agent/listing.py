"""What the planner is told of a session's past: whatever its length, where it began is among the versions, and what is on the screen."""

from collections.abc import Sequence

from pentimento.agent.lineage_words import STEPS
from pentimento.agent.types import Node, Turn
from pentimento.memory import past
from pentimento.memory.store import Store
from pentimento.memory.types import NodeKind, Session

TURNS = 3
TURN_LENGTH = 60
"""Characters of what was said, and of what was answered."""


def listed(store: Store, session: Session, line: Sequence[Node], most: int) -> list[Node]:
    """In the order in which they were made, at most so many: the session's first picture, the one on the screen and the one
    that it was first made as, which begin and end its `line`, and the newest.
    """
    root = line[-1:] if len(line) <= STEPS else []
    pinned = [store.first_image(session.id), *line[:1], *root]
    kept = {node.id: node for node in pinned if node and node.gone is None}
    newest = [node for node in store.images(session.id, most) if node.id not in kept]
    kept |= {node.id: node for node in newest[: most - len(kept)]}
    return sorted(kept.values(), key=lambda node: int(node.id.removeprefix("n")))


def recent(store: Store, session: Session) -> tuple[str, ...]:
    """The last turns that ended, oldest first: "make it red -> Making the fox red."."""
    turns = [turn for turn in store.turns(session.id, TURNS + 1) if turn.ended is not None]
    return tuple(f"{_short(turn.said)} -> {_short(turn.reply)}" for turn in turns[-TURNS:])


def region(store: Store, session: Session, last: Turn | None) -> str:
    """The region that a turn marked, and what it is called; empty where that made pictures, or nothing."""
    made = past.made_in(store.database, session.id, last.number) if last else ()
    marked = bool(made) and all(node.kind is NodeKind.MASK for node in made)
    return f"{made[-1].id}, {_short(made[-1].label)}" if marked else ""


def _short(text: str) -> str:
    return " ".join(text.split())[:TURN_LENGTH]
