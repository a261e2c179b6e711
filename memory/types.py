"""The values that leave and enter the store: what was made, from what, by whom, in which order.

Pure values; no row of the database ever leaves `memory`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

NOT_KEPT: Mapping[str, bool] = {"kept": False}
"""Among the measures of an attempt that was not kept: nothing lists such a picture until something leads to it."""


class StoreError(Exception):
    """Root of what the store raises; the message says what to do."""


class Damaged(StoreError):
    """The database can't be read any more, or makes no sense."""


class NodeKind(StrEnum):
    IMAGE = "image"
    MASK = "mask"


class Role(StrEnum):
    """What a parent was used for."""

    SOURCE = "source"
    MASK = "mask"
    REFERENCE = "reference"


class Pointer(StrEnum):
    """What an operation can move."""

    BRANCH = "branch"
    TAG = "tag"
    CURRENT = "current"
    """Which branch the session is on; its name is empty."""
    PREFERENCE = "preference"
    """What a person wants from now on; it stands at words."""

    @property
    def at_nodes(self) -> bool:
        """Whether it stands at pictures."""
        return self in AT_NODES


LONGEST_PREFERENCE = 200
"""Characters of its words."""
AT_NODES = (Pointer.BRANCH, Pointer.TAG)


class Gone(StrEnum):
    """Why the picture of a node is no more."""

    FORGOTTEN = "forgotten"
    COLLECTED = "collected"


class TurnStatus(StrEnum):
    RUNNING = "running"
    DONE = "done"
    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Call:
    """How pixels were made: complete, so that the same call on the same sources gives the same pixels."""

    tool: str
    version: str
    model: str
    arguments: Mapping[str, JsonValue]
    seed: int
    environment: Mapping[str, JsonValue] = field(default_factory=dict)
    """Where it ran: device, dtype, threads, versions of the libraries. No part of the recipe."""


@dataclass(frozen=True)
class Edge:
    parent: str
    """Id of the parent node, "n1"."""
    role: Role


@dataclass(frozen=True)
class Node:
    """One picture or mask; immutable."""

    id: str
    """"n" and its number within the session, counted from 1."""
    kind: NodeKind
    blob: str
    """sha256 (hex) of the stored PNG file."""
    width: int
    height: int
    label: str
    """What it is in a few words: the prompt or instruction that made it."""
    parents: tuple[Edge, ...]
    call: Call | None
    """None for an imported picture."""
    recipe: str
    """sha256 (hex) of call and sources, empty for an imported picture."""
    measures: Mapping[str, JsonValue]
    turn: int
    """Number of the turn that made it, counted from 1 within the session; 0 for an imported picture."""
    created: datetime
    pixels: str = ""
    """sha256 (hex) of the decoded pixels, which stays the same when the file is compressed anew; empty if not known."""
    gone: Gone | None = None
    """Set for a tombstone: the picture is no more; of a forgotten one neither are its words."""


@dataclass(frozen=True)
class NewNode:
    """A node about to be stored."""

    kind: NodeKind
    png: bytes
    width: int
    height: int
    label: str
    parents: tuple[Edge, ...] = ()
    call: Call | None = None
    recipe: str = ""
    measures: Mapping[str, JsonValue] = field(default_factory=dict)
    pixels: str = ""


@dataclass(frozen=True)
class Turn:
    """One message and all it caused."""

    number: int
    """Counted from 1 within the session."""
    said: str
    status: TurnStatus
    plan: str
    """The plan as JSON text, empty until there is one."""
    reply: str
    prompt_sha: str
    """sha256 of the prompt templates that the language model was given."""
    details: Mapping[str, JsonValue]
    """Seconds, tokens, the raw completion, notes: facts about the turn that nothing depends on."""
    started: datetime
    ended: datetime | None


@dataclass(frozen=True)
class Session:
    """One picture's story."""

    id: int
    name: str
    branch: str
    """The branch that the session is on."""
    head: str | None
    """Id of the node at the branch's head; None before the first picture."""
    created: datetime


@dataclass(frozen=True)
class Pointers:
    """Where a session stands: its branches and tags, and the branch that it is on."""

    current: str
    branches: Mapping[str, str | None]
    """Id of the head by name; None before the first picture."""
    tags: Mapping[str, str]
    """Id of the node by name."""
    preferences: Mapping[str, str] = field(default_factory=dict)
    """Words by key; what has its default is left out."""

    @property
    def head(self) -> str | None:
        return self.branches.get(self.current)


@dataclass(frozen=True)
class Move:
    """One pointer that an operation moved."""

    pointer: Pointer
    name: str
    old: str | None
    """None: there was none of that name. Else the id of a node, empty for a branch without a picture; for CURRENT the
    name of a branch, for PREFERENCE its words."""
    new: str | None


@dataclass(frozen=True)
class Operation:
    """One entry of the undo log; immutable. An undo is an operation too."""

    number: int
    """Counted from 1 within the session."""
    kind: str
    """One of OPERATIONS."""
    label: str
    """What a person would call it: the words of the turn, the reference checked out, the name of the branch."""
    moves: tuple[Move, ...]
    turn: int | None
    """The turn that it belongs to; for undo and redo the turn that is taken back or put back."""
    reverses: int | None
    """For undo and redo: the number of the operation that it takes back or puts back."""
    created: datetime

    @property
    def branch(self) -> str | None:
        """The branch whose head it moved; None where it moved none."""
        return next((move.name for move in self.moves if move.pointer is Pointer.BRANCH), None)

    @property
    def old_head(self) -> str | None:
        """Of that branch; None for a branch without a picture."""
        return next((move.old or None for move in self.moves if move.pointer is Pointer.BRANCH), None)

    @property
    def new_head(self) -> str | None:
        return next((move.new or None for move in self.moves if move.pointer is Pointer.BRANCH), None)


@dataclass(frozen=True)
class Within:
    """The turn of which going back or forth is a step; it goes on with other ones."""

    turn: int
    gone: tuple[tuple[str, int], ...] = ()
    """What went back or forth before in it, in order: "undo" or "redo", and how often."""


OPERATIONS = ("turn", "checkout", "import", "branch", "tag", "accept", "forget", "undo", "redo")


@dataclass(frozen=True)
class Found:
    """One place where the words of a search stand."""

    session: str
    """Name."""
    turn: int | None
    """Number of the turn in which it was said, if it was said."""
    node: str | None
    """Id of the node whose words they are."""
    text: str


@dataclass(frozen=True)
class Wanted:
    """The part of a session's past that is asked for; what is left out does not narrow it."""

    limit: int = 50
    """Turns and opened pictures at most, the newest ones; with `tool` or `until_node` pictures."""
    tool: str = ""
    """What made the pictures."""
    until_node: str | None = None
    """This picture, and those that it was made from."""
    since: datetime | None = None
    words: str = ""
    """Said in the turn or written of the picture, all of them."""
    at: int | None = None
    """As it was after the operation of this number."""


@dataclass(frozen=True)
class Past:
    """A part of a session's past."""

    turns: tuple[Turn, ...]
    """By number."""
    pictures: tuple[Node, ...]
    """By number; no masks. Those of the turns, and those that were opened."""
    sources: Mapping[str, tuple[str, ...]]
    """Picture → what it was made from, as ids: of `pictures` and all between them, and where anything was taken back of
    all after them too."""
    taken_back: frozenset[int]
    """Numbers of the turns that were undone, and not put back."""
    closed: frozenset[str]
    """Opened pictures of which the opening was undone."""
    more: bool
    """Whether there is more of the same before it."""
