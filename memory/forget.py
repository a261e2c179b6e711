"""Destroys a picture or a session, and the words that made it, wherever they are kept. What stays is a tombstone.

The picture's file goes when its row no longer asks for it, and before the row lets go of its name: a program that dies on
the way leaves something that can be forgotten once more.
"""

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import ColumnElement, Select, and_, delete, not_, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.orm import Session as Database

from pentimento.memory import journal, lineage, log, pointers, search, survivors
from pentimento.memory.aside import kept_aside
from pentimento.memory.blobs import Blobs, File
from pentimento.memory.collect import remove_files
from pentimento.memory.erase import Scope, erase_words
from pentimento.memory.files import changing
from pentimento.memory.ids import node_id, node_number
from pentimento.memory.journal import record
from pentimento.memory.store import Store
from pentimento.memory.tables import BranchRow, EdgeRow, MoveRow, NodeRow, OperationRow, SessionRow, TagRow, TurnRow
from pentimento.memory.types import Gone, Move, NodeKind, Pointer, Role, StoreError, TurnStatus

_CUT_SHORT = 60.0
"""Seconds after which a picture file that is not whole is a leftover."""


@dataclass(frozen=True)
class Forgotten:
    """What is no more, and what of it is left elsewhere."""

    nodes: tuple[str, ...]
    """Ids of the tombstones."""
    same_picture: tuple[str, ...]
    """Session and id of the nodes that show the same pixels, "default n3"; the file stays for them."""
    same_words: tuple[str, ...]
    """Of those that are called the same or were made by a turn that says the same; and turns of other sessions that say
    the same and made nothing, "trip turn 3"."""
    aside: tuple[Path, ...]
    """Copies that were set aside earlier and may hold it yet."""
    clean: bool
    """False while another program reads the database: what was deleted is in its log until that program is done."""


@dataclass(frozen=True)
class _Left:
    blobs: tuple[str, ...]
    same_picture: tuple[str, ...]
    same_words: tuple[str, ...]


def forget_picture(store: Store, session_id: int, node: str) -> Forgotten:
    """A picture with the masks that were made along with it or for it alone, or a mask; and the words of the turn that made it, also where a
    turn of the session that made nothing says the same.

    Branches that stand there go to the nearest source that there is, tags go away. Raises StoreError.
    """
    with store.database.write() as db:
        _check_idle(db, session_id)
        scope = _scope(db, session_id, lineage.known_number(db, session_id, node))
        left, there = _left(db, scope), _is_there(db, scope)
        erase_words(db, scope)
        if there:
            log.do(db, session_id, "forget", node, _moves_away(db, scope))
    return _destroy(store, scope, left)


def forget_session(store: Store, session_id: int) -> Forgotten:
    """All pictures and words of a session, its name, its log, and the names of its branches and tags. Raises StoreError."""
    with store.database.write() as db:
        _check_idle(db, session_id)
        scope = Scope(session_id)
        left = _left(db, scope)
        erase_words(db, scope)
        _empty(db, session_id)
    return _destroy(store, scope, left)


def _check_idle(db: Database, session_id: int) -> None:
    running = select(TurnRow.number).where(TurnRow.session_id == session_id, TurnRow.status == TurnStatus.RUNNING)
    if db.scalars(running.limit(1)).first() is not None:
        raise StoreError("A turn is running in this session; wait until it has ended, then try again.")


def _scope(db: Database, session_id: int, number: int) -> Scope:
    """A node, the attempts at it that were not kept, the masks that were made along with them or for them alone, the turn that
    made them, and those that said the same in vain."""
    node = db.get_one(NodeRow, (session_id, number))
    made_in_turn = node.kind == NodeKind.IMAGE and node.turn is not None
    pictures = [node, *(db.scalars(_attempts(node)) if made_in_turn else ())]
    alone = db.scalars(_for_them_alone(pictures)) if made_in_turn else ()
    along = (mask for one in pictures for mask in db.scalars(_along(one)))
    numbers = frozenset({*(one.number for one in pictures), *along, *alone})
    own = () if node.turn is None else (node.turn,)
    scope = Scope(session_id, numbers, frozenset(own))
    in_vain = select(TurnRow.number).where(TurnRow.session_id == session_id, _says_the_same(scope), _made_nothing())
    return replace(scope, turns=frozenset({*own, *db.scalars(in_vain)}))


def _along(node: NodeRow) -> Select[int]:
    masks = select(EdgeRow.parent).where(
        EdgeRow.session_id == node.session_id, EdgeRow.child == node.number, EdgeRow.role == Role.MASK
    )
    along = and_(NodeRow.turn == node.turn, NodeRow.recipe.in_(("", node.recipe)))
    return select(NodeRow.number).where(NodeRow.session_id == node.session_id, NodeRow.number.in_(masks), along)


def _attempts(node: NodeRow) -> Select[NodeRow]:
    """The other ones at the same, that its turn didn't keep and that nothing leads to."""
    same = and_(NodeRow.turn == node.turn, NodeRow.tool == node.tool, NodeRow.label == node.label)
    listed = or_(NodeRow.number == node.number, lineage.listed(node.session_id))
    return lineage.of_session(node.session_id, NodeRow.kind == NodeKind.IMAGE, same, not_(listed))


def _for_them_alone(pictures: Sequence[NodeRow]) -> Select[int]:
    """The masks that their turn found by steps of their own, and no other picture that there is was made with."""
    node, numbers = pictures[0], [one.number for one in pictures]
    child = aliased(NodeRow)
    of_child = and_(child.session_id == EdgeRow.session_id, child.number == EdgeRow.child)
    of_others = and_(child.number.not_in(numbers), or_(child.gone.is_(None), child.gone != Gone.FORGOTTEN))
    as_mask = and_(EdgeRow.session_id == node.session_id, EdgeRow.role == Role.MASK)
    used = select(EdgeRow.parent).join(child, of_child).where(as_mask, of_others)
    masks = and_(NodeRow.session_id == node.session_id, NodeRow.turn == node.turn, NodeRow.kind == NodeKind.MASK)
    return select(NodeRow.number).where(masks, NodeRow.number.not_in(used))


def _is_there(db: Database, scope: Scope) -> bool:
    """Whether anything of it has not been forgotten yet."""
    states = db.scalars(select(NodeRow.gone).where(scope.of_nodes()))
    return any(gone != Gone.FORGOTTEN for gone in states)


def _left(db: Database, scope: Scope) -> _Left:
    """The files that it has, and which other nodes have the same file or the same name."""
    blobs = select(NodeRow.blob).where(scope.of_nodes(), NodeRow.blob != "").distinct()
    same_picture = _others(db, scope, _as_own(scope, NodeRow.blob), NodeRow.gone.is_(None))
    twins = select(TurnRow.session_id, TurnRow.number).where(_says_the_same(scope), not_(scope.of_turns()))
    of_twins = tuple_(NodeRow.session_id, NodeRow.turn).in_(twins)
    same_words = _others(db, scope, or_(_as_own(scope, NodeRow.label), of_twins))
    return _Left(tuple(db.scalars(blobs)), same_picture, (*same_words, *_in_vain_elsewhere(db, scope)))


def _others(db: Database, scope: Scope, *conditions: ColumnElement[bool]) -> tuple[str, ...]:
    """Session and id of other nodes."""
    found = select(SessionRow.name, NodeRow.number).join(SessionRow, SessionRow.id == NodeRow.session_id)
    chosen = found.where(*conditions, not_(scope.of_nodes())).order_by(SessionRow.id, NodeRow.number)
    return tuple(f"{session} {node_id(number)}" for session, number in db.execute(chosen))


def _in_vain_elsewhere(db: Database, scope: Scope) -> tuple[str, ...]:
    found = select(SessionRow.name, TurnRow.number).join(SessionRow, SessionRow.id == TurnRow.session_id)
    chosen = found.where(_says_the_same(scope), TurnRow.session_id != scope.session_id, _made_nothing())
    ordered = chosen.order_by(SessionRow.id, TurnRow.number)
    return tuple(f"{session} turn {number}" for session, number in db.execute(ordered))


def _as_own(scope: Scope, column: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """What is in the column, a node of the scope has too."""
    own = aliased(NodeRow)
    of_own = getattr(own, column.key)
    return column.in_(select(of_own).where(scope.of_nodes(own), of_own != ""))


def _says_the_same(scope: Scope) -> ColumnElement[bool]:
    """As one of the turns that made the nodes of the scope."""
    own = aliased(TurnRow)
    made = and_(own.session_id == NodeRow.session_id, own.number == NodeRow.turn)
    return TurnRow.said.in_(select(own.said).join(NodeRow, made).where(scope.of_nodes(), own.said != ""))


def _made_nothing() -> ColumnElement[bool]:
    makers = select(NodeRow.session_id, NodeRow.turn).where(NodeRow.turn.is_not(None))
    return tuple_(TurnRow.session_id, TurnRow.number).not_in(makers)


def _moves_away(db: Database, scope: Scope) -> list[Move]:
    found, nodes = pointers.read(db, scope.session_id), scope.nodes or ()
    heads = {name: head for name, head in found.branches.items() if head and node_number(head) in nodes}
    to = {name: node_id(survivors.nearest(db, scope.session_id, node_number(at))) for name, at in heads.items()}
    moves = [Move(Pointer.BRANCH, name, head, to[name] or "") for name, head in heads.items()]
    moves += [Move(Pointer.TAG, name, at, None) for name, at in found.tags.items() if node_number(at) in nodes]
    # Without this the session would go to the branch that is moved last.
    return [*moves, Move(Pointer.CURRENT, "", found.current, found.current)] if heads else moves


def _empty(db: Database, session_id: int) -> None:
    """What is left is one branch without a picture, and nodes and turns without a word."""
    for table in (MoveRow, OperationRow, TagRow):
        db.execute(delete(table).where(table.session_id == session_id))
    db.execute(delete(BranchRow).where(BranchRow.session_id == session_id, BranchRow.name != pointers.FIRST_BRANCH))
    db.execute(update(BranchRow).where(BranchRow.session_id == session_id).values(head=None))
    # Used never: it is not among the sessions that one could go on with.
    nameless = {"name": f"forgotten-{session_id}", "branch": pointers.FIRST_BRANCH, "used": 0}
    this = update(SessionRow).where(SessionRow.id == session_id)
    record(db, *db.scalars(this.values(nameless).returning(SessionRow)))
    db.expire_all()
    log.do(db, session_id, "forget", "", [])


def _destroy(store: Store, scope: Scope, left: _Left) -> Forgotten:
    """Removes the files, then the last traces in the database and beside it."""
    remove_files(store, list(store.blobs.files_of(*left.blobs)))
    remove_files(store, _cut_short(store.blobs, left.blobs))
    with store.database.write() as db:
        these = update(NodeRow).where(scope.of_nodes(), NodeRow.gone == Gone.COLLECTED)
        db.execute(these.values(gone=Gone.FORGOTTEN, blob=""))
        search.rebuild_index(db)
        numbers = db.scalars(select(NodeRow.number).where(scope.of_nodes()).order_by(NodeRow.number)).all()
        with changing(store.home):
            journal.rewrite(db, store.database.journal)
            _remove_unfinished(store.home)
    clean = store.database.scrub()
    for path in store.home.glob("*.log"):
        with changing(path):
            os.truncate(path, 0)
    ids = tuple(map(node_id, numbers))
    return Forgotten(ids, left.same_picture, left.same_words, kept_aside(store.home), clean)


def _remove_unfinished(home: Path) -> None:
    """What a recovery, or a backup into what is a home now, left when it was cut short; none is under way while somebody has
    the home open. Raises OSError."""
    for path in home.glob(".*.part*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _cut_short(blobs: Blobs, names: tuple[str, ...]) -> list[File]:
    """Picture files that were never finished, where those of these names would lie."""
    folders = {blobs.path(name).parent for name in names}
    oldest = time.time() - _CUT_SHORT
    return [file for folder in folders for file in blobs.leftovers(folder) if file.modified < oldest]
