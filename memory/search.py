"""Full-text search over everything that was said: messages, replies, labels, prompts and captions (SQLite's FTS5)."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping

from pydantic import JsonValue
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session as Database

from pentimento.memory.ids import node_id
from pentimento.memory.tables import SessionRow
from pentimento.memory.types import Found, StoreError
from pentimento.memory.unspaced import is_unspaced

_ROW, _SESSION = column("rowid", Integer), column("session_id", Integer)
_TEXT, _TURN, _NODE = column("text", String), column("turn", Integer), column("node", Integer)
_WORDS = table("words", _ROW, _TEXT, _SESSION, _TURN, _NODE)
_NEWEST_FIRST = _ROW.desc()
_INSERT = text("INSERT INTO words (text, session_id, turn, node) VALUES (:text, :session_id, :turn, :node)")
_FORGET = text("DELETE FROM words WHERE words MATCH :session")
_FORGET_SOME = text("DELETE FROM words WHERE words MATCH :session AND (turn IN :turns OR node IN :nodes)").bindparams(
    bindparam("turns", expanding=True), bindparam("nodes", expanding=True)
)
_REPLACE = text("UPDATE words SET text = :new WHERE words MATCH :session AND turn = :turn AND text = :old")
_REBUILD = text("INSERT INTO words (words) VALUES ('rebuild')")
_CHECK = text("INSERT INTO words (words) VALUES ('integrity-check')")

_NOT_SAID = ("rewritten", "contract", "not_rewritten")
"""What a picture model was told beside what was wanted: "keep the background" would be found in every edit."""


def index(db: Database, session_id: int, words: str, *, turn: int | None = None, node: int | None = None) -> None:
    """Makes words findable, as said in a turn or as belonging to a node."""
    if words.strip():
        db.execute(_INSERT, {"text": words, "session_id": session_id, "turn": turn, "node": node})


def words_of(label: str, arguments: Mapping[str, JsonValue], measures: Mapping[str, JsonValue]) -> str:
    """What can be searched of a node: its label and the texts of its call and its measures, each once."""
    values = (value for part in (arguments, measures) for name, value in part.items() if name not in _NOT_SAID)
    texts = [label, *(value for value in values if isinstance(value, str))]
    return "\n".join(dict.fromkeys(texts))


def find(db: Database, words: str, session_id: int | None, limit: int) -> tuple[Found, ...]:
    """Where all of the words stand, newest first; the last one may be the beginning of a word.

    Raises StoreError when there is nothing to look for.
    """
    of_session = SessionRow.id == _SESSION
    columns = select(SessionRow.name, _TURN, _NODE, _TEXT).join(SessionRow, of_session)
    rows = db.execute(columns.where(*_has(words, session_id)).order_by(_NEWEST_FIRST).limit(limit))
    return tuple(Found(session, turn, node_id(node), found) for session, turn, node, found in rows)


def places(
    words: str, session_id: int, limit: int | None = None, *, whole: bool = False
) -> Select[int | None, int | None]:
    """Selects the numbers of the turns, and of the nodes, at which all of the words stand, newest first; a row has one
    of the two. Unless they are to be `whole`, the last one may be the beginning of a word."""
    chosen = select(_TURN, _NODE).where(*_has(words, session_id, whole=whole))
    return chosen.order_by(_NEWEST_FIRST).limit(limit)


def sessions(db: Database, words: str) -> frozenset[int]:
    """Numbers of the sessions in which all of the words stand in one place."""
    found = db.scalars(select(_SESSION).where(*_has(words)).distinct())
    return frozenset(int(number) for number in found)


def _has(words: str, session_id: int | None = None, *, whole: bool = False) -> Iterator[ColumnElement[bool]]:
    """What holds where all of the words stand; those without spaces around them are looked for within the text."""
    # Composed, since a letter and its accent apart would be two words here and are one in the index.
    terms = re.findall(r"\w+", unicodedata.normalize("NFC", words))
    if not terms:
        raise StoreError("Say which words to look for.")
    indexed = [f'text : "{term}"' for term in terms if not is_unspaced(term)]
    if indexed and not whole and not is_unspaced(terms[-1]):
        indexed[-1] += "*"
    query = " AND ".join([*indexed, *([] if session_id is None else [_of(session_id)])])
    if query:
        yield literal_column("words").op("MATCH")(query)
    yield from (func.instr(_TEXT, term) > 0 for term in terms if is_unspaced(term))


def _of(session_id: int) -> str:
    """Its number is in the index as a word of a column of its own, so that other sessions' rows are never read."""
    return f'session_id : "{session_id}"'


def forget(db: Database, session_id: int, turns: Collection[int] | None, nodes: Collection[int] | None) -> None:
    """Of these turns and nodes nothing can be found any more; None: of none of the session's."""
    if turns is None or nodes is None:
        db.execute(_FORGET, {"session": _of(session_id)})
        return
    db.execute(_FORGET_SOME, {"session": _of(session_id), "turns": list(turns), "nodes": list(nodes)})


def replace(db: Database, session_id: int, turn: int, old: str, new: str) -> None:
    """Other words stand in a turn from here on."""
    db.execute(_REPLACE, {"session": _of(session_id), "turn": turn, "old": old, "new": new})


def rebuild_index(db: Database) -> None:
    """From the words that there are; nothing is left of those that were."""
    db.execute(_REBUILD)


def check_index(db: Database) -> None:
    """Raises what SQLAlchemy raises when the index is not that of the words."""
    db.execute(_CHECK)
