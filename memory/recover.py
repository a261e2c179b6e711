"""A database that is damaged or gone, rebuilt from the journal; what is replaced is kept beside."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select

from pentimento.memory import inspection, journal, journal_rows
from pentimento.memory.aside import set_aside
from pentimento.memory.blobs import sync_folder
from pentimento.memory.database import NAME, Database
from pentimento.memory.files import changing
from pentimento.memory.opening import unused
from pentimento.memory.rebuild import fill
from pentimento.memory.store import Store
from pentimento.memory.tables import BranchRow, NodeRow, SessionRow, TagRow, TurnRow
from pentimento.memory.types import Damaged, StoreError

NO_JOURNAL = "There is no journal {0} to rebuild the history from; put it back from a backup. The pictures themselves are in {1}."


@dataclass(frozen=True)
class Recovered:
    """What the new database holds."""

    sessions: int
    turns: int
    nodes: int
    branches: int
    tags: int
    damaged_lines: int
    """Lines of the journal that could not be read, or not whole."""
    aside: tuple[Path, ...] = ()
    """Where the files that were replaced are kept."""


def is_needed(home: Path) -> bool:
    """Whether the database is damaged or gone. Raises StoreError when that can't be known, or it is newer than this program."""
    path = home / NAME
    if not path.exists() or not path.stat().st_size:
        return True
    try:
        with Store(home) as store:
            return bool(inspection.database_problems(store.database))
    except Damaged:
        return True


def recover(home: Path) -> Recovered:
    """Puts a new database in place of the one that there is. Raises StoreError, and has changed nothing then."""
    path = home / journal.NAME
    with changing(home):
        if not journal.size(path):
            raise StoreError(NO_JOURNAL.format(path, home / "blobs"))
        with unused(home), _within(home) as fresh:
            rows = journal_rows.read(path)
            built = _build(fresh, rows)
            return replace(built, aside=_replace(home, fresh))


@contextmanager
def _within(home: Path) -> Iterator[Path]:
    """A folder of its own, gone afterwards. Raises OSError."""
    fresh = home / f".{secrets.token_hex(8)}.part"
    fresh.mkdir(mode=0o700)
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _build(folder: Path, rows: journal_rows.Rows) -> Recovered:
    """A database of these rows, and its journal."""
    database = Database(folder)
    try:
        database.upgrade()
        with database.write() as db:
            fill(db, rows)
            journal.rewrite(db, database.journal)
            counted = (SessionRow, TurnRow, NodeRow, BranchRow, TagRow)
            counts = (db.scalar(select(func.count()).select_from(row)) or 0 for row in counted)
            sessions, turns, nodes, branches, tags = counts
        return Recovered(sessions, turns, nodes, branches, tags, rows.damaged)
    finally:
        database.close()


def _replace(home: Path, fresh: Path) -> tuple[Path, ...]:
    """The database first: whoever finds it gone and the journal there is told to recover."""
    aside = [set_aside(path) for path in sorted(home.glob(f"{NAME}*")) if path.name in _FILES]
    (fresh / NAME).rename(home / NAME)
    aside.append(set_aside(home / journal.NAME))
    (fresh / journal.NAME).rename(home / journal.NAME)
    sync_folder(home)
    return tuple(aside)


_FILES = {NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal"}
