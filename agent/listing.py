"""Which versions the planner is told of: whatever the length of a session, where it began is among them, and what is on the screen."""

from pentimento.agent.lineage_words import STEPS, line_to
from pentimento.agent.types import Node
from pentimento.memory.store import Store
from pentimento.memory.types import Session


def listed(store: Store, session: Session, most: int) -> list[Node]:
    """In the order in which they were made, at most so many: the session's first picture, the one on the screen and the one
    that it was first made as, and the newest.
    """
    line = line_to(store, session, session.head)
    root = line[-1:] if len(line) <= STEPS else []
    pinned = [store.first_image(session.id), *line[:1], *root]
    kept = {node.id: node for node in pinned if node and node.gone is None}
    newest = [node for node in store.images(session.id, most) if node.id not in kept]
    kept |= {node.id: node for node in newest[: most - len(kept)]}
    return sorted(kept.values(), key=lambda node: int(node.id.removeprefix("n")))
