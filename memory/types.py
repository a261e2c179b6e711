"""The values that leave and enter the store: what was made, from what, by whom, in which order.

Pure values; no row of the database ever leaves `memory`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue


class StoreError(Exception):
    """Root of what the store raises; the message says what to do."""


class NodeKind(StrEnum):
    IMAGE = "image"
    MASK = "mask"


class Role(StrEnum):
    """What a parent was used for."""

    SOURCE = "source"
    MASK = "mask"
    REFERENCE = "reference"


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
class Operation:
    """One entry of the undo log; immutable. An undo is an operation too."""

    number: int
    """Counted from 1 within the session."""
    kind: str
    """"turn", "checkout", "import", "undo", "redo"."""
    label: str
    """What a person would call it: the words of the turn, the reference checked out."""
    branch: str
    old_head: str | None
    new_head: str | None
    turn: int | None
    """The turn that it belongs to; for undo and redo the turn that is taken back or put back."""
    reverses: int | None
    """For undo and redo: the number of the operation that it takes back or puts back."""
