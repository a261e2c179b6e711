"""What only SQLite can do: its pragmas, how transactions begin, and what its errors mean to a person."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import cast
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from pentimento.memory.types import Damaged, StoreError

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
    # Memory-mapped reads make the known WAL defects of older versions worse and gain nothing at this size.
    "PRAGMA mmap_size = 0",
)
LOCAL = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")
# The index of a write-ahead log is shared memory, which two machines do not share.
NETWORK = ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = FULL")
SAFE_WITH_SEVERAL = (3, 51, 3)
"""From this version on, several processes that write and checkpoint at once can't damage a database with a write-ahead log."""

UNWRITABLE = "{path} cannot be written; make it writable or choose another data directory with PENTIMENTO_HOME."
DAMAGED = "{path} is damaged; put it back from a backup, or rebuild it with pentimento recover."
BROKEN = "The history has links that lead nowhere, so it can't be brought to the new form; put it back from a backup."
BROKEN_FILE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
BROKEN_CONTENT = "Could not decode|^no such (table|column)|has no column named|malformed JSON|JSON cannot hold BLOB"
MEANINGS = {
    "SQLITE_BUSY": "Another program keeps {path} busy; close it and try again.",
    "SQLITE_FULL": "There is no space left for {path}; free some and try again.",
    "SQLITE_READONLY": UNWRITABLE,
    "SQLITE_CANTOPEN": UNWRITABLE,
    "SQLITE_IOERR": "The disk failed while {path} was used; check the disk and its free space, then try again.",
}


def open_engine(path: Path, *, network: bool = False) -> Engine:
    """An engine whose transactions begin IMMEDIATE: a writer waits for its turn instead of failing half-way."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", partial(_prepare, pragmas=(*PRAGMAS, *(NETWORK if network else LOCAL))))
    event.listen(engine, "begin", _begin)
    return engine


def open_frozen(path: Path) -> Engine:
    """An engine that reads a database which nobody writes to, and leaves no file beside it."""
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False))
    event.listen(engine, "connect", partial(_prepare, pragmas=PRAGMAS))
    return engine


def copy(engine: Engine, target: Path) -> None:
    """A consistent copy in one file, while others write. Raises sqlite3.Error and what SQLAlchemy raises."""
    with engine.connect() as connection, closing(sqlite3.connect(target)) as there:
        driver(connection).backup(there)
        there.execute("PRAGMA journal_mode = DELETE")
        there.execute("PRAGMA user_version = 0")


def beside(path: Path) -> list[Path]:
    """The files that belong to a database while it is written to, and after its writer was killed."""
    names = (f"{path.name}-wal", f"{path.name}-journal")
    return [file for file in map(path.with_name, names) if file.exists()]


def settle(path: Path) -> None:
    """Writes what is beside a database into it, or takes back what was begun, and removes it; nobody else may have it open.

    Raises sqlite3.Error.
    """
    if beside(path):
        with closing(sqlite3.connect(path)) as there:
            there.execute("SELECT count(*) FROM sqlite_master").fetchone()
            there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            there.execute("PRAGMA journal_mode = DELETE")


def scrub(engine: Engine) -> bool:
    """Rewrites the file so that nothing deleted is left in it; False when another program reads the old pages yet."""
    with engine.connect() as connection:
        try:
            driver(connection).execute("VACUUM")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            return False
        busy, *_ = driver(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def user_version(db: Session) -> int:
    """A number of 31 bits that SQLite keeps in the file for its owner."""
    return int(db.execute(text("PRAGMA user_version")).scalar_one())


def set_user_version(db: Session, number: int) -> None:
    db.execute(text(f"PRAGMA user_version = {number:d}"))


def driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.driver_connection)


@contextmanager
def without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables may be replaced; it is given up when it leaves a broken link.

    Foreign keys can't be switched within a transaction. Raises StoreError.
    """
    with engine.connect() as connection:
        driver(connection).execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise StoreError(BROKEN)
        finally:
            driver(connection).execute("PRAGMA foreign_keys = ON")


def check_writable(path: Path) -> None:
    """Raises StoreError for a file that may only be read: SQLite would open it and fail at the first change.

    The file is not opened for this: closing it would drop the locks that this process holds on it.
    """
    if path.exists() and not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise StoreError(UNWRITABLE.format(path=path))


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read; they wait for nobody."""
    return engine.execution_options(begin="BEGIN")


def meaning(error: Exception, path: Path) -> StoreError:
    """What happened and what to do in one sentence; Damaged where that is why."""
    cause = getattr(error, "orig", error)
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith(BROKEN_FILE) or re.search(BROKEN_CONTENT, str(cause)):
        return damaged(path)
    for prefix, sentence in MEANINGS.items():
        if name.startswith(prefix):
            return StoreError(sentence.format(path=path))
    return StoreError(f"{path} refused the change ({cause}); nothing was changed.")


def damaged(path: Path) -> Damaged:
    return Damaged(DAMAGED.format(path=path))


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry, pragmas: tuple[str, ...]) -> None:
    # None: the driver begins no transactions of its own, which would be deferred ones.
    connection.isolation_level = None
    for pragma in pragmas:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))
