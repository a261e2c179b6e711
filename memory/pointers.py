"""A session's pointers: its branches, its tags, the branch that it is on, what is preferred; as they are, and as they were."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, literal_column, select, tuple_, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session as Database

from pentimento.memory.ids import node_id, node_number
from pentimento.memory.tables import BranchRow, MoveRow, OperationRow, SessionRow, TagRow
from pentimento.memory.types import LONGEST_PREFERENCE, Move, Pointer, Pointers, StoreError

FIRST_BRANCH = "main"
"""The branch that a session begins on; it is there before anything is done."""
NO_SESSION = "There is no such session; name another one with --session."
_NAME = re.compile(r"[\w][\w.~+/-]{0,59}")


def checked_name(name: str) -> str:
    """A name for a branch or a tag; raises StoreError for one that could not be typed as part of a command."""
    if not _NAME.fullmatch(name):
        raise StoreError(
            f"“{name[:60]}” can't be a name; use letters, digits and . ~ + / -, without spaces, 60 at most."
        )
    return name


def read(db: Database, session_id: int) -> Pointers:
    """As they are now. Raises StoreError when there is no such session."""
    current = db.scalars(select(SessionRow.branch).where(SessionRow.id == session_id)).one_or_none()
    if current is None:
        raise StoreError(NO_SESSION)
    branches = select(BranchRow.name, BranchRow.head).where(BranchRow.session_id == session_id).order_by(BranchRow.name)
    tags = select(TagRow.name, TagRow.node).where(TagRow.session_id == session_id).order_by(TagRow.name)
    heads = {name: node_id(head) for name, head in db.execute(branches)}
    return Pointers(
        current, heads, {name: node_id(node) for name, node in db.execute(tags)}, preferences(db, session_id)
    )


def preferences(db: Database, session_id: int) -> dict[str, str]:
    """They have no table of their own: the last move of each says what it is."""
    # Written out, for SQLite takes an index of some rows only where it sees that they are those.
    preferred: ColumnElement[str] = literal_column(f"'{Pointer.PREFERENCE}'")
    moves = (MoveRow.session_id == session_id, MoveRow.pointer == preferred)
    last = select(MoveRow.name, func.max(MoveRow.operation)).where(*moves).group_by(MoveRow.name)
    chosen = select(MoveRow.name, MoveRow.new).where(*moves, tuple_(MoveRow.name, MoveRow.operation).in_(last))
    left = {row.name: row.new for row in db.execute(chosen.order_by(MoveRow.name, MoveRow.position))}
    return {name: words for name, words in left.items() if words is not None}


def switching(db: Database, session_id: int, branch: str) -> Move:
    """The move to another branch. Raises StoreError when there is none of that name."""
    found = read(db, session_id)
    if branch not in found.branches:
        raise StoreError(f"There is no branch {branch}; there are {', '.join(found.branches)}.")
    return Move(Pointer.CURRENT, "", found.current, branch)


def tagging(db: Database, session_id: int, name: str, node: str | None) -> Move:
    """The move of a tag, or that it goes away (None). Raises StoreError where there is none, or the name can't be one."""
    tags = read(db, session_id).tags
    if node is None and name not in tags:
        there = f"are: {', '.join(tags)}" if tags else "is none yet"
        raise StoreError(f"There is no tag {name}; there {there}.")
    return Move(Pointer.TAG, checked_name(name), tags.get(name), node)


def preferring(db: Database, session_id: int, key: str, words: str | None) -> Move:
    """The move to these words. Raises StoreError for more than anybody needs."""
    if len(words or "") > LONGEST_PREFERENCE:
        raise StoreError(f"Say it in fewer words, {LONGEST_PREFERENCE} characters at most.")
    return Move(Pointer.PREFERENCE, key, preferences(db, session_id).get(key), words)


def at(db: Database, session_id: int, number: int) -> Pointers:
    """As they were right after an operation: where it, or the last one before it that moved them, left them.

    Raises StoreError for a number that no operation has.
    """
    _check_known(db, session_id, number)
    left: dict[tuple[str, str], str | None] = {(Pointer.BRANCH, FIRST_BRANCH): ""}
    for pointer, name, new in db.execute(_last_moves(session_id, number)):
        left[pointer, name] = new
    there = sorted((name, pointer, node) for (pointer, name), node in left.items() if node is not None)
    branches = {name: node or None for name, pointer, node in there if pointer == Pointer.BRANCH}
    tags = {name: node for name, pointer, node in there if pointer == Pointer.TAG}
    preferred = {name: words for name, pointer, words in there if pointer == Pointer.PREFERENCE}
    return Pointers(_current_at(db, session_id, number), branches, tags, preferred)


def _check_known(db: Database, session_id: int, number: int) -> None:
    newest = db.scalar(select(func.max(OperationRow.number)).where(OperationRow.session_id == session_id)) or 0
    if not newest:
        raise StoreError(f"There is no operation {number}; nothing has been done yet.")
    if not 1 <= number <= newest:
        raise StoreError(f"There is no operation {number}; the log goes from 1 to {newest}.")


def _last_moves(session_id: int, number: int) -> Select[str, str, str | None]:
    """(pointer, name, new) of all that the operations moved which were the last to move some branch, tag or preference."""
    moves = (MoveRow.session_id == session_id, MoveRow.pointer != Pointer.CURRENT)
    until = select(func.max(MoveRow.operation)).where(*moves, MoveRow.operation <= number)
    last = until.group_by(MoveRow.pointer, MoveRow.name)
    chosen = select(MoveRow.pointer, MoveRow.name, MoveRow.new).where(*moves, MoveRow.operation.in_(last))
    return chosen.order_by(MoveRow.operation, MoveRow.position)


def _current_at(db: Database, session_id: int, number: int) -> str:
    """The branch that a session was on after an operation."""
    said = MoveRow.pointer == Pointer.CURRENT
    moves = select(case((said, MoveRow.new), else_=MoveRow.name)).where(
        MoveRow.session_id == session_id,
        MoveRow.operation <= number,
        said | ((MoveRow.pointer == Pointer.BRANCH) & MoveRow.new.is_not(None)),
    )
    newest_first = moves.order_by(MoveRow.operation.desc(), said.desc(), MoveRow.position.desc())
    return db.scalars(newest_first.limit(1)).one_or_none() or FIRST_BRANCH


def branch_at(db: Database, session_id: int, head: str | None) -> str:
    """The session's branch; when another process has moved that, the one beside it ("NAME~2") that still stands there, or a
    fresh one. A branch that a person named is never moved for another one."""
    found = read(db, session_id)
    beside = [name for name in found.branches if _base(name) == _base(found.current)]
    for name in (found.current, *beside):
        if found.branches[name] == head:
            return name
    # No operation says that it made this branch, so none may have made one of that name that comes back with an undo.
    made = select(MoveRow.name).where(MoveRow.session_id == session_id, MoveRow.pointer == Pointer.BRANCH)
    fresh = free_name(found.current, {*found.branches, *db.scalars(made.where(MoveRow.old.is_(None)))})
    number = None if head is None else node_number(head)
    db.execute(insert(BranchRow).values(session_id=session_id, name=fresh, head=number))
    return fresh


def _base(name: str) -> str:
    """ "main" of "main~2"."""
    return re.sub(r"~\d+$", "", name)


def free_name(name: str, taken: Iterable[str]) -> str:
    """ "main~2", or the next number that is free."""
    base, used = _base(name), set(taken)
    number = 2
    while f"{base}~{number}" in used:
        number += 1
    return f"{base}~{number}"


def moved(found: Pointers, moves: Sequence[Move]) -> Pointers:
    """Where the pointers are after an operation; nothing is stored."""
    branches, tags, current = dict(found.branches), dict(found.tags), found.current
    preferred = dict(found.preferences)
    for move in moves:
        if move.pointer is Pointer.BRANCH:
            branches.pop(move.name, None)
            branches |= {} if move.new is None else {move.name: move.new or None}
            current = current if move.new is None else move.name
        elif move.pointer is Pointer.TAG:
            tags.pop(move.name, None)
            tags |= {} if move.new is None else {move.name: move.new}
        elif move.pointer is Pointer.PREFERENCE:
            preferred.pop(move.name, None)
            preferred |= {} if move.new is None else {move.name: move.new}
    said = [move.new for move in moves if move.pointer is Pointer.CURRENT and move.new is not None]
    return Pointers(said[-1] if said else current, branches, tags, preferred)


def between(before: Pointers, after: Pointers) -> list[Move]:
    """The moves from one state to another, and which branch the session is on."""
    moves = [Move(Pointer.CURRENT, "", before.current, after.current)]
    moves += _changes(Pointer.BRANCH, _heads(before), _heads(after))
    moves += _changes(Pointer.TAG, before.tags, after.tags)
    return moves + _changes(Pointer.PREFERENCE, before.preferences, after.preferences)


def _heads(found: Pointers) -> dict[str, str]:
    return {name: head or "" for name, head in found.branches.items()}


def _changes(pointer: Pointer, old: Mapping[str, str], new: Mapping[str, str]) -> list[Move]:
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [Move(pointer, name, old.get(name), new.get(name)) for name in names]


def apply(db: Database, session_id: int, moves: Sequence[Move]) -> None:
    """Moves pointers; raises StoreError where one is not at its `old`.

    A session is on the branch whose head was moved last, unless it was said which one it is on.
    """
    for move in sorted(moves, key=lambda move: move.pointer is Pointer.CURRENT):
        _APPLY[move.pointer](db, session_id, move)
    heads = [move for move in moves if move.pointer is Pointer.BRANCH and move.new is not None]
    if heads and not any(move.pointer is Pointer.CURRENT for move in moves):
        db.execute(update(SessionRow).where(SessionRow.id == session_id).values(branch=heads[-1].name))


def _apply_branch(db: Database, session_id: int, move: Move) -> None:
    this = (BranchRow.session_id == session_id, BranchRow.name == move.name)
    new = node_number(move.new) if move.new else None
    if move.old is None:
        db.execute(insert(BranchRow).values(session_id=session_id, name=move.name, head=new))
        return
    stands = (*this, BranchRow.head.is_(node_number(move.old) if move.old else None))
    changed = (
        delete(BranchRow).where(*stands) if move.new is None else update(BranchRow).where(*stands).values(head=new)
    )
    _check_moved(cast("CursorResult[None]", db.execute(changed)), f"The head of {move.name}")


def _apply_tag(db: Database, session_id: int, move: Move) -> None:
    this = (TagRow.session_id == session_id, TagRow.name == move.name)
    new = node_number(move.new) if move.new else None
    if move.old is None:
        db.execute(insert(TagRow).values(session_id=session_id, name=move.name, node=new))
        return
    stands = (*this, TagRow.node == node_number(move.old))
    changed = delete(TagRow).where(*stands) if new is None else update(TagRow).where(*stands).values(node=new)
    _check_moved(cast("CursorResult[None]", db.execute(changed)), f"The tag {move.name}")


def _apply_current(db: Database, session_id: int, move: Move) -> None:
    db.execute(update(SessionRow).where(SessionRow.id == session_id).values(branch=move.new))


def _apply_preference(_db: Database, _session_id: int, _move: Move) -> None:
    """The move itself is where it stands."""


_APPLY = {
    Pointer.BRANCH: _apply_branch,
    Pointer.TAG: _apply_tag,
    Pointer.CURRENT: _apply_current,
    Pointer.PREFERENCE: _apply_preference,
}


def _check_moved(result: CursorResult[None], what: str) -> None:
    if result.rowcount != 1:
        raise StoreError(f"{what} is not where the log left it; restore the history from a backup.")
