"""Sessions and turns: who said what, what came of it, and which turns a dead process left behind."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Result, Row, and_, bindparam, func, insert, select, update
from sqlalchemy.orm import Session as Database

from pentimento.memory import search
from pentimento.memory.claims import abandoned
from pentimento.memory.ids import node_id
from pentimento.memory.journal import record
from pentimento.memory.pointers import FIRST_BRANCH, NO_SESSION
from pentimento.memory.tables import BranchRow, SessionRow, TurnRow
from pentimento.memory.types import Session, StoreError, Turn, TurnStatus

_LAST_USE = select(func.coalesce(func.max(SessionRow.used), 0)).scalar_subquery()
_NEXT_USE = select(func.coalesce(func.max(SessionRow.used), 0) + 1).scalar_subquery()
_ON_BRANCH = and_(BranchRow.session_id == SessionRow.id, BranchRow.name == SessionRow.branch)
_SESSIONS = select(SessionRow, BranchRow.head).join(BranchRow, _ON_BRANCH).order_by(SessionRow.used.desc())
# Asked for many times a turn, and a statement takes longer to build than to run.
_LATEST = _SESSIONS.where(SessionRow.name == bindparam("name"), SessionRow.used == _LAST_USE)


def read_sessions(db: Database, *conditions: ColumnElement[bool]) -> tuple[Session, ...]:
    """Most recently used first."""
    return _sessions(db.execute(_SESSIONS.where(*conditions)))


def _sessions(found: Result[SessionRow, int | None]) -> tuple[Session, ...]:
    return tuple(
        Session(id=row.id, name=row.name, branch=row.branch, head=node_id(head), created=row.created)
        for row, head in found
    )


def one_session(db: Database, session_id: int) -> Session:
    for session in read_sessions(db, SessionRow.id == session_id):
        return session
    raise StoreError(NO_SESSION)


def latest_session(db: Database, name: str) -> Session | None:
    """The session used last, if that is its name."""
    return next(iter(_sessions(db.execute(_LATEST, {"name": name}))), None)


def named_session(db: Database, name: str) -> Session:
    """The session of that name, created when there is none; it counts as used."""
    if not name.strip():
        raise StoreError("A session needs a name; give it one with --session NAME.")
    found = db.scalars(select(SessionRow.id).where(SessionRow.name == name)).one_or_none()
    if found is not None:
        return use(db, found)
    row = SessionRow(name=name, branch=FIRST_BRANCH, used=_NEXT_USE, created=datetime.now(UTC))
    db.add(row)
    db.flush()
    db.refresh(row)
    record(db, row)
    db.execute(insert(BranchRow).values(session_id=row.id, name=FIRST_BRANCH, head=None))
    return one_session(db, row.id)


def use(db: Database, session_id: int) -> Session:
    """The session, which becomes the latest. Raises StoreError when there is none of that id."""
    older = (SessionRow.id == session_id, SessionRow.used < _LAST_USE)
    db.execute(update(SessionRow).where(*older).values(used=_NEXT_USE))
    return one_session(db, session_id)


def begin(db: Database, session_id: int, said: str, owner: str) -> Turn:
    newest = select(func.max(TurnRow.number)).where(TurnRow.session_id == session_id)
    row = TurnRow(
        session_id=session_id,
        number=(db.scalar(newest) or 0) + 1,
        said=said,
        status=TurnStatus.RUNNING,
        owner=owner,
        plan="",
        reply="",
        prompt_sha="",
        details={},
        started=datetime.now(UTC),
    )
    db.add(row)
    db.flush()
    record(db, row)
    search.index(db, session_id, said, turn=row.number)
    return turn_value(row)


def end(
    db: Database,
    session_id: int,
    number: int,
    status: TurnStatus,
    plan: str,
    reply: str,
    prompt_sha: str,
    details: Mapping[str, JsonValue],
) -> Turn:
    this = (TurnRow.session_id == session_id, TurnRow.number == number)
    facts = {"plan": plan, "reply": reply, "prompt_sha": prompt_sha, "details": dict(details)}
    running = update(TurnRow).where(*this, TurnRow.status == TurnStatus.RUNNING)
    ended = db.scalars(running.values(status=status, ended=datetime.now(UTC), **facts).returning(TurnRow)).one_or_none()
    if ended is None:
        raise StoreError(f"Turn {number} is not running, so it cannot be ended.")
    record(db, ended)
    search.index(db, session_id, reply, turn=number)
    return turn_value(ended)


def one_turn(db: Database, session_id: int, number: int) -> Turn:
    row = db.get(TurnRow, (session_id, number))
    if row is None:
        raise StoreError(f"There is no turn {number} in this session.")
    return turn_value(row)


def interrupt_abandoned(db: Database, claims: Path) -> None:
    """Marks the turns that dead processes left running; those of living processes are not touched."""
    running = TurnRow.status == TurnStatus.RUNNING
    owners = db.scalars(select(TurnRow.owner).where(running).distinct())
    dead = [owner for owner in owners if abandoned(claims, owner)]
    if dead:
        interrupted = {"status": TurnStatus.INTERRUPTED, "ended": datetime.now(UTC)}
        ended = update(TurnRow).where(running, TurnRow.owner.in_(dead)).values(interrupted).returning(TurnRow)
        record(db, *db.scalars(ended))


def read_turns(db: Database, session_id: int, limit: int | None) -> tuple[Turn, ...]:
    """The newest turns, oldest first."""
    ours = select(*TurnRow.__table__.columns).where(TurnRow.session_id == session_id)
    newest = ours.order_by(TurnRow.number.desc()).limit(limit)
    return tuple(turn_value(row) for row in reversed(db.execute(newest).all()))


def turn_value(row: TurnRow | Row[Any]) -> Turn:
    return Turn(
        number=row.number,
        said=row.said,
        status=TurnStatus(row.status),
        plan=row.plan,
        reply=row.reply,
        prompt_sha=row.prompt_sha,
        details=row.details,
        started=row.started,
        ended=row.ended,
    )
