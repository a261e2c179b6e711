"""The workers of the screen: they alone touch the conversation, and post a message of what came of it."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.app import App

from pentimento.agent.types import AgentError, Event, MadeNode, Request, StoreError
from pentimento.tui.at_once import Helped, Shown
from pentimento.tui.command_text import written_out
from pentimento.tui.messages import (
    CannotOpen,
    Found,
    Happened,
    Loaded,
    NotAnswered,
    NotLoaded,
    Opened,
    TurnLost,
    TurnOver,
    WrittenOut,
)
from pentimento.tui.picture_file import contact_sheet
from pentimento.tui.problems import MessageError

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation


class Workers(App[None]):
    """An app with a conversation, which is opened, used and read on threads."""

    def __init__(self, open_conversation: "Callable[[], Conversation]") -> None:
        super().__init__()
        self._open_conversation = open_conversation
        self._conversation: Conversation | None = None

    def close(self) -> None:
        """Let go of the conversation, once the app has ended."""
        if self._conversation is not None:
            self._conversation.close()

    @work(thread=True)
    def open(self) -> None:
        try:
            conversation = self._open_conversation()
            there = conversation.turns(), conversation.versions(), conversation.head(), conversation.pointers()
            opened = Opened(conversation, *there, conversation.warnings)
        except (AgentError, StoreError) as error:
            self.post_message(CannotOpen(str(error)))
            return
        self.post_message(opened)
        conversation.warm_up()

    @work(thread=True)
    def act(self, conversation: "Conversation", request: Request, cancel: threading.Event) -> None:
        def emit(event: Event) -> None:
            self.post_message(Happened(event))

        try:
            conversation.act(request, emit, cancel)
            self.post_message(TurnOver(conversation.versions(), conversation.head(), conversation.pointers()))
        except (AgentError, StoreError) as error:
            self.post_message(TurnLost(str(error)))

    @work(thread=True, exclusive=True, group="plan")
    def write_out(self, conversation: "Conversation", message: str, words: str) -> None:
        """`message` has the words, and is handed back where there is no plan of them."""
        try:
            self.post_message(WrittenOut(*written_out(conversation.plan(words))))
        except (AgentError, StoreError) as error:
            self.post_message(NotAnswered(message, str(error)))

    @work(thread=True, exclusive=True, group="find")
    def find(self, conversation: "Conversation", message: str, wanted: Helped | Shown, width: int) -> None:
        """`message` asks for it, and is handed back where there is no such thing."""
        try:
            self.post_message(Found(wanted.text(conversation, width)))
        except (AgentError, StoreError, MessageError) as error:
            self.post_message(NotAnswered(message, str(error)))

    @work(thread=True, exclusive=True, group="picture")
    def load(self, *made: MadeNode) -> None:
        try:
            self.post_message(Loaded(made, contact_sheet([one.path for one in made])))
        except OSError as error:
            self.post_message(NotLoaded(f"The picture of {ids(made)} cannot be read: {error.strerror or error}."))


def ids(made: Sequence[MadeNode]) -> str:
    """ "n1 n2"."""
    return " ".join(one.node.id for one in made)
