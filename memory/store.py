"""The store: values in, values out. A picture's file is on the disk before the row that names it exists."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import JsonValue

from pentimento.memory import acceptance, along, inspection, lineage, log, opening, pointers, search, story
from pentimento.memory.blobs import Blobs
from pentimento.memory.claims import Claim
from pentimento.memory.database import Database
from pentimento.memory.filesystem import MOUNTS
from pentimento.memory.ids import node_id
from pentimento.memory.tables import NodeRow, SessionRow
from pentimento.memory.types import (
    Found,
    Move,
    NewNode,
    Node,
    Operation,
    Pointer,
    Pointers,
    Role,
    Session,
    StoreError,
    Turn,
    TurnStatus,
    Within,
)


class Store:
    """Everything that was made, under one folder. Several threads and several processes may use it at once.

    Raises StoreError when the folder or its database cannot be used, and wherever an id names nothing.
    """

    warnings: tuple[str, ...] = ()
    """What a person should know about where the history lies and who else has it open, a sentence each."""

    def __init__(self, home: Path, mounts: Path = MOUNTS) -> None:
        """Creates the folder, upgrades the database, and marks the turns that dead processes left as interrupted."""
        self.home = home
        self.database = Database(home, mounts)
        self.blobs = Blobs(home / opening.BLOBS)
        self._claim: Claim | None = None
        try:
            self._claim, self.warnings = opening.open_home(home, self.database)
        except StoreError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of all files; turns still running count as interrupted from here on."""
        self.database.close()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def session(self, name: str) -> Session:
        """The session of that name, created when there is none; it becomes the latest."""
        with self.database.read() as db:
            latest = story.latest_session(db, name)
        if latest is not None:
            return latest
        with self.database.write() as db:
            return story.named_session(db, name)

    def sessions(self) -> tuple[Session, ...]:
        """All sessions that were not forgotten, most recently used first."""
        with self.database.read() as db:
            return story.read_sessions(db, SessionRow.used > 0)

    def latest_session(self) -> Session | None:
        """The most recently used session."""
        return next(iter(self.sessions()), None)

    def begin_turn(self, session_id: int, said: str) -> Turn:
        """Records what was said before anything is done about it."""
        if self._claim is None:
            raise StoreError("The history is closed; open it again.")
        with self.database.write() as db:
            story.use(db, session_id)
            return story.begin(db, session_id, said, self._claim.token)

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
        with self.database.write() as db:
            return story.end(db, session_id, number, status, plan, reply, prompt_sha, details or {})

    def add_nodes(
        self, session_id: int, turn: int, nodes: Sequence[NewNode], head: int | None, expected_head: str | None
    ) -> tuple[Node, ...]:
        """Stores what one step made, all or nothing, and moves the branch's head to `nodes[head]` (None: leaves it).

        An edge may name a node of the same batch: "+0" is the first. `expected_head` is the head that the step began
        with; when another process has moved it, the nodes land on a fresh branch "NAME~2", which becomes the session's.
        """
        stored = [(new, self.blobs.write(new.png)) for new in nodes]
        with self.database.write() as db:
            said = story.one_turn(db, session_id, turn).said
            for new, blob in stored:
                self.blobs.put_back(blob, new.png)
            numbers = lineage.insert_nodes(db, session_id, turn, stored)
            if head is not None:
                log.extend(db, session_id, said, expected_head, node_id(numbers[head]), turn)
            return lineage.numbered(db, session_id, numbers)

    def note(self, session_id: int, turn: int) -> Operation:
        """Has a turn that moved nothing taken back by itself, as one that did."""
        with self.database.write() as db:
            session, said = story.use(db, session_id), story.one_turn(db, session_id, turn).said
            return log.move_head(db, session, "turn", said, session.head or "", turn)

    def import_image(self, session_id: int, new: NewNode) -> Node:
        """Stores a picture that a person opened; it becomes the head."""
        blob = self.blobs.write(new.png)
        with self.database.write() as db:
            session = story.use(db, session_id)
            self.blobs.put_back(blob, new.png)
            numbers = lineage.insert_nodes(db, session_id, None, [(new, blob)])
            log.move_head(db, session, "import", new.label, node_id(numbers[0]))
            return lineage.numbered(db, session_id, numbers)[0]

    def checkout(self, session_id: int, node: str, turn: int | None = None) -> Operation:
        """Moves the head to a picture; as part of a turn it is undone together with the rest of it."""
        with self.database.write() as db:
            session = story.use(db, session_id)
            lineage.picture_number(db, session_id, node)
            return log.move_head(db, session, "checkout", node, node, turn)

    def switch(self, session_id: int, branch: str, turn: int | None = None) -> Operation:
        """Goes to another branch, as it stands. Raises StoreError when there is none of that name."""
        with self.database.write() as db:
            story.use(db, session_id)
            return log.do(db, session_id, "checkout", branch, [pointers.switching(db, session_id, branch)], turn)

    def branch(
        self, session_id: int, name: str, node: str, turn: int | None = None, *, numbered: bool = False
    ) -> Operation:
        """Makes a branch that begins at a picture; the session is on it afterwards. Raises StoreError for a name that
        can't be one, and for one that is taken unless it may be `numbered`: "NAME~2"."""
        with self.database.write() as db:
            session, found = story.use(db, session_id), pointers.read(db, session_id)
            if pointers.checked_name(name) in found.branches:
                if not numbered:
                    raise StoreError(f"There is a branch {name} already; choose another name or go there.")
                name = pointers.free_name(name, found.branches)
            lineage.picture_number(db, session_id, node)
            moves = [Move(Pointer.BRANCH, name, None, node), Move(Pointer.CURRENT, "", session.branch, name)]
            return log.do(db, session_id, "branch", f"branch {name}", moves, turn)

    def accept(self, session_id: int, turn: int | None = None) -> Operation:
        """Moves the branch from which the present one was made to where the present one stands, and goes back to it.

        What was done there meanwhile is kept on a branch beside it, "NAME~2". Raises StoreError when the present branch was
        not made from another one.
        """
        with self.database.write() as db:
            session = story.use(db, session_id)
            moves = acceptance.moves(db, session)
            return log.do(db, session_id, "accept", f"accept {session.branch}", moves, turn)

    def tag(self, session_id: int, name: str, node: str | None, turn: int | None = None) -> Operation:
        """Gives a picture a name, or takes the name away (None). A name that there is moves to the picture."""
        with self.database.write() as db:
            story.use(db, session_id)
            move = pointers.tagging(db, session_id, name, node)
            if node is not None:
                lineage.picture_number(db, session_id, node)
            return log.do(db, session_id, "tag", f"tag {name}", [move], turn)

    def prefer(self, session_id: int, key: str, words: str | None, turn: int) -> Operation:
        """What a person wants from now on; None: no more. Raises StoreError for more words than anybody needs."""
        with self.database.write() as db:
            said, move = story.one_turn(db, session_id, turn).said, pointers.preferring(db, session_id, key, words)
            return log.do(db, session_id, "turn", said, [move], turn)

    def pointers(self, session_id: int, at: int | None = None) -> Pointers:
        """Branches and tags, as they are or as they were right after the operation of that number."""
        with self.database.read() as db:
            return pointers.read(db, session_id) if at is None else pointers.at(db, session_id, at)

    def search(self, words: str, session_id: int | None = None, limit: int = 50) -> tuple[Found, ...]:
        """Where all of these words were said or written, newest first, in one session or in all."""
        with self.database.read() as db:
            return search.find(db, words, session_id, limit)

    def undo(self, session_id: int, n: int = 1, within: Within | None = None) -> tuple[Operation, ...]:
        """Takes back the last n turns, checkouts or imports, each whole; as many as there are when there are fewer.

        One operation for each one that is taken back, in that order; those themselves where it is `within` a turn that goes
        on, which is then taken back as a whole. Raises StoreError when there is none.
        """
        return self._reversed(session_id, "undo", n, within)

    def redo(self, session_id: int, n: int = 1, within: Within | None = None) -> tuple[Operation, ...]:
        """Puts back what the last n undos took back; the counterpart of `undo`."""
        return self._reversed(session_id, "redo", n, within)

    def _reversed(self, session_id: int, kind: str, n: int, within: Within | None) -> tuple[Operation, ...]:
        with self.database.write() as db:
            story.use(db, session_id)
            if within is not None:
                said = story.one_turn(db, session_id, within.turn).said
                done = along.go(db, session_id, within, (kind, n), said)
            else:
                reverse = log.undo if kind == "undo" else log.redo
                done = tuple(operation for _ in range(n) for operation in reverse(db, session_id))
            if not done:
                raise StoreError(f"There is nothing left to {kind}.")
            return done

    def operations(self, session_id: int) -> tuple[Operation, ...]:
        """The whole log, oldest first."""
        with self.database.read() as db:
            return log.read(db, session_id)

    def turns(self, session_id: int, limit: int | None = None) -> tuple[Turn, ...]:
        """The newest turns, oldest first."""
        with self.database.read() as db:
            return story.read_turns(db, session_id, limit)

    def node(self, session_id: int, node: str) -> Node:
        with self.database.read() as db:
            return lineage.numbered(db, session_id, [lineage.known_number(db, session_id, node)])[0]

    def nodes(self, session_id: int, ids: Sequence[str] | None = None) -> tuple[Node, ...]:
        """All nodes in the order in which they were made, or the ones asked for in the order asked for."""
        with self.database.read() as db:
            if ids is None:
                return lineage.read_nodes(db, lineage.of_session(session_id).order_by(NodeRow.number))
            return lineage.numbered(db, session_id, [lineage.known_number(db, session_id, one) for one in ids])

    def images(self, session_id: int, limit: int) -> tuple[Node, ...]:
        """The newest pictures, newest first; no masks."""
        with self.database.read() as db:
            return lineage.read_nodes(db, lineage.newest_images(session_id, limit))

    def first_image(self, session_id: int) -> Node | None:
        """The first picture that there still is."""
        with self.database.read() as db:
            return next(iter(lineage.read_nodes(db, lineage.first_image(session_id))), None)

    def ancestors(
        self, session_id: int, node: str, role: Role = Role.SOURCE, limit: int = 50, since: str | None = None
    ) -> tuple[Node, ...]:
        """What a node was made from, and what that was made from …, nearest first; at a merge, the first source.

        With `since`, no further back than to that node, or to the first that is older.
        """
        with self.database.read() as db:
            return lineage.ancestors(db, session_id, node, role, limit, since)

    def find_recipe(self, recipe: str) -> tuple[Node, ...]:
        """The picture that a call of this recipe made, in any session, then its masks; empty when none is stored whole.

        The ids belong to the session that made them; take the blobs and measures.
        """
        if not recipe:
            return ()
        with self.database.read() as db:
            found = lineage.find_recipe(db, recipe)
        return () if any(self.blobs.fault(node.blob) for node in found) else found

    def path(self, node: Node) -> Path:
        """The PNG file of a node."""
        return self.blobs.path(node.blob)

    def png(self, node: Node) -> bytes:
        """The PNG file's bytes; raises StoreError when they are not the ones that were stored, or are no more."""
        if node.gone is not None:
            raise StoreError(f"{node.id} was {node.gone}: its picture is no more; choose another one.")
        return self.blobs.read(node.blob)

    def verify(self) -> tuple[str, ...]:
        """Every problem found, each naming the node it concerns; empty when all is well."""
        found = inspection.database_problems(self.database)
        with self.database.read() as db:
            pictures = inspection.named_blobs(db)
        return (*found, *inspection.damaged_blobs(pictures, self.blobs))
