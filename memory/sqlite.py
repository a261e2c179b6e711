"""What only SQLite can do: its pragmas, how transactions begin, and what its errors mean to a person."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from pentimento.memory.types import StoreError

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    # Memory-mapped reads make the known WAL defects of older versions worse and gain nothing at this size.
    "PRAGMA mmap_size = 0",
)

UNWRITABLE = "{path} cannot be written; make it writable or choose another data directory with PENTIMENTO_HOME."
DAMAGED = "{path} is damaged; put it back from a backup, or move it away to start anew."
BROKEN = "The history has links that lead nowhere, so it can't be brought to the new form; put it back from a backup."
MEANINGS = {
    "SQLITE_BUSY": "Another program keeps {path} busy; close it and try again.",
    "SQLITE_FULL": "There is no space left for {path}; free some and try again.",
    "SQLITE_READONLY": UNWRITABLE,
    "SQLITE_CANTOPEN": UNWRITABLE,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_IOERR": "The disk failed while {path} was used; check the disk and its free space, then try again.",
}


def open_engine(path: Path) -> Engine:
    """An engine whose transactions begin IMMEDIATE: a writer waits for its turn instead of failing half-way."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables may be replaced; it is given up when it leaves a broken link.

    Foreign keys can't be switched within a transaction. Raises StoreError.
    """
    with engine.connect() as connection:
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise StoreError(BROKEN)
        finally:
            driver.execute("PRAGMA foreign_keys = ON")


def check_writable(path: Path) -> None:
    """Raises StoreError for a file that may only be read: SQLite would open it and fail at the first change.

    The file is not opened for this: closing it would drop the locks that this process holds on it.
    """
    if path.exists() and not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise StoreError(UNWRITABLE.format(path=path))


def reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read; they wait for nobody."""
    return engine.execution_options(begin="BEGIN")


def meaning(error: DBAPIError, path: Path) -> str:
    """One sentence that says what happened and what to do."""
    name = getattr(error.orig, "sqlite_errorname", "")
    for prefix, sentence in MEANINGS.items():
        if name.startswith(prefix):
            return sentence.format(path=path)
    return f"{path} refused the change ({error.orig}); nothing was changed."


def _prepare(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # None: the driver begins no transactions of its own, which would be deferred ones.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))
