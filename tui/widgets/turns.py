"""The conversation as a column of turns."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from pentimento.agent.types import NodeKind, TurnStatus
from pentimento.tui.events import TurnView
from pentimento.tui.plain import kept_outside
from pentimento.tui.plan_text import step_line
from pentimento.tui.sanitize import one_line, sanitize_for_terminal
from pentimento.tui.widgets.welcome import Welcome

QUIET = "$foreground 55%"
FRAME = 3
"""Columns of a block beside its text: a line, and space on both sides."""
_REPLY_STYLES = {
    TurnStatus.FAILED: "$error",
    TurnStatus.INTERRUPTED: "$error",
    TurnStatus.CANCELLED: QUIET,
    TurnStatus.ASKED: "$warning",
}


class TurnBlock(Static):
    """One turn: what was said, what was planned, what came of it."""

    DEFAULT_CSS = """
    TurnBlock { height: auto; padding: 0 1; margin: 0 0 1 0; border-left: outer $foreground 20%; }
    TurnBlock.-running { border-left: outer $primary; }
    TurnBlock.-waiting { opacity: 60%; }
    TurnBlock.-failed { border-left: outer $error; }
    """

    view: reactive[TurnView] = reactive(TurnView(""), init=False)

    def __init__(self, view: TurnView) -> None:
        super().__init__()
        self.view = view

    def watch_view(self, view: TurnView) -> None:
        status = view.result.status if view.result else None
        self.set_class(view.stage == "waiting", "-waiting")
        self.set_class(status is None and view.stage != "waiting", "-running")
        self.set_class(status in (TurnStatus.FAILED, TurnStatus.INTERRUPTED), "-failed")
        self.update(turn_content(view))


class Notice(Static):
    """What a person should know; no turn."""

    DEFAULT_CSS = """
    Notice { height: auto; padding: 0 1; margin: 1 0; border-left: outer $warning; color: $warning; }
    """

    def __init__(self, text: str) -> None:
        super().__init__(Content(sanitize_for_terminal(text)))


class Beside(Static):
    """What was asked for, such as a help; no turn, and gone the next time."""

    DEFAULT_CSS = """
    Beside { height: auto; padding: 0 1; margin: 0 0 1 0; border-left: outer $foreground 20%; color: $foreground 80%; }
    """

    def __init__(self, text: str) -> None:
        super().__init__(Content(sanitize_for_terminal(text)))


class TurnLog(VerticalScroll):
    """All turns, the last one in sight; a welcome while there is none."""

    DEFAULT_CSS = """
    TurnLog {
        scrollbar-size-vertical: 1;
        scrollbar-color: $foreground 25%;
        scrollbar-background: $background;
    }
    """

    def __init__(self, welcome: Welcome, *, id: str) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self._welcome = welcome

    def compose(self) -> ComposeResult:
        yield self._welcome

    @property
    def room(self) -> int:
        """Columns for the text of a block, beside the scrollbar that it may be what makes appear."""
        return self.content_region.width - self.styles.scrollbar_size_vertical - FRAME

    def add(self, *views: TurnView) -> list[TurnBlock]:
        """Append turns and scroll to the last; returns their blocks."""
        blocks = [TurnBlock(view) for view in views]
        if blocks:
            self.query(Welcome).remove()
            self.mount(*blocks)
            self.call_after_refresh(self.scroll_end, animate=False)
        return blocks

    @property
    def asks(self) -> bool:
        """Whether the last turn ended with a question."""
        last = next(reversed(self.query(TurnBlock).nodes), None)
        return last is not None and last.view.result is not None and last.view.result.status is TurnStatus.ASKED

    def warn(self, *warnings: str) -> None:
        """Append what a person should know, each once, and scroll to it."""
        if warnings:
            self.mount(*map(Notice, dict.fromkeys(warnings)))
            self.call_after_refresh(self.scroll_end, animate=False)

    def tell(self, text: str) -> None:
        """Append what was asked for, and scroll to where it begins."""
        block = Beside(text)
        self.mount(block)
        self.call_after_refresh(self.scroll_to_widget, block, top=True, animate=False)

    def follow(self) -> None:
        """Keep the end in sight while it grows, unless a person has scrolled up."""
        if self.is_vertical_scroll_end:
            self.call_after_refresh(self.scroll_end, animate=False)


def turn_content(view: TurnView) -> Content:
    """A turn as styled text; everything in it is made safe here."""
    parts = [Content.assemble(("› ", "$primary"), (sanitize_for_terminal(view.said), "bold"))]
    if view.plan is not None:
        # A question stands in the reply, with its answers.
        parts += [_line(step_line(step), QUIET) for step in view.plan.steps if step.tool != "ask"]
    parts += [Content.styled(f"told: {sanitize_for_terminal(words)}", QUIET) for words in view.told]
    if view.result is None:
        parts += [_line(note, QUIET) for note in view.notes]
        return Content("\n").join(parts)
    if view.result.reply:
        style = _REPLY_STYLES.get(view.result.status, "")
        parts.append(Content.styled(sanitize_for_terminal(view.result.reply), style))
    if facts := _facts(view):
        parts.append(_line(facts, QUIET))
    return Content("\n").join(parts)


def _line(text: str, style: str) -> Content:
    return Content.styled(one_line(text, 200), style)


def _facts(view: TurnView) -> str:
    """Which pictures came of it, how long it took, and what was left alone."""
    result = view.result
    if result is None:
        return ""
    pictures = [made.node for made in result.nodes if made.node.kind is NodeKind.IMAGE]
    seconds = f"{result.seconds.total:.1f} s" if result.seconds.total else ""
    kept = kept_outside(pictures[-1].measures) if pictures else ""
    return " · ".join(fact for fact in (*(node.id for node in pictures), seconds, kept) if fact)
