"""What workers tell the app; handlers alone touch widgets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image
from textual.message import Message

from pentimento.agent.looking import Pointers
from pentimento.agent.types import Event, MadeNode, StepProgress, Turn

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation


@dataclass
class Opened(Message):
    """The conversation is there, with its past."""

    conversation: "Conversation"
    turns: tuple[Turn, ...]
    """Oldest first."""
    versions: tuple[MadeNode, ...]
    """Oldest first."""
    head: MadeNode | None
    pointers: Pointers
    warnings: tuple[str, ...]
    """What a person should know of where the history lies, one sentence each."""


@dataclass
class CannotOpen(Message):
    """There is no conversation to show."""

    problem: str


@dataclass
class WrittenOut(Message):
    """What a person wanted to see before it is run."""

    message: str
    """Runs it; empty where it can't be written as one."""
    hint: str


@dataclass
class Found(Message):
    """What a person asked for beside the turns: a help, or all that is known of a turn."""

    text: str


@dataclass
class NotAnswered(Message):
    """What a person asked for beside the turns can't be had."""

    message: str
    """As it was typed."""
    problem: str


@dataclass
class Happened(Message):
    """The running turn sent an event."""

    event: Event

    def can_replace(self, message: Message) -> bool:
        """A flood of progress collapses to the last."""
        return isinstance(message, Happened) and (type(message.event), type(self.event)) == (StepProgress, StepProgress)


@dataclass
class TurnOver(Message):
    """The running turn has ended, and these are the versions, oldest first."""

    versions: tuple[MadeNode, ...]
    head: MadeNode | None
    pointers: Pointers


@dataclass
class TurnLost(Message):
    """The running turn has ended, and nothing could be kept of it."""

    problem: str


@dataclass
class Loaded(Message):
    """A version's picture is ready to be shown, or a sheet of several that one step made."""

    made: tuple[MadeNode, ...]
    picture: Image.Image


@dataclass
class NotLoaded(Message):
    """A version's picture cannot be read."""

    problem: str
