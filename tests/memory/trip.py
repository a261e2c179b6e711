"""A session with all that there is, to be carried about."""

from pentimento.memory.store import Store
from pentimento.memory.types import Edge, NewNode, NodeKind, Role, Session, TurnStatus
from tests.memory.stories import call, image, mask, png, take_turn


def trip(store: Store) -> Session:
    return store.session("trip")


def tell(store: Store) -> None:
    """A session with all that there is: an opened picture, masks, a merge, branches, tags, undo, redo, a failed turn."""
    session = store.session("trip")
    store.import_image(session.id, NewNode(NodeKind.IMAGE, png(50), 8, 8, "cat.png", pixels="c" * 64))
    turn = store.begin_turn(session.id, "make the squirrel red")
    store.add_nodes(session.id, turn.number, [mask(20), image(2, "n1", "+0")], 1, "n1")
    store.end_turn(session.id, turn.number, TurnStatus.DONE, plan="{}", reply="Red.", details={"raw": ["x", 1.5, None]})
    store.branch(session.id, "winter", "n1")
    take_turn(store, session.id, 3, "n1")
    store.tag(session.id, "best", "n4")
    store.undo(session.id)
    store.undo(session.id)
    store.redo(session.id)
    turn = store.begin_turn(session.id, "both")
    edges = (Edge("n3", Role.SOURCE), Edge("n4", Role.SOURCE))
    both = NewNode(NodeKind.IMAGE, png(6), 8, 8, "both", edges, call(6), "e" * 64)
    store.add_nodes(session.id, turn.number, [both], 0, "n1")  # overtaken: it lands on a branch of its own
    store.end_turn(session.id, turn.number, TurnStatus.DONE)
    turn = store.begin_turn(session.id, "no picture")
    store.end_turn(session.id, turn.number, TurnStatus.FAILED, reply="That failed.")
