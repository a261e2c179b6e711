"""The values of a conversation: a plan and its steps, a request, what a turn came to, and the events of a turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from PIL import Image
from pydantic import JsonValue

from pentimento.memory.types import Call, Edge, Node, NodeKind, Role, StoreError, Turn, TurnStatus

__all__ = [
    "LLM",
    "AgentError",
    "Call",
    "Completion",
    "Edge",
    "Emit",
    "Event",
    "MadeNode",
    "Node",
    "NodeKind",
    "Offer",
    "Plan",
    "PlanReady",
    "PromptTooLong",
    "Request",
    "Role",
    "Seconds",
    "Step",
    "StepFinished",
    "StepProgress",
    "StepRewritten",
    "StepStarted",
    "Stop",
    "StoreError",
    "Tokens",
    "Turn",
    "TurnFinished",
    "TurnResult",
    "TurnStarted",
    "TurnStatus",
]


class AgentError(Exception):
    """Something a person can act on; the message is one sentence that says what to do."""


class PromptTooLong(AgentError):
    """What is said and shown to the language model does not fit into its context."""

    def __init__(self, tokens: int = 0) -> None:
        """`tokens` is the length of the context; 0: not known."""
        super().__init__(tokens)

    def __str__(self) -> str:
        length = f" ({self.args[0]} tokens)" if self.args[0] else ""
        return f"The message is too long for the language model{length}; say it in fewer words."


@dataclass(frozen=True)
class Step:
    """One tool call of a plan, and where its pictures come from."""

    tool: str
    arguments: Mapping[str, JsonValue]
    """As the tool's or the move's arguments model has them, defaults left out."""
    inputs: Mapping[str, str]
    """Reference by role: {"src": "head", "mask": "step:1"}."""


@dataclass(frozen=True)
class Plan:
    """What the language model answers with; no steps = the reply is all."""

    steps: tuple[Step, ...]
    reply: str


@dataclass(frozen=True)
class Completion:
    """What the language model wrote, and what it cost."""

    text: str
    evaluated: int
    """Prompt tokens that were evaluated, i.e. not found in the prefix cache."""
    generated: int
    finished: bool
    """False when the text was cut off at `max_tokens`."""


class Stop(Protocol):
    """What tells a call to end: an event, or a flag that another process sets."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True)
class Form:
    """What an answer may look like, said in both ways that language models are held to it."""

    grammar: str = ""
    """GBNF; empty: any words."""
    schema: Mapping[str, JsonValue] = field(default_factory=dict)
    """JSON schema of the same."""


class LLM(Protocol):
    """A language model that can be held to a form; raises `Cancelled` when `cancel` is set."""

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion: ...


@dataclass(frozen=True)
class Request:
    """What a person asks for: words, or a finished plan (slash command, script, retry)."""

    said: str
    plan: Plan | None = None
    """Given: it is run as it stands and no language model is asked."""
    seed: int | None = None
    """Given: the seeds of the turn's steps are derived from it."""
    fallback: bool = True
    """Whether a recolouring that failed its check twice may be done by the exact tool `recolor`."""
    rewrite: bool = True
    """Whether words may be put as the picture model's publisher wants them."""
    by_hand: bool = False
    """Whether a person types it at this moment: only then does a yes count, and a command that writes a file needs none."""


@dataclass(frozen=True)
class Seconds:
    plan: float = 0.0
    tools: float = 0.0
    store: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Tokens:
    evaluated: int = 0
    generated: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.evaluated + other.evaluated, self.generated + other.generated)


@dataclass(frozen=True)
class Offer:
    """A file that a person has to say yes to before it is written."""

    node: str
    """Id of the picture."""
    name: str
    """Of the file, with its suffix."""
    keep: bool
    """Whether the file holds the words and the recipe too."""
    file: str = ""
    """Its whole path, as it is told."""


@dataclass(frozen=True)
class MadeNode:
    """A node that a turn made, and where its picture lies."""

    node: Node
    path: Path


@dataclass(frozen=True)
class TurnResult:
    """What a turn came to: everything that `--json` prints of it."""

    said: str
    plan: Plan | None
    """None when planning itself failed."""
    reply: str
    """What the person reads: the plan's reply, and what the checks found."""
    nodes: tuple[MadeNode, ...]
    head: str | None
    status: TurnStatus
    seconds: Seconds = field(default_factory=Seconds)
    tokens: Tokens = field(default_factory=Tokens)
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What was measured that belongs to no picture, by the step: `verify`, `describe`, `replay`."""


@dataclass(frozen=True)
class TurnStarted:
    said: str


@dataclass(frozen=True)
class PlanReady:
    plan: Plan


@dataclass(frozen=True)
class StepStarted:
    index: int
    """Counted from 1."""
    step: Step


@dataclass(frozen=True)
class StepRewritten:
    """What the picture model is told in place of the step's words, or why it is told those."""

    index: int
    words: str
    why: str = ""


@dataclass(frozen=True)
class StepProgress:
    index: int
    stage: str
    fraction: float
    """0.0 to 1.0."""
    preview: Image.Image | None


@dataclass(frozen=True)
class StepFinished:
    index: int
    nodes: tuple[MadeNode, ...]
    note: str


@dataclass(frozen=True)
class TurnFinished:
    result: TurnResult


Event: TypeAlias = TurnStarted | PlanReady | StepStarted | StepRewritten | StepProgress | StepFinished | TurnFinished
Emit: TypeAlias = Callable[[Event], None]
