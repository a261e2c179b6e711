"""What `log` and `show` look at: a part of a session's past. However long a session is, only that part of it is read.

Numbers grow with time, so rows are looked for from the newest one back, until one is older than what is wanted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import CTE, ColumnElement, Row, and_, literal, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Transaction

from pentimento.memory import lineage, log, search, story
from pentimento.memory.database import Database
from pentimento.memory.ids import node_id, node_number
from pentimento.memory.tables import EdgeRow, NodeRow, OperationRow, TurnRow
from pentimento.memory.types import Node, NodeKind, Operation, Past, Role, StoreError, Turn, Wanted

Rows: TypeAlias = type[TurnRow] | type[NodeRow] | type[OperationRow]
_PLACES = 100
"""More than in which a word stands in an ordinary turn: its message, its reply, and its pictures."""
_OPENINGS = ("import", "undo", "redo")


def read(database: Database, session_id: int, wanted: Wanted) -> Past:
    """Raises StoreError where there is no such operation or node, and where there are no words to look for."""
    with database.read() as db:
        look = _Look(db, session_id, wanted, _moment(db, session_id, wanted.at))
        turns, pictures, more = look.by_picture() if wanted.tool or wanted.until_node else look.by_turn()
        taken_back, closed = look.taken_back(turns, pictures)
        sources = look.sources(pictures, to_the_end=bool(taken_back or closed))
        return Past(turns, pictures, sources, taken_back, closed, more)


def operations(database: Database, session_id: int, limit: int, at: int | None = None) -> tuple[Operation, ...]:
    """The end of the log, oldest first; with `at` as it was after the operation of that number."""
    with database.read() as db:
        _moment(db, session_id, at)
        return log.newest(db, session_id, limit, at)


def children(database: Database, session_id: int, node: str) -> tuple[str, ...]:
    """Ids of what was made from a node, oldest first."""
    with database.read() as db:
        made = select(EdgeRow.child).where(EdgeRow.session_id == session_id, EdgeRow.parent == node_number(node))
        return tuple(node_id(child) for child in db.scalars(made.distinct().order_by(EdgeRow.child)))


def turn(database: Database, session_id: int, number: int) -> Turn:
    """Raises StoreError when there is none of that number."""
    with database.read() as db:
        return story.one_turn(db, session_id, number)


def made_in(database: Database, session_id: int, turn: int) -> tuple[Node, ...]:
    """All that a turn made, in order: regions, and attempts that were not kept, too."""
    with database.read() as db:
        made = select(NodeRow.number).where(NodeRow.session_id == session_id, NodeRow.turn == turn)
        return lineage.numbered(db, session_id, db.scalars(made.order_by(NodeRow.number)).all())


def tools(database: Database, session_id: int) -> tuple[str, ...]:
    """Names of all that made pictures."""
    with database.read() as db:
        made = select(NodeRow.tool).where(NodeRow.session_id == session_id).distinct()
        return tuple(sorted(name for name in db.scalars(made) if name is not None))


def opened_any(database: Database, session_id: int) -> bool:
    """Whether a person ever brought in a picture of their own."""
    with database.read() as db:
        imports = select(OperationRow.number).where(
            OperationRow.session_id == session_id, OperationRow.kind == "import"
        )
        return db.scalars(imports.limit(1)).first() is not None


def sessions_with(database: Database, words: str) -> frozenset[int]:
    """The sessions in which all of the words stand somewhere; raises StoreError where there are none to look for."""
    with database.read() as db:
        return search.sessions(db, words)


def _moment(db: Transaction, session_id: int, operation: int | None) -> datetime | None:
    """When an operation happened; raises StoreError when there is none of that number."""
    if operation is None:
        return None
    row = db.get(OperationRow, (session_id, operation))
    if row is None:
        raise StoreError(f"There is no operation {operation}; `pentimento log --operations` lists them.")
    return row.created


@dataclass(frozen=True)
class _Look:
    """One look, while it is taken."""

    db: Transaction
    session_id: int
    wanted: Wanted
    until: datetime | None
    """Moment of the operation `wanted.at`."""

    def by_turn(self) -> tuple[tuple[Turn, ...], tuple[Node, ...], bool]:
        """The newest turns and opened pictures, and what the turns made."""
        limit, since = self.wanted.limit, self.wanted.since
        turns = self._turns(*self._said(), since=since, limit=limit + 1)
        oldest = turns[0].started if len(turns) > limit else since
        opened = self._pictures(NodeRow.turn.is_(None), *self._written(), since=oldest, limit=limit + 1)
        entries: list[Turn | Node] = sorted([*turns, *opened], key=_when)
        kept = entries[-limit:]
        turns = tuple(one for one in kept if isinstance(one, Turn))
        opened = tuple(one for one in kept if isinstance(one, Node))
        return turns, tuple(sorted([*self._made(turns), *opened], key=_number)), len(entries) > limit

    def by_picture(self) -> tuple[tuple[Turn, ...], tuple[Node, ...], bool]:
        """The newest pictures of some kind, and the turns that made them."""
        limit = self.wanted.limit
        found = self._pictures(*self._kind(), since=self.wanted.since, limit=limit + 1)
        kept = found[-limit:]
        turns = self._turns(TurnRow.number.in_({node.turn for node in kept}))
        return turns, kept, len(found) > limit

    def sources(self, pictures: Sequence[Node], *, to_the_end: bool) -> Mapping[str, tuple[str, ...]]:
        """What the pictures, and all between them, were made from; `to_the_end`: all after them too."""
        if not pictures:
            return {}
        first, last = _number(pictures[0]), None if to_the_end else _number(pictures[-1])
        edges = select(EdgeRow.child, EdgeRow.parent).where(
            EdgeRow.session_id == self.session_id, EdgeRow.child >= first, EdgeRow.role != Role.MASK
        )
        until = edges if last is None else edges.where(EdgeRow.child <= last)
        found: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for child, parent in self.db.execute(until.order_by(EdgeRow.child, EdgeRow.position)):
            found[node_id(child)] += (node_id(parent),)
        return dict(found)

    def taken_back(self, turns: Sequence[Turn], pictures: Sequence[Node]) -> tuple[frozenset[int], frozenset[str]]:
        """The turns that were undone, and the opened pictures of which the opening was."""
        opened = {node.id for node in pictures if not node.turn}
        entries: list[Turn | Node] = [*turns, *pictures]
        oldest = min(map(_when, entries), default=None)
        rows = self._operations({turn.number for turn in turns}, oldest)
        undone = {row.reverses: row.kind == "undo" for row in rows if row.reverses}
        taken = [row for row in rows if undone.get(row.number)]
        imports = [row.number for row in taken if row.kind == "import"]
        moves = log.moves_of(self.db, self.session_id, *imports) if imports else {}
        closed = {move.new for moved in moves.values() for move in moved if move.new in opened}
        return frozenset(row.turn for row in taken if row.turn), frozenset(filter(None, closed))

    def _operations(self, turns: set[int], since: datetime | None) -> Sequence[Row[int, str, int | None, int | None]]:
        """Number, kind, turn and what is reversed, of all that these turns did and of the openings."""
        columns = select(OperationRow.number, OperationRow.kind, OperationRow.turn, OperationRow.reverses)
        of_opening = and_(OperationRow.turn.is_(None), OperationRow.kind.in_(_OPENINGS))
        chosen = columns.where(
            OperationRow.session_id == self.session_id,
            OperationRow.number > self._before(OperationRow, since),
            or_(OperationRow.turn.in_(turns), of_opening),
            *self._up_to(OperationRow),
        )
        return self.db.execute(chosen.order_by(OperationRow.number)).all()

    def _turns(
        self, *conditions: ColumnElement[bool], since: datetime | None = None, limit: int | None = None
    ) -> tuple[Turn, ...]:
        """The newest, oldest first."""
        ours = (TurnRow.session_id == self.session_id, TurnRow.number > self._before(TurnRow, since))
        chosen = select(TurnRow).where(*ours, *conditions, *self._up_to(TurnRow))
        rows = self.db.scalars(chosen.order_by(TurnRow.number.desc()).limit(limit)).all()
        return tuple(story.turn_value(row) for row in reversed(rows))

    def _made(self, turns: Sequence[Turn]) -> tuple[Node, ...]:
        """The pictures of turns."""
        if not turns:
            return ()
        return self._pictures(NodeRow.turn.in_([turn.number for turn in turns]), since=turns[0].started)

    def _pictures(
        self, *conditions: ColumnElement[bool], since: datetime | None = None, limit: int | None = None
    ) -> tuple[Node, ...]:
        """The newest, oldest first."""
        ours = (NodeRow.session_id == self.session_id, NodeRow.number > self._before(NodeRow, since))
        images = (NodeRow.kind == NodeKind.IMAGE, *conditions, lineage.listed(self.session_id))
        chosen = select(NodeRow.number).where(*ours, *images, *self._up_to(NodeRow))
        numbers = self.db.scalars(chosen.order_by(NodeRow.number.desc()).limit(limit)).all()
        return lineage.numbered(self.db, self.session_id, numbers[::-1])

    def _before(self, row: Rows, moment: datetime | None) -> int:
        """Number of the newest row from before a moment, 0 where there is none."""
        if moment is None:
            return 0
        older = select(row.number).where(row.session_id == self.session_id, _column(row) < moment)
        return self.db.scalars(older.order_by(row.number.desc()).limit(1)).first() or 0

    def _up_to(self, row: Rows) -> tuple[ColumnElement[bool], ...]:
        return () if self.until is None else (_column(row) <= self.until,)

    def _said(self) -> tuple[ColumnElement[bool], ...]:
        """Of turns: the words stand in it, or in a picture that it made."""
        if not self.wanted.words:
            return ()
        places = self._places()
        of_pictures = select(NodeRow.turn).where(
            NodeRow.session_id == self.session_id, NodeRow.number.in_(select(places.c.node))
        )
        return (TurnRow.number.in_(union(select(places.c.turn), of_pictures)),)

    def _written(self) -> tuple[ColumnElement[bool], ...]:
        """Of opened pictures: the words stand in it."""
        if not self.wanted.words:
            return ()
        return (NodeRow.number.in_(select(self._places().c.node)),)

    def _places(self) -> CTE:
        """Where the words stand, the newest; all where other conditions may leave out any number of them."""
        wanted = self.wanted
        narrowed = wanted.tool or wanted.until_node or wanted.at is not None
        limit = None if narrowed else _PLACES * (wanted.limit + 1)
        return search.places(wanted.words, self.session_id, limit).cte("places")

    def _kind(self) -> tuple[ColumnElement[bool], ...]:
        """Of pictures: the tool that made it, what it led to, the words that stand in it or in its turn."""
        wanted, found = self.wanted, []
        if wanted.tool:
            found.append(NodeRow.tool == wanted.tool)
        if wanted.until_node is not None:
            # As many steps back as pictures are wanted lead to all of them, unless some are left out on the way.
            steps = None if wanted.tool or wanted.words else wanted.limit + 1
            found.append(NodeRow.number.in_(select(_line(self.session_id, wanted.until_node, steps).c.number)))
        if wanted.words:
            places = self._places()
            found.append(or_(NodeRow.number.in_(select(places.c.node)), NodeRow.turn.in_(select(places.c.turn))))
        return tuple(found)


def _line(session_id: int, node: str, steps: int | None) -> CTE:
    """The numbers of a node and of all that it was made from, so many steps back."""
    start = select(literal(node_number(node)).label("number"), literal(steps or 0).label("left"))
    line = start.cte("line", recursive=True)
    parents = select(EdgeRow.parent, line.c.left - (1 if steps else 0)).where(
        EdgeRow.session_id == session_id, EdgeRow.child == line.c.number, EdgeRow.role != Role.MASK
    )
    return line.union(parents.where(line.c.left > 0) if steps else parents)


def _column(row: Rows) -> InstrumentedAttribute[datetime]:
    """When it happened."""
    return row.started if issubclass(row, TurnRow) else row.created


def _when(one: Turn | Node) -> datetime:
    return one.started if isinstance(one, Turn) else one.created


def _number(node: Node) -> int:
    return node_number(node.id)
