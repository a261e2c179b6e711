"""A backup put in place of a home: checked before anything is replaced, and what it replaces is kept beside."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pentimento.memory import inspection, journal, schema
from pentimento.memory.aside import set_aside
from pentimento.memory.blobs import Blobs, sync_folder
from pentimento.memory.database import NAME, Database, frozen, settle
from pentimento.memory.files import changing
from pentimento.memory.opening import BLOBS, check_unused, unused
from pentimento.memory.sqlite import beside
from pentimento.memory.types import Damaged, StoreError

NO_BACKUP = "{0} is no backup: there is no history in its {1}; name a folder that pentimento backup has written."
DAMAGED = "The backup in {0} is damaged ({1}); take another one, or add --force to restore what is left of it."


@dataclass(frozen=True)
class Restored:
    pictures: int
    """Files, masks included."""
    aside: Path | None
    """Where what was in the home before is kept."""
    problems: tuple[str, ...]
    """What is missing or damaged, each naming the node it concerns."""


def restore(folder: Path, home: Path, *, force: bool = False) -> Restored:
    """Makes the home what the backup is. Raises StoreError, and has changed nothing then.

    `force`: a home that is not empty is set aside, and of a damaged backup is taken what there is.
    """
    home = home.resolve()
    with changing(home):
        if not (folder / NAME).is_file():
            raise StoreError(NO_BACKUP.format(folder, NAME))
        check_unused(folder)
        occupied = home.exists() and any(home.iterdir())
        if occupied and not force:
            raise StoreError(f"{home} is not empty; add --force to set aside what is there, which deletes nothing.")
        with _beside(home) as fresh:
            pictures, problems = _copy(folder, fresh)
            if problems and not force:
                more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
                raise StoreError(DAMAGED.format(folder, f"{problems[0]}{more}"))
            aside = _put(fresh, home, occupied=occupied)
    return Restored(pictures, aside, tuple(problems))


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A folder on the same disk, which is gone afterwards unless it was renamed. Raises OSError."""
    home.parent.mkdir(parents=True, exist_ok=True)
    fresh = home.with_name(f".{home.name}.{secrets.token_hex(8)}.part")
    fresh.mkdir(mode=0o700)
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _copy(folder: Path, fresh: Path) -> tuple[int, list[str]]:
    """The number of pictures that were copied, and what is wrong with the others and with the database."""
    # Also what a process that was killed while it used the backup as a home left beside the database.
    for path in (folder / NAME, *beside(folder / NAME)):
        shutil.copyfile(path, fresh / path.name)
    database = Database(fresh)
    try:
        settle(fresh / NAME)
        with frozen(fresh / NAME) as db:
            if schema.revision(db.connection()) is None:
                raise StoreError(NO_BACKUP.format(folder, NAME))
        database.upgrade()
        with database.write() as db:
            problems = [*inspection.damaged_database(db), *inspection.broken_links(db)]
            wanted = inspection.needed_blobs(db)
            journal.rewrite(db, database.journal)
    except Damaged as error:
        raise StoreError(f"The database of the backup in {folder} is damaged; take another backup.") from error
    finally:
        database.close()
    source, target = Blobs(folder / BLOBS), Blobs(fresh / BLOBS)
    target.folder.mkdir()
    problems += [f"{name}: {fault}" for blob, name in wanted.items() if (fault := _copy_picture(source, target, blob))]
    return len(wanted), problems


def _copy_picture(source: Blobs, target: Blobs, blob: str) -> str | None:
    """What is wrong with it, None when it was copied."""
    fault = source.fault(blob)
    if fault is None:
        target.write(source.read(blob))
    return fault


def _put(fresh: Path, home: Path, *, occupied: bool) -> Path | None:
    """Gives the folder the home's name; returns where what had it before is now."""
    aside = None
    if occupied:
        with unused(home):
            aside = set_aside(home)
    elif home.exists():
        home.rmdir()
    try:
        fresh.rename(home)
    except OSError:
        if aside is not None:
            aside.rename(home)
        raise
    sync_folder(home.parent)
    return aside
