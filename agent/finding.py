"""Looking for pictures in the history by what was said and when: "the fox picture from yesterday"."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pentimento.agent.meaning import readings
from pentimento.agent.moves import EVER
from pentimento.agent.types import Node
from pentimento.agent.wording import telling
from pentimento.memory import past
from pentimento.memory.naming import called
from pentimento.memory.store import Store
from pentimento.memory.types import Session

SHOWN = 12
"""Pictures that are named at most, the newest of those that fit."""
LOOKED_AT = 200
"""Pictures that are looked at for their day, of each reading of the words."""
LABEL_LENGTH = 60


def found_text(store: Store, session: Session, words: str, days: int) -> str:
    """The pictures of the session that may be meant, else those of other sessions, one a line with its id."""
    since, wanted = _since(days), " ".join(telling(words))
    here = _found(store, session.id, wanted, since)
    if here:
        return "\n".join(["", *_lines(here, session.head)])
    asked = _asked(wanted, days)
    elsewhere = [*_elsewhere(store, session, wanted, since)]
    if not elsewhere:
        return f"There is no picture{asked}, neither here nor in another session."
    lines = [line for other, nodes in elsewhere for line in (f"{other.name}:", *_lines(nodes, None))]
    return "\n".join([f"Here is no picture{asked}; go there with --session NAME:", *lines])


def _since(days: int) -> datetime | None:
    """The midnight, where the person is, with which the first of these days began."""
    if days == EVER:
        return None
    today = datetime.now(UTC).astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return (today - timedelta(days=days)).astimezone()


def _found(store: Store, session_id: int, wanted: str, since: datetime | None) -> Sequence[Node]:
    """Newest first."""
    listed = (
        readings(store, session_id, wanted.split())
        if wanted
        else iter([called(store.database, session_id, limit=LOOKED_AT)])
    )
    for reading in listed:
        ids = [one.id for one in reading if one.there][:LOOKED_AT]
        nodes = [node for node in store.nodes(session_id, ids) if since is None or node.created >= since]
        if nodes:
            return nodes[:SHOWN]
    return []


def _elsewhere(
    store: Store, session: Session, wanted: str, since: datetime | None
) -> Iterator[tuple[Session, Sequence[Node]]]:
    """In sessions where the words stand, the one used last first."""
    having = past.sessions_with(store.database, wanted) if wanted else None
    left = SHOWN
    for other in store.sessions():
        fits = other.id != session.id and (having is None or other.id in having)
        nodes = _found(store, other.id, wanted, since)[:left] if fits and left else []
        left -= len(nodes)
        if nodes:
            yield other, nodes


def _lines(nodes: Sequence[Node], head: str | None) -> Iterator[str]:
    for node in reversed(nodes):
        label = " ".join(node.label.split())[:LABEL_LENGTH]
        yield f"{'→' if node.id == head else ' '} {node.id}  {label}  ({node.created.astimezone():%Y-%m-%d %H:%M})"


def _asked(wanted: str, days: int) -> str:
    said = f" that says “{wanted}”" if wanted else ""
    since = {EVER: "", 0: " of today", 1: " since yesterday"}.get(days, f" of the last {days} days")
    return said + since
