"""One session's pictures and turns: to look at, to bring in, to take out. Nothing here plans or runs anything."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from PIL import Image

from pentimento.agent import bundle, metadata, origin, pictures, references
from pentimento.agent.history import one_line
from pentimento.agent.looking import Ledger, Look, Operation, Pointers, TurnLedger, Wanted
from pentimento.agent.new_nodes import new_node
from pentimento.agent.origin import Place
from pentimento.agent.progress import Clock
from pentimento.agent.types import AgentError, MadeNode, Node, NodeKind, Turn, TurnResult, TurnStatus
from pentimento.memory import past
from pentimento.memory.store import Store
from pentimento.memory.types import Session

LAST = 0
"""Stands for the number of the last turn."""


class Album:
    """What is kept of one session. Raises `StoreError` wherever the store can't be used."""

    def __init__(self, store: Store, name: str, limits: str) -> None:
        """`limits` is what a person should know before working on a picture of their own; said at the first one."""
        self.name = name
        self._store = store
        self._limits = limits

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about where the history lies and who else has it open."""
        return self._store.warnings

    def open_picture(self, path: Path) -> TurnResult:
        """Start from a person's own picture, or go to where the session has it already; `AgentError` when it can't be
        opened."""
        clock = Clock()
        opened, name = pictures.read_picture(path), pictures.printable(path.name)
        session, made = self._session(), list[MadeNode]()
        with clock.stage("store"):
            place = origin.place_of(self._store, session, opened)
            if place is not None and place.session.id == session.id:
                head, reply = place.node.id, self._return_to(session, place.node)
            else:
                new, reply = self._begin_with(session, opened.image, name, place)
                made, head = [new], new.node.id
        return TurnResult(f"open {name}", None, reply, tuple(made), head, TurnStatus.DONE, clock.seconds())

    def versions(self, limit: int = 200) -> tuple[MadeNode, ...]:
        """The newest pictures, oldest first; no masks."""
        return tuple(self._made(node) for node in reversed(self._store.images(self._session().id, limit)))

    def pointers(self) -> Pointers:
        """Branches and tags as they are, and the branch that the session is on."""
        return self._store.pointers(self._session().id)

    def turns(self, limit: int = 50) -> tuple[Turn, ...]:
        """The newest turns, oldest first."""
        return self._store.turns(self._session().id, limit)

    def head(self) -> MadeNode | None:
        """The picture that the session is at."""
        session = self._session()
        return self._made(self._store.node(session.id, session.head)) if session.head else None

    def show(self, ref: str) -> MadeNode:
        """The node that a reference names; `AgentError` with the nearest candidates when it names none."""
        return self._made(references.resolve(self._store, self._session(), ref))

    def look(self, wanted: Wanted, branch: str = "") -> Look:
        """A part of the past; of what led to a branch only, if one is named. `AgentError` where there is none of a name."""
        session = self._session()
        pointers = self._store.pointers(session.id, wanted.at)
        if branch:
            head = references.resolve(self._store, session, f"branch:{branch}", past=pointers)
            wanted = replace(wanted, until_node=head.id)
        found = past.read(self._store.database, session.id, wanted)
        if wanted.tool and not found.pictures:
            self._check_tool(session, wanted.tool)
        return Look(self.name, found, pointers, self._paths(found.pictures))

    def look_everywhere(self, wanted: Wanted) -> Iterator[Look]:
        """The sessions in which the words stand, and where; the session used last comes last."""
        named = past.sessions_with(self._store.database, wanted.words)
        for session in reversed([one for one in self._store.sessions() if one.id in named]):
            found = past.read(self._store.database, session.id, wanted)
            if found.turns or found.pictures:
                yield Look(session.name, found, self._store.pointers(session.id), self._paths(found.pictures))

    def operations(self, limit: int, at: int | None = None) -> tuple[Operation, ...]:
        """The newest operations, oldest first."""
        return past.operations(self._store.database, self._session().id, limit, at)

    def ledger(self, ref: str, at: int | None = None) -> Ledger:
        """All that is known of a picture or mask; `at`: the reference means what it meant after that operation."""
        session = self._session()
        pointers = self._store.pointers(session.id, at)
        node = references.resolve(self._store, session, ref, past=pointers)
        turn = past.turn(self._store.database, session.id, node.turn) if node.turn else None
        children = past.children(self._store.database, session.id, node.id)
        return Ledger(self._made(node), turn, children, pointers)

    def turn_ledger(self, number: int = LAST) -> TurnLedger:
        """All that is known of a turn, whatever came of it; `AgentError` where there is none of that number."""
        session, newest = self._session(), self.turns(1)
        if not newest:
            raise AgentError("There is no turn yet; say something first.")
        if number > newest[-1].number:
            raise AgentError(f"There is no turn {number}; the last one is {newest[-1].number}.")
        turn = past.turn(self._store.database, session.id, number or newest[-1].number)
        made = past.made_in(self._store.database, session.id, turn.number)
        return TurnLedger(turn, tuple(map(self._made, made)))

    def export(self, ref: str, path: Path, *, force: bool = False, keep: bool = False, at: int | None = None) -> Path:
        """Write a picture to a file, by its suffix; an existing file is replaced only when forced. `AgentError`.

        `keep`: the file holds the recipe and the words too. `at`: as for `ledger`.
        """
        session, form = self._session(), pictures.form_of(path)
        node = self._then(session, ref, at)
        text = origin.text_of(self._store, session, node, metadata.LIMITS[form]) if keep else ""
        return pictures.write_picture(self._store.png(node), path, force=force, text=text)

    def export_bundle(self, ref: str | None, path: Path, *, force: bool = False, at: int | None = None) -> Path:
        """Write the session, or a picture and all that it was made from, to a .zip that `open` restores. `AgentError`."""
        session = self._session()
        node = None if ref is None else self._then(session, ref, at)
        return bundle.write_bundle(self._store, session, node, path, force=force)

    def _then(self, session: Session, ref: str, at: int | None) -> Node:
        past_pointers = None if at is None else self._store.pointers(session.id, at)
        return references.resolve(self._store, session, ref, past=past_pointers)

    def _return_to(self, session: Session, node: Node) -> str:
        if node.id != session.head:
            self._store.checkout(session.id, node.id)
        return f"This is {node.id}, {one_line(node.label)}, of the session {session.name}."

    def _begin_with(self, session: Session, image: Image.Image, name: str, place: Place | None) -> tuple[MadeNode, str]:
        first = not past.opened_any(self._store.database, session.id)
        made = self._made(self._store.import_image(session.id, new_node(NodeKind.IMAGE, image, name)))
        reply = f"Opened {name}, {image.width} × {image.height} pixels."
        if place is not None:
            there = place.session.name
            reply = (
                f"{reply} Its history is {place.node.id} of the session {there}; go on there with --session {there}."
            )
        return made, f"{reply} {self._limits}" if first and self._limits else reply

    def _check_tool(self, session: Session, tool: str) -> None:
        known = past.tools(self._store.database, session.id)
        if tool not in known:
            raise AgentError(
                f"No picture was made by {tool}; those there are were made by: {', '.join(known) or 'none'}."
            )

    def _session(self) -> Session:
        return self._store.session(self.name)

    def _paths(self, nodes: Iterable[Node]) -> Mapping[str, Path]:
        return {node.id: self._store.path(node) for node in nodes}

    def _made(self, node: Node) -> MadeNode:
        return MadeNode(node, self._store.path(node))
