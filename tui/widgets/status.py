"""One line at the bottom: what is going on, and what to press."""

from time import monotonic

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from pentimento.tui.events import TurnView
from pentimento.tui.sanitize import one_line

IDLE_KEYS = "Enter send  Tab versions  ^Z undo  ^Y redo  ^Q quit"
BUSY_KEYS = "Esc stop  ^Q quit"
BAR = 12


class StatusLine(Widget):
    """Progress of the running turn, else a hint; the keys on the right."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 2; color: $foreground 60%; }
    """

    view: reactive[TurnView | None] = reactive(None)
    """The running turn; None when there is none."""
    hint: reactive[str] = reactive("")
    """One sentence, shown while no turn runs, or beside it."""
    prefers: reactive[str] = reactive("")
    """What is wanted from now on, "ratio=wide"; shown while no turn runs."""
    stopping: reactive[bool] = reactive(default=False)

    def on_mount(self) -> None:
        self._since = monotonic()
        self._clock = self.set_interval(0.25, self.refresh, pause=True)

    def watch_view(self, before: TurnView | None, view: TurnView | None) -> None:
        if view is None:
            self._clock.pause()
        elif before is None:
            self._since = monotonic()
            self._clock.resume()

    def render(self) -> RenderResult:
        left, keys = self._left(), IDLE_KEYS if self.view is None else BUSY_KEYS
        gap = self.content_size.width - left.cell_length - len(keys)
        if gap < 2:
            return left
        return Content.assemble(left, " " * gap, (keys, "$foreground 45%"))

    def _left(self) -> Content:
        if self.view is None:
            resting = f"ready; from now on {self.prefers}" if self.prefers else "ready"
            return Content.styled(one_line(self.hint or resting, 120), "$foreground 70%")
        stage = "stopping" if self.stopping else self.view.stage
        seconds = f"  {monotonic() - self._since:.0f} s"
        hint = f"  {one_line(self.hint, 60)}" if self.hint else ""
        return Content.assemble(
            (f"{one_line(stage, 40)}  ", "$foreground"), *_bar(self.view.fraction), seconds, (hint, "$warning")
        )


def _bar(fraction: float | None) -> list[tuple[str, str]]:
    if fraction is None:
        return [("·" * BAR, "$foreground 30%")]
    full = round(fraction * BAR)
    return [("━" * full, "$primary"), ("━" * (BAR - full), "$panel"), (f" {fraction:4.0%}", "$foreground")]
