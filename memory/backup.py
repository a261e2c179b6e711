"""A copy of a home in a folder, made while others write; once more into the same folder adds only what is new.

The copy is laid out like a home: whoever has nothing else can use it as one.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session as Database

from pentimento.memory import inspection, journal
from pentimento.memory.blobs import Blobs, sync_folder
from pentimento.memory.database import NAME, frozen, settle
from pentimento.memory.files import changing
from pentimento.memory.opening import BLOBS, LOCK, unused
from pentimento.memory.sqlite import beside
from pentimento.memory.store import Store
from pentimento.memory.tables import NodeRow
from pentimento.memory.types import Damaged, Gone, StoreError

MARK = "backup.json"
"""Says that a folder is a backup, from before anything else is in it."""
_SESSIONS = text("SELECT id, created FROM sessions")
_MADE = {"nodes": "created", "turns": "started", "operations": "created"}
"""Where the moment at which a row was made stands, which never changes."""
_NEWEST = {
    table: text(f"SELECT session_id, max(number), {made} FROM {table} GROUP BY session_id")
    for table, made in _MADE.items()
}
"""The newest row of each session; what stands beside max() is of its row."""
_THESE = {
    table: text(f"SELECT {made} FROM {table} WHERE session_id = :session AND number = :number")
    for table, made in _MADE.items()
}
_LOGS_BEGUN_ANEW = text("SELECT session_id, created FROM operations WHERE number = 1 AND kind = 'forget'")
"""Of the sessions that were forgotten: what was done in them is no more."""
_FILES = text("SELECT session_id, number, blob FROM nodes WHERE blob <> ''")
_FORGOTTEN = select(NodeRow.session_id, NodeRow.number).where(NodeRow.gone == Gone.FORGOTTEN)


@dataclass(frozen=True)
class Backup:
    """What is in the folder."""

    pictures: int
    """Files, masks included."""
    added: int
    bytes: int
    """Of the files that were added."""
    problems: tuple[str, ...]
    """What could not be copied because it is damaged, each naming the node it concerns."""


@dataclass
class _Copying:
    """The pictures on their way from one folder to the other."""

    source: Blobs
    target: Blobs
    added: list[int] = field(default_factory=list)
    """Bytes of each."""
    problems: list[str] = field(default_factory=list)

    def copy(self, name: str, blob: str) -> None:
        if self.target.fault(blob) is None:
            return
        try:
            png = self.source.read(blob)
        except StoreError as error:
            self.problems.append(f"{name}: {error}")
            return
        self.target.write(png)
        self.added.append(len(png))
        if fault := self.target.fault(blob):
            self.problems.append(f"{name}: {fault} ({self.target.path(blob)})")


def back_up(store: Store, folder: Path) -> Backup:
    """Copies everything into a folder that is empty, or a backup of the same history. Raises StoreError."""
    _check_folder(store, folder)
    with changing(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unused(folder), _within(folder) as fresh:
            if not (folder / MARK).is_file():
                _mark(folder, complete=False)
            store.database.copy(fresh)
            return _bring_up(folder, fresh, store.blobs)


@contextmanager
def _within(folder: Path) -> Iterator[Path]:
    """Where the database is copied to; gone afterwards unless it was renamed, also what was left there earlier."""
    fresh = folder / f".{NAME}.part"
    fresh.unlink(missing_ok=True)
    try:
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def _bring_up(folder: Path, fresh: Path, pictures: Blobs) -> Backup:
    """Makes the backup what a copy of the database says."""
    with frozen(fresh) as db:
        # While the old database says what they belonged to: a backup that is cut short here is gone on with.
        unwanted = [*_forgotten_since(db, folder), *_cut_short(Blobs(folder / BLOBS))]
        (folder / BLOBS).mkdir(exist_ok=True)
        _mark(folder, complete=False)
        found = _copy(db, pictures, folder)
    for path in unwanted:
        path.unlink(missing_ok=True)
    fresh.replace(folder / NAME)
    _mark(folder, complete=True)
    sync_folder(folder)
    return found


def _cut_short(blobs: Blobs) -> list[Path]:
    """What was written by backups that were killed; no other one is under way."""
    return [file.path for folder in blobs.folder.glob("*") for file in blobs.leftovers(folder)]


def _check_folder(store: Store, folder: Path) -> None:
    inside, home = folder.resolve(), store.home.resolve()
    if inside.is_relative_to(home) or home.is_relative_to(inside):
        raise StoreError(f"{folder} and {store.home} lie in one another; choose a folder elsewhere.")
    with changing(folder):
        names = {path.name for path in folder.iterdir()} if folder.exists() else set[str]()
        if names - {LOCK} and MARK not in names:
            raise StoreError(f"{folder} is not empty and no backup; choose an empty folder.")


def _copy(db: Database, source: Blobs, folder: Path) -> Backup:
    """The pictures before the database that names them: a copy that is cut short names only what is there."""
    blobs = inspection.needed_blobs(db)
    copying = _Copying(source, Blobs(folder / BLOBS))
    for blob, name in blobs.items():
        copying.copy(name, blob)
    problems = [*inspection.damaged_database(db), *inspection.broken_links(db), *copying.problems]
    journal.dump(db, folder / journal.NAME)
    return Backup(len(blobs), len(copying.added), sum(copying.added), tuple(problems))


def _forgotten_since(db: Database, folder: Path) -> list[Path]:
    """Files of what the backup has and the history has forgotten, or which belong to nothing. Raises StoreError when it is that of another history."""
    if not (folder / NAME).exists():
        return beside(folder / NAME)
    try:
        # Somebody may have used it as a home, and have been killed.
        settle(folder / NAME)
        with frozen(folder / NAME) as old:
            _check_same_history(old, db, folder)
            had = {(session_id, number): blob for session_id, number, blob in old.execute(_FILES)}
    except Damaged as error:
        raise StoreError(f"The backup in {folder} is damaged; choose an empty folder.") from error
    gone = {had[session_id, number] for session_id, number in db.execute(_FORGOTTEN) if (session_id, number) in had}
    return [
        file.path for blob in gone - inspection.needed_blobs(db).keys() for file in Blobs(folder / BLOBS).files_of(blob)
    ]


def _check_same_history(old: Database, db: Database, folder: Path) -> None:
    """All that the backup has is here and began here: ids never change their meaning, rows stay, and the newest ones are the same.

    Two homes that were restored from one backup and went on have other newest rows.
    """
    known = set(old.execute(_SESSIONS)) <= set(db.execute(_SESSIONS))
    if not known or not all(_goes_on(old, db, table) for table in _MADE):
        raise StoreError(f"{folder} is the backup of another history; choose an empty folder.")


def _goes_on(old: Database, db: Database, table: str) -> bool:
    """Whether the newest rows of the backup are here; a session that was forgotten since has lost its log."""
    anew: dict[int, str] = dict(db.execute(_LOGS_BEGUN_ANEW).all()) if table == "operations" else {}
    return all(
        db.scalar(_THESE[table], {"session": session, "number": number}) == made or anew.get(session, "") > made
        for session, number, made in old.execute(_NEWEST[table])
    )


def _mark(folder: Path, *, complete: bool) -> None:
    content = {"format": 1, "made": datetime.now(UTC).isoformat(timespec="seconds"), "complete": complete}
    (folder / MARK).write_text(json.dumps(content) + "\n")
