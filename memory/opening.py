"""How a home is opened: its folders are made, the database is brought up to date, what dead processes left is put right."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy.orm import Session as Transaction

from pentimento.memory import claims, inspection, journal, sqlite, story
from pentimento.memory.aside import set_aside
from pentimento.memory.database import Database
from pentimento.memory.types import StoreError

LOCK, RUNNING, BLOBS = "open.lock", "running", "blobs"
OLD_SQLITE = (
    f"Another program has this history open, and SQLite {sqlite3.sqlite_version} has a rare error with several writers; here"
    " they take turns, but SQLite 3.51.3 is safer: update it."
)
ON_NETWORK = (
    "The history lies on a network file system ({0}), which is slower and locks less reliably; use it from one machine at"
    " a time, or choose a folder on a disk of this one with PENTIMENTO_HOME."
)
NO_DATABASE = (
    "{0} is gone but its journal is there; rebuild the history with pentimento recover, or move {1} away to start anew."
)

IN_USE = "Another program has {0} open; close it, then try again."


def open_home(home: Path, database: Database) -> tuple[claims.Claim, tuple[str, ...]]:
    """The claim of this process, and what a person should be warned of. Raises StoreError."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with claims.alone(home / LOCK):
            for folder in (home / BLOBS, home / RUNNING):
                folder.mkdir(exist_ok=True)
                TemporaryFile(dir=folder).close()
            _check_database(database)
            database.upgrade()
            with database.write() as db:
                story.interrupt_abandoned(db, home / RUNNING)
                _complete_journal(db, database)
            others = claims.others(home / RUNNING)
            return claims.claim(home / RUNNING), _warnings(database, others=others)
    except OSError as error:
        raise StoreError(
            f"The data directory {home} cannot be used ({error.strerror}); make it writable or choose another"
            " one with PENTIMENTO_HOME."
        ) from error


@contextmanager
def unused(home: Path) -> Iterator[None]:
    """Keeps everybody out of a home; raises StoreError when somebody is in there, and OSError."""
    with claims.alone(home / LOCK):
        if (home / RUNNING).is_dir() and claims.others(home / RUNNING):
            raise StoreError(IN_USE.format(home))
        yield


def check_unused(folder: Path) -> None:
    """Raises StoreError when somebody is in a home that is only read, maybe from where nothing can be written; and OSError."""
    if (folder / RUNNING).is_dir() and claims.is_held(folder / RUNNING):
        raise StoreError(IN_USE.format(folder))


def _check_database(database: Database) -> None:
    """A new database would take the numbers of the one that is lost, and its journal would then speak of both."""
    lost = not database.path.exists() or not database.path.stat().st_size
    if lost and journal.size(database.journal):
        raise StoreError(NO_DATABASE.format(database.path, database.journal))


def _complete_journal(db: Transaction, database: Database) -> None:
    """One that is missing or was cut short is written anew, unless the database is the one that is damaged."""
    if not journal.is_short(db, database.journal):
        return
    if any(inspection.damaged_database(db)):
        raise sqlite.damaged(database.path)
    if database.journal.exists():
        set_aside(database.journal)
    journal.rewrite(db, database.journal)


def _warnings(database: Database, *, others: bool) -> tuple[str, ...]:
    found = []
    if database.network:
        found.append(ON_NETWORK.format(database.network))
    elif others and sqlite3.sqlite_version_info < sqlite.SAFE_WITH_SEVERAL:
        found.append(OLD_SQLITE)
    return tuple(found)
