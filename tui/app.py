"""The screen: it takes words to the conversation by its workers, and shows what comes back as messages."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.filter import LineFilter
from textual.getters import query_one
from textual.widgets import Input

from pentimento.agent.looking import Pointers
from pentimento.agent.preferences import told
from pentimento.agent.types import AgentError, MadeNode, Plan, Request, Step
from pentimento.tui.at_once import at_once
from pentimento.tui.command_text import to_be_planned
from pentimento.tui.completing import StepSuggester
from pentimento.tui.control_filter import ControlFilter
from pentimento.tui.events import TurnView, advance, lost, past
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
from pentimento.tui.problems import MessageError
from pentimento.tui.sanitize import one_line
from pentimento.tui.terminal import Display
from pentimento.tui.theme import PENTIMENTO
from pentimento.tui.widgets.picture import PictureBox
from pentimento.tui.widgets.status import StatusLine
from pentimento.tui.widgets.turns import TurnBlock, TurnLog
from pentimento.tui.widgets.versions import VersionList
from pentimento.tui.widgets.welcome import Welcome
from pentimento.tui.workers import Workers, ids
from pentimento.tui.written import as_changed, request_of, words_of

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

SAY = "Say what you would like to see, or what to change"
WRITE = "Write a step: /adjust brightness=20; /help lists them, → completes"
ANSWER = "Answer with a number or in your own words"


class PentimentoApp(Workers):
    """Conversation on the left, picture and versions on the right, words below."""

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "Pentimento"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-wide")]  # noqa: RUF012 - declared so by Textual
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-middle"), (30, "-high")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", id="stop", tooltip="Stop the running turn", priority=True),
        Binding("ctrl+z", "move('undo')", "Undo", id="undo", tooltip="Take the last change back", priority=True),
        Binding("ctrl+y", "move('redo')", "Redo", id="redo", tooltip="Put it back again", priority=True),
        Binding("ctrl+q", "leave", "Quit", id="quit", tooltip="Leave; everything is kept", priority=True),
    ]

    turn_log = query_one("#turns", TurnLog)
    picture = query_one("#picture", PictureBox)
    version_list = query_one("#versions", VersionList)
    status = query_one("#status", StatusLine)
    words = query_one("#message", Input)

    def __init__(
        self, open_conversation: "Callable[[], Conversation]", display: Display, *, plans: bool = True
    ) -> None:
        """`plans`: whether a language model hears what is said; else steps are written out."""
        super().__init__(open_conversation)
        self._plans = plans
        self.problem = ""
        """Why the app ended by itself, one sentence."""
        self._shown_with = display
        self._waiting: deque[tuple[Request, TurnBlock]] = deque()
        self._current: TurnBlock | None = None
        self._cancel = threading.Event()
        self._head: MadeNode | None = None
        self._looked_at: tuple[str, ...] = ()
        """Ids of the pictures that were asked for last: one, or all of a step that made several."""
        self._written_out = ""
        """The step that was planned last to be looked at, as it stands in the input."""
        self._filter = ControlFilter()

    def compose(self) -> ComposeResult:
        with Horizontal(id="desk"):
            yield TurnLog(Welcome(says=self._plans), id="turns")
            with Vertical(id="side"):
                yield PictureBox(self._shown_with, id="picture")
                yield VersionList(id="versions")
        yield Input(placeholder=self._invites, id="message", suggester=StepSuggester())
        yield StatusLine(id="status")

    @property
    def _invites(self) -> str:
        return SAY if self._plans else WRITE

    def on_mount(self) -> None:
        self.register_theme(PENTIMENTO)
        self.theme = PENTIMENTO.name
        self.turn_log.border_title = self.TITLE
        self.version_list.border_title = "Versions"
        self.words.focus()
        self.call_after_refresh(self.open)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._filter]

    @on(Opened)
    def show_past(self, event: Opened) -> None:
        self._conversation = event.conversation
        self.turn_log.add(*(past(turn, event.versions) for turn in event.turns))
        self.turn_log.warn(*event.warnings)
        self._show_versions(event.versions, event.head, event.pointers)
        self._next()

    @on(CannotOpen)
    def give_up(self, event: CannotOpen) -> None:
        self.problem = event.problem
        self.exit()

    @on(Input.Submitted)
    def hear(self, event: Input.Submitted) -> None:
        try:
            if self._at_once(event.value):
                self.words.clear()
                return
            request = as_changed(request_of(event.value), event.value, self._written_out)
        except (MessageError, AgentError) as error:
            self.status.hint = str(error)
            return
        self.words.clear()
        # What a language model wrote out and nobody changed is no command that a person typed.
        self._take(replace(request, by_hand=event.value != self._written_out))

    def _at_once(self, message: str) -> bool:
        """Whether it is answered without a turn, by a worker. Raises MessageError, `AgentError`."""
        words = to_be_planned(message)  # Words for the language model may have an apostrophe, which opens no quotation.
        wanted = None if words else at_once(words_of(message))
        if not words and wanted is None:
            return False
        if self._conversation is None:
            raise MessageError("The session is still being opened; press Enter once more.")
        self.status.hint = "Planning; nothing is run yet." if words else ""
        if words:
            self.write_out(self._conversation, message, words)
        elif wanted is not None:
            self.find(self._conversation, message, wanted, self.turn_log.room)
        return True

    @on(Found)
    def tell(self, event: Found) -> None:
        self.turn_log.tell(event.text)

    @on(NotAnswered)
    def hand_back(self, event: NotAnswered) -> None:
        self.status.hint = event.problem
        self._put_in(event.message)

    @on(WrittenOut)
    def offer(self, event: WrittenOut) -> None:
        self.status.hint = event.hint
        if event.message and self._put_in(event.message):
            self._written_out = event.message

    def _put_in(self, message: str) -> bool:
        """Into the input, to be changed, unless something was typed there in the meantime."""
        if self.words.value:
            return False
        self.words.value = message
        self.words.cursor_position = len(message)
        return True

    @on(VersionList.Chosen)
    def go_back(self, event: VersionList.Chosen) -> None:
        ref = event.made.node.id
        self.words.focus()
        self._take(Request(f"checkout {ref}", Plan((Step("checkout", {"ref": ref}, {}),), "")))

    @on(VersionList.Looked)
    def look_at(self, event: VersionList.Looked) -> None:
        self._look(event.made)

    @on(Happened)
    def follow(self, event: Happened) -> None:
        if self._current is not None:
            self._show_turn(advance(self._current.view, event.event))

    @on(TurnOver)
    def finish(self, event: TurnOver) -> None:
        self._show_versions(event.versions, event.head, event.pointers)
        if self._current is not None and self._current.view.grid:
            self._look(*self._current.view.grid)
        self._next()

    @on(TurnLost)
    def report(self, event: TurnLost) -> None:
        if self._current is not None:
            self._show_turn(lost(self._current.view, event.problem))
        self._next()

    @on(Loaded)
    def show_picture(self, event: Loaded) -> None:
        if tuple(one.node.id for one in event.made) != self._looked_at:
            return  # a thread that was slower than the one that came after it
        self.picture.caption = f"{ids(event.made)}  {event.made[-1].node.label}"
        self.picture.picture = event.picture

    @on(NotLoaded)
    def show_problem(self, event: NotLoaded) -> None:
        self.status.hint = event.problem

    def action_stop(self) -> None:
        """Stop the running turn; without one, come back from the list to the words."""
        if self._current is not None:
            self._cancel.set()
            self.status.stopping = True
            return
        self.words.focus()
        if self._head is not None:
            self._look(self._head)

    def action_move(self, tool: str) -> None:
        self._take(Request(tool, Plan((Step(tool, {}, {}),), "")))

    def action_leave(self) -> None:
        self._cancel.set()
        self.exit()

    def _take(self, request: Request) -> None:
        """Show the request and run it when its turn comes."""
        (block,) = self.turn_log.add(TurnView(request.said))
        self._waiting.append((request, block))
        self.status.hint = ""
        if self._current is None:
            self._next()

    def _next(self) -> None:
        """Run the request that has waited longest."""
        self._current = None
        self.picture.preview = None
        self.status.view, self.status.stopping = None, False
        self.words.placeholder = ANSWER if self.turn_log.asks else self._invites
        if self._conversation is None or not self._waiting:
            return
        request, self._current = self._waiting.popleft()
        self._cancel = threading.Event()
        self.act(self._conversation, request, self._cancel)

    def _show_turn(self, view: TurnView) -> None:
        if self._current is not None:
            self.turn_log.follow()
            self._current.view = view
            self.status.view = view
            self.picture.preview = view.preview

    def _look(self, *made: MadeNode) -> None:
        """Show this picture, or these on one sheet, once they are loaded, unless another is looked at by then."""
        self._looked_at = tuple(one.node.id for one in made)
        self.load(*made)

    def _show_versions(self, versions: tuple[MadeNode, ...], head: MadeNode | None, pointers: Pointers) -> None:
        self._head = head
        self.version_list.show(versions, head, pointers)
        name = one_line(self._conversation.name, 40) if self._conversation else ""
        several = len(pointers.branches) > 1
        self.turn_log.border_subtitle = f"{name}, {one_line(pointers.current, 40)}" if several else name
        self.status.prefers = told(pointers.preferences)
        if head is not None:
            self._look(head)
