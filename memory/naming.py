"""What the pictures of a session are called and by which words they were asked for: all of them, or those that have some words."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from pentimento.memory import lineage, search
from pentimento.memory.database import Database
from pentimento.memory.ids import node_id
from pentimento.memory.tables import NodeRow, TurnRow
from pentimento.memory.types import NodeKind


@dataclass(frozen=True)
class Called:
    """One picture."""

    id: str
    label: str
    turn: int
    """0 for a picture that was opened."""
    said: str
    """The message of the turn that made it."""
    there: bool
    """False where its picture was collected or forgotten."""


def called(
    database: Database, session_id: int, words: str = "", *, whole: bool = True, limit: int | None = None
) -> tuple[Called, ...]:
    """The pictures of a session, or the newest so many, the newest first; with words those alone that have all of them
    somewhere, or were made by a turn that has. Unless they are to be `whole`, the last one may be the beginning of a word.

    Raises StoreError for words in which there is nothing to look for.
    """
    of_turn = and_(TurnRow.session_id == NodeRow.session_id, TurnRow.number == NodeRow.turn)
    found = select(NodeRow.number, NodeRow.label, NodeRow.turn, TurnRow.said, NodeRow.gone.is_(None))
    images = (NodeRow.session_id == session_id, NodeRow.kind == NodeKind.IMAGE, lineage.listed(session_id))
    pictures = found.outerjoin(TurnRow, of_turn).where(*images)
    if words:
        places = search.places(words, session_id, whole=whole).cte("places")
        own, of_turns = select(places.c.node), select(places.c.turn)
        pictures = pictures.where(or_(NodeRow.number.in_(own), NodeRow.turn.in_(of_turns)))
    with database.read() as db:
        rows = db.execute(pictures.order_by(NodeRow.number.desc()).limit(limit)).all()
    return tuple(
        Called(node_id(number), label, turn or 0, said or "", there) for number, label, turn, said, there in rows
    )
