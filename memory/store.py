"""The store: values in, values out. A picture's file is on the disk before the row that names it exists."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from pydantic import JsonValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session as Database
from sqlalchemy.orm import sessionmaker

from pentimento.memory import claims, inspection, lineage, log, schema, sqlite, story
from pentimento.memory.blobs import Blobs
from pentimento.memory.tables import NodeRow
from pentimento.memory.types import NewNode, Node, Operation, Role, Session, StoreError, Turn, TurnStatus


class Store:
    """Everything that was made, under one folder. Several threads and several processes may use it at once.

    Raises StoreError when the folder or its database cannot be used, and wherever an id names nothing.
    """

    def __init__(self, home: Path) -> None:
        """Creates the folder, upgrades the database, and marks the turns that dead processes left as interrupted."""
        self.home = home
        self._blobs = Blobs(home / "blobs")
        self._claims = home / "running"
        self._claim: claims.Claim | None = None
        self._writing = threading.Lock()
        self._path = home / "lineage.sqlite3"
        self._engine = sqlite.open_engine(self._path)
        self._writers = sessionmaker(self._engine)
        self._readers = sessionmaker(sqlite.reading(self._engine))
        try:
            self._open()
        except StoreError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of all files; turns still running count as interrupted from here on."""
        self._engine.dispose()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def session(self, name: str) -> Session:
        """The session of that name, created when there is none; it becomes the latest."""
        with self._write() as db:
            return story.named_session(db, name)

    def sessions(self) -> tuple[Session, ...]:
        """All sessions, most recently used first."""
        with self._read() as db:
            return story.read_sessions(db)

    def latest_session(self) -> Session | None:
        """The most recently used session."""
        return next(iter(self.sessions()), None)

    def begin_turn(self, session_id: int, said: str) -> Turn:
        """Records what was said before anything is done about it."""
        owner = self._claim_turns()
        with self._write() as db:
            story.use(db, session_id)
            return story.begin(db, session_id, said, owner)

    def end_turn(
        self,
        session_id: int,
        number: int,
        status: TurnStatus,
        *,
        plan: str = "",
        reply: str = "",
        prompt_sha: str = "",
        details: Mapping[str, JsonValue] | None = None,
    ) -> Turn:
        """Records what a turn came to. Raises StoreError when it is not running."""
        with self._write() as db:
            return story.end(db, session_id, number, status, plan, reply, prompt_sha, details or {})

    def add_nodes(
        self, session_id: int, turn: int, nodes: Sequence[NewNode], head: int | None, expected_head: str | None
    ) -> tuple[Node, ...]:
        """Stores what one step made, all or nothing, and moves the branch's head to `nodes[head]` (None: leaves it).

        An edge may name a node of the same batch: "+0" is the first. `expected_head` is the head that the step began
        with; when another process has moved it, the nodes land on a fresh branch "NAME~2", which becomes the session's.
        """
        stored = [(new, self._blobs.write(new.png)) for new in nodes]
        with self._write() as db:
            said = story.one_turn(db, session_id, turn).said
            numbers = lineage.insert_nodes(db, session_id, turn, stored)
            if head is not None:
                log.extend(db, session_id, said, expected_head, numbers[head], turn)
            return lineage.numbered(db, session_id, numbers)

    def import_image(self, session_id: int, new: NewNode) -> Node:
        """Stores a picture that a person opened; it becomes the head."""
        blob = self._blobs.write(new.png)
        with self._write() as db:
            session = story.use(db, session_id)
            numbers = lineage.insert_nodes(db, session_id, None, [(new, blob)])
            log.move(db, session, "import", new.label, numbers[0])
            return lineage.numbered(db, session_id, numbers)[0]

    def checkout(self, session_id: int, node_id: str, turn: int | None = None) -> Operation:
        """Moves the head to a picture; as part of a turn it is undone together with the rest of it."""
        with self._write() as db:
            session = story.use(db, session_id)
            number = lineage.picture_number(db, session_id, node_id)
            return log.move(db, session, "checkout", node_id, number, turn)

    def undo(self, session_id: int, n: int = 1) -> tuple[Operation, ...]:
        """Takes back the last n turns, checkouts or imports, each whole; as many as there are when there are fewer.

        One operation for each one that is taken back, in that order. Raises StoreError when there is none.
        """
        with self._write() as db:
            story.use(db, session_id)
            undone = tuple(operation for _ in range(n) for operation in log.undo(db, session_id))
        if not undone:
            raise StoreError("There is nothing left to undo.")
        return undone

    def redo(self, session_id: int, n: int = 1) -> tuple[Operation, ...]:
        """Puts back what the last n undos took back; the counterpart of `undo`."""
        with self._write() as db:
            story.use(db, session_id)
            redone = tuple(operation for _ in range(n) for operation in log.redo(db, session_id))
        if not redone:
            raise StoreError("There is nothing left to redo.")
        return redone

    def operations(self, session_id: int) -> tuple[Operation, ...]:
        """The whole log, oldest first."""
        with self._read() as db:
            return log.read(db, session_id)

    def turns(self, session_id: int, limit: int | None = None) -> tuple[Turn, ...]:
        """The newest turns, oldest first."""
        with self._read() as db:
            return story.read_turns(db, session_id, limit)

    def node(self, session_id: int, node_id: str) -> Node:
        with self._read() as db:
            return lineage.numbered(db, session_id, [lineage.known_number(db, session_id, node_id)])[0]

    def nodes(self, session_id: int, ids: Sequence[str] | None = None) -> tuple[Node, ...]:
        """All nodes in the order in which they were made, or the ones asked for in the order asked for."""
        with self._read() as db:
            if ids is None:
                return lineage.read_nodes(db, lineage.of_session(session_id).order_by(NodeRow.number))
            return lineage.numbered(db, session_id, [lineage.known_number(db, session_id, one) for one in ids])

    def images(self, session_id: int, limit: int) -> tuple[Node, ...]:
        """The newest pictures, newest first; no masks."""
        with self._read() as db:
            return lineage.read_nodes(db, lineage.newest_images(session_id, limit))

    def ancestors(self, session_id: int, node_id: str, role: Role = Role.SOURCE, limit: int = 50) -> tuple[Node, ...]:
        """What a node was made from, and what that was made from …, nearest first; at a merge, the first source."""
        with self._read() as db:
            number = lineage.known_number(db, session_id, node_id)
            return lineage.read_nodes(db, lineage.chain(session_id, number, role, limit))

    def find_recipe(self, recipe: str) -> tuple[Node, ...]:
        """The picture that a call of this recipe made, in any session, then its masks; empty when none is stored whole.

        The ids belong to the session that made them; take the blobs and measures.
        """
        if not recipe:
            return ()
        with self._read() as db:
            found = lineage.find_recipe(db, recipe)
        return () if any(self._blobs.fault(node.blob) for node in found) else found

    def path(self, node: Node) -> Path:
        """The PNG file of a node."""
        return self._blobs.path(node.blob)

    def png(self, node: Node) -> bytes:
        """The PNG file's bytes; raises StoreError when they are not the ones that were stored."""
        return self._blobs.read(node.blob)

    def verify(self) -> tuple[str, ...]:
        """Every problem found, each naming the node it concerns; empty when all is well."""
        with self._read() as db:
            found = [*inspection.damaged_database(db), *inspection.broken_links(db)]
            pictures = inspection.named_blobs(db)
        return (*found, *inspection.damaged_blobs(pictures, self._blobs))

    def _open(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self._blobs.folder, self._claims):
                folder.mkdir(exist_ok=True)
                TemporaryFile(dir=folder).close()
            with claims.alone(self.home / "open.lock"), self._plain_errors():
                sqlite.check_writable(self._path)
                schema.upgrade(self._engine)
                with self._writers.begin() as db:
                    story.interrupt_abandoned(db, self._claims)
        except OSError as error:
            raise StoreError(
                f"The data directory {self.home} cannot be used ({error.strerror}); make it writable or choose another"
                " one with PENTIMENTO_HOME."
            ) from error

    def _claim_turns(self) -> str:
        with self._writing:
            if self._claim is None:
                try:
                    self._claim = claims.claim(self._claims)
                except OSError as error:
                    raise StoreError(
                        f"{self._claims} cannot be written ({error.strerror}); make it writable and try again."
                    ) from error
            return self._claim.token

    @contextmanager
    def _read(self) -> Iterator[Database]:
        with self._plain_errors(), self._readers.begin() as db:
            yield db

    @contextmanager
    def _write(self) -> Iterator[Database]:
        # One writer at a time in this process: two connections that write and checkpoint at once can damage the
        # database under SQLite before 3.51.3.
        with self._writing, self._plain_errors(), self._writers.begin() as db:
            yield db

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(sqlite.meaning(error, self._path)) from error
        except UnicodeEncodeError as error:
            raise StoreError("The text holds characters that are not valid Unicode; take them out.") from error
        except ValueError as error:
            # A row that does not read back as what was stored: torn text, JSON, a date or a word of an enumeration.
            raise StoreError(sqlite.DAMAGED.format(path=self._path)) from error
