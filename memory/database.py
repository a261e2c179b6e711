"""The database of one home: transactions that read, transactions that write, and errors that say what to do."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import Session, sessionmaker

from pentimento.memory import claims, filesystem, journal, schema, sqlite
from pentimento.memory.types import StoreError

NAME, LOCK = "lineage.sqlite3", "write.lock"


class Database:
    """Usable by several threads; other processes may have the same file open."""

    def __init__(self, home: Path, mounts: Path = filesystem.MOUNTS) -> None:
        """`mounts` is a file in the form of Linux' /proc/self/mountinfo."""
        self.path = home / NAME
        self.journal = home / journal.NAME
        self.writing = threading.Lock()
        """One writer at a time in this process, and by the file `write.lock` in all processes: two connections that write
        and checkpoint at once can damage the database under SQLite before 3.51.3, and SQLite lets newcomers go first."""
        self.patience = 30.0
        """Seconds that a writer waits for the others."""
        self.network = filesystem.network_of(home, mounts)
        """Name of the network file system that it lies on, if it lies on one."""
        self._engine = sqlite.open_engine(self.path, network=self.network is not None)
        self._writers = sessionmaker(self._engine)
        self._readers = sessionmaker(sqlite.reading(self._engine))

    def upgrade(self) -> None:
        """Brings the file to the schema of this program, or makes it. Raises StoreError, and OSError for the journal."""
        with plain_errors(self.path):
            sqlite.check_writable(self.path)
            schema.upgrade(self._engine)

    def scrub(self) -> bool:
        """Leaves nothing of what was deleted in the files; False when another program is in the way."""
        with self.writing, self._in_turn(), plain_errors(self.path):
            return sqlite.scrub(self._engine)

    def copy(self, target: Path) -> None:
        """Writes all that is committed to a file of its own, while others write. Raises StoreError."""
        with plain_errors(target):
            sqlite.copy(self._engine, target)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with plain_errors(self.path), self._readers.begin() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[Session]:
        """All or nothing; what is noted for the journal is in it before it is in the database."""
        with (
            self.writing,
            self._in_turn(),
            plain_errors(self.path),
            self._writers() as db,
            self._line_taken_back(db),
            db.begin(),
        ):
            yield db
            db.flush()
            try:
                journal.append(db, self.journal)
            except OSError as error:
                raise StoreError(
                    f"{self.journal} can't be written ({error.strerror}); free some space or make it writable, then try"
                    " again. Nothing was changed."
                ) from error

    @contextmanager
    def _line_taken_back(self, db: Session) -> Iterator[None]:
        """Of the journal, when the database does not take the transaction after all: what never was must not be recovered."""
        try:
            yield
        except DBAPIError:
            # Without a write-ahead log a transaction may count although its end was reported as an error.
            if self.network is None:
                journal.take_back(db, self.journal)
            raise

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        lock = self.path.with_name(LOCK)
        with ExitStack() as turn:
            try:
                turn.enter_context(claims.in_turn(lock, self.patience))
            except TimeoutError as error:
                raise StoreError(sqlite.MEANINGS["SQLITE_BUSY"].format(path=self.path)) from error
            except OSError as error:
                raise StoreError(sqlite.UNWRITABLE.format(path=lock)) from error
            yield


@contextmanager
def frozen(path: Path) -> Iterator[Session]:
    """A database that nobody writes to, to be read; no file comes to be beside it. Raises StoreError."""
    engine = sqlite.open_frozen(path)
    try:
        with plain_errors(path), Session(engine) as db:
            yield db
    finally:
        engine.dispose()


def settle(path: Path) -> None:
    """Brings into a database what a process that was killed left beside it. Raises StoreError."""
    with plain_errors(path):
        sqlite.settle(path)


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Errors of the database as StoreError with one sentence."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise sqlite.meaning(error, path) from error
    except UnicodeEncodeError as error:
        raise StoreError("The text holds characters that are not valid Unicode; take them out.") from error
    except (ValueError, NoResultFound) as error:
        # A text that is no date, no JSON or no known word: the schema lets none in.
        raise sqlite.damaged(path) from error
