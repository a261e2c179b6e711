"""Takes words out of the rows of a session: those of nodes, those of turns, and where other turns quote them."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import (
    JSON,
    ColumnElement,
    String,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session as Database

from pentimento.memory import search
from pentimento.memory.journal import record
from pentimento.memory.redaction import Redaction, redaction
from pentimento.memory.tables import MoveRow, NodeRow, OperationRow, TurnRow
from pentimento.memory.types import Gone, Pointer

_FRESH = {"populate_existing": True}
"""Rows as they are in the database, whatever was read before."""


@dataclass(frozen=True)
class Scope:
    """Nodes of a session and the turns that made them; None: all that there are."""

    session_id: int
    nodes: frozenset[int] | None = None
    turns: frozenset[int] | None = None

    def of_nodes(self, row: type[NodeRow] = NodeRow) -> ColumnElement[bool]:
        return and_(row.session_id == self.session_id, true() if self.nodes is None else row.number.in_(self.nodes))

    def of_turns(self) -> ColumnElement[bool]:
        inside = true() if self.turns is None else TurnRow.number.in_(self.turns)
        return and_(TurnRow.session_id == self.session_id, inside)

    @property
    def is_session(self) -> bool:
        return self.turns is None

    def other_nodes(self) -> ColumnElement[bool]:
        return and_(NodeRow.session_id == self.session_id, not_(self.of_nodes()))

    def other_turns(self) -> ColumnElement[bool]:
        return and_(TurnRow.session_id == self.session_id, not_(self.of_turns()))


def erase_words(db: Database, scope: Scope) -> None:
    """Other turns that quote them do so with an ellipsis, unless the words stand elsewhere in the session."""
    texts = frozenset() if scope.is_session else _words(db, scope)
    quotes = redaction(texts - _standing(db, scope, texts))
    _erase_nodes(db, scope)
    _erase_turns(db, scope)
    _erase_labels(db, scope, texts)
    _erase_preferences(db, scope)
    search.forget(db, scope.session_id, scope.turns, scope.nodes)
    for row in db.scalars(select(TurnRow).where(scope.other_turns(), _quotes(quotes))).all():
        _erase_quotes(db, row, quotes)


def _words(db: Database, scope: Scope) -> frozenset[str]:
    """What was said, what the nodes are called and what their tools were told; a single word of the latter tells nothing."""
    said = db.scalars(select(TurnRow.said).where(scope.of_turns()))
    made = db.execute(select(NodeRow.label, NodeRow.arguments).where(scope.of_nodes())).all()
    told = (value for _, arguments in made for value in (arguments or {}).values())
    sentences = (value for value in told if isinstance(value, str) and " " in value.strip())
    return frozenset({*said, *(label for label, _ in made), *sentences} - {""})


def _standing(db: Database, scope: Scope, texts: Collection[str]) -> set[str]:
    """Those that are said or written elsewhere in the session too."""
    said = select(TurnRow.said).where(scope.other_turns(), TurnRow.said.in_(texts))
    labels = select(NodeRow.label).where(scope.other_nodes(), NodeRow.label.in_(texts))
    return {*db.scalars(said), *db.scalars(labels)}


def _erase_nodes(db: Database, scope: Scope) -> None:
    """A row lets go of its file here; of the file's name when that is removed. An attempt that was not kept stays one."""
    aside = func.json_extract(NodeRow.measures, "$.kept").is_(literal(0))
    measures = case((aside, literal({"kept": False}, JSON)), else_=literal({}, JSON))
    empty = {"label": "", "measures": measures, "recipe": "", "pixels": "", "gone": Gone.COLLECTED}
    these = and_(scope.of_nodes(), or_(NodeRow.gone.is_(None), NodeRow.gone == Gone.COLLECTED))
    db.execute(update(NodeRow).where(these, NodeRow.tool.is_not(None)).values(arguments={}))
    record(db, *db.scalars(update(NodeRow).where(these).values(empty).returning(NodeRow), execution_options=_FRESH))


def _erase_turns(db: Database, scope: Scope) -> None:
    empty = {"said": "", "plan": "", "reply": "", "details": {}}
    record(
        db,
        *db.scalars(update(TurnRow).where(scope.of_turns()).values(empty).returning(TurnRow), execution_options=_FRESH),
    )


def _erase_labels(db: Database, scope: Scope, texts: Collection[str]) -> None:
    """Of the operations of the turns, and of those of no turn that are called after a node."""
    named = OperationRow.turn.is_(None) & OperationRow.label.in_(texts)
    of_turns = true() if scope.turns is None else OperationRow.turn.in_(scope.turns)
    these = update(OperationRow).where(OperationRow.session_id == scope.session_id, or_(of_turns, named))
    record(db, *db.scalars(these.values(label="").returning(OperationRow), execution_options=_FRESH))


def _erase_preferences(db: Database, scope: Scope) -> None:
    """What the turns made preferred, also where other operations lead from it or back to it: it is at its default then."""
    preferred = and_(MoveRow.session_id == scope.session_id, MoveRow.pointer == Pointer.PREFERENCE)
    of_turns = select(OperationRow.number).where(
        OperationRow.session_id == scope.session_id,
        true() if scope.turns is None else OperationRow.turn.in_(scope.turns),
        OperationRow.reverses.is_(None),
    )
    told = select(MoveRow.name, MoveRow.new).where(preferred, MoveRow.operation.in_(of_turns), MoveRow.new.is_not(None))
    words = [(name, new) for name, new in db.execute(told.distinct())]
    old, new = (tuple_(MoveRow.name, column).in_(words) for column in (MoveRow.old, MoveRow.new))
    without = {"old": case((old, null()), else_=MoveRow.old), "new": case((new, null()), else_=MoveRow.new)}
    these = update(MoveRow).where(preferred, or_(old, new)).values(without).returning(MoveRow)
    record(db, *db.scalars(these, execution_options=_FRESH))


def _quotes(quotes: Redaction) -> ColumnElement[bool]:
    """Whether a turn's reply or details hold any of the phrases, maybe within a word: the database finds that fast."""
    details = type_coerce(TurnRow.details, String)
    found = [func.instr(TurnRow.reply, form) > 0 for form in quotes.forms]
    # Details are JSON, which writes each letter by itself.
    return or_(false(), *found, *(func.instr(details, json.dumps(form)[1:-1]) > 0 for form in quotes.forms))


def _erase_quotes(db: Database, row: TurnRow, quotes: Redaction) -> None:
    reply, details = quotes.text(row.reply), quotes.value(row.details)
    if (reply, details) == (row.reply, row.details) or not isinstance(details, dict):
        return
    search.replace(db, row.session_id, row.number, row.reply, reply)
    row.reply, row.details = reply, details
    db.flush()
    record(db, row)
