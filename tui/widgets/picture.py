"""The current picture, as large as its box allows."""

from PIL import Image
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive
from textual.widgets import Static

from pentimento.tui.sanitize import one_line
from pentimento.tui.terminal import Display


class PictureBox(Container):
    """A framed picture with a caption; shows how a new one comes up while it is drawn."""

    DEFAULT_CSS = """
    PictureBox { align: center middle; }
    PictureBox > .nothing { width: auto; height: auto; color: $foreground 40%; }
    PictureBox.-filled > .nothing { display: none; }
    """

    picture: reactive[Image.Image | None] = reactive(None)
    preview: reactive[Image.Image | None] = reactive(None)
    caption: reactive[str] = reactive("")

    def __init__(self, display: Display, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._cell = display.cell
        self._image = display.image_class()

    def compose(self) -> ComposeResult:
        yield Static("no picture yet", classes="nothing")
        yield self._image

    def on_mount(self) -> None:
        self._place()

    def on_resize(self, _event: events.Resize) -> None:
        self._place()

    def watch_picture(self) -> None:
        self._place()

    def watch_preview(self) -> None:
        self._place()

    def watch_caption(self, caption: str) -> None:
        self.border_title = one_line(caption, 60) if caption else None

    def _place(self) -> None:
        """Give the picture the size that fits; no picture, or no room for one, hides it."""
        shown = self.preview or self.picture
        size = None if shown is None else fit(shown.size, self.content_size, self._cell)
        self._image.display = size is not None
        self.set_class(shown is not None, "-filled")
        if shown is None or size is None:
            return
        self._image.styles.width, self._image.styles.height = size
        setattr(self._image, "image", shown)  # noqa: B010 - the widget's class is chosen at run time


def fit(pixels: tuple[int, int], room: tuple[int, int], cell: tuple[int, int]) -> tuple[int, int] | None:
    """The largest size in cells for a picture of `pixels` in `room` cells of `cell` pixels; None without room."""
    columns, rows = room
    if columns < 2 or rows < 1:
        return None
    across, down = pixels[0] / cell[0], pixels[1] / cell[1]
    scale = min(columns / across, rows / down)
    return max(1, min(columns, round(across * scale))), max(1, min(rows, round(down * scale)))
