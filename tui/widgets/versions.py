"""The list of versions, the current one marked."""

from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pentimento.agent.types import MadeNode
from pentimento.tui.sanitize import one_line


class VersionList(OptionList):
    """Every picture of the session; Enter goes back to one."""

    DEFAULT_CSS = """
    VersionList {
        text-wrap: nowrap;
        text-overflow: ellipsis;
        scrollbar-size-vertical: 1;
        scrollbar-color: $foreground 25%;
        scrollbar-background: $background;
    }
    """

    @dataclass
    class Chosen(Message):
        """A person wants to go on from this version."""

        made: MadeNode

    @dataclass
    class Looked(Message):
        """A person moved onto this version."""

        made: MadeNode

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._versions: tuple[MadeNode, ...] = ()

    def show(self, versions: tuple[MadeNode, ...], head: MadeNode | None) -> None:
        """Fill the list, oldest first, and move onto the current version."""
        self._versions = versions
        current = head.node.id if head else None
        ids = [made.node.id for made in versions]
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(Option(_line(made, current)) for made in versions)
            self.highlighted = ids.index(current) if current in ids else None

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._versions[event.option_index]))

    @on(OptionList.OptionHighlighted)
    def look(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self.has_focus and event.option_index < len(self._versions):
            self.post_message(self.Looked(self._versions[event.option_index]))


def _line(made: MadeNode, current: str | None) -> Content:
    node = made.node
    mark = ("● ", "$primary") if node.id == current else ("  ", "")
    return Content.assemble(mark, (f"{one_line(node.id, 8):<4}", "$foreground 55%"), one_line(node.label, 60))
