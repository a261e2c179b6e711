"""The list of versions, the current one marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pentimento.agent.looking import Pointers
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

    def show(self, versions: tuple[MadeNode, ...], head: MadeNode | None, pointers: Pointers) -> None:
        """Fill the list, oldest first, with the names of branches and tags, and move onto the current version."""
        self._versions = versions
        current = head.node.id if head else None
        ids = [made.node.id for made in versions]
        with self.prevent(OptionList.OptionHighlighted):
            self.set_options(Option(_line(made, current, pointers)) for made in versions)
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


def _line(made: MadeNode, current: str | None, pointers: Pointers) -> Content:
    node = made.node
    mark = ("● ", "$primary") if node.id == current else ("  ", "")
    names = "".join(f"{one_line(name, 40)} " for name in _names(node.id, pointers))
    words = (f"{one_line(node.id, 8):<4}", "$foreground 55%"), (names, "$secondary"), one_line(node.label, 60)
    return Content.assemble(mark, *words)


def _names(node: str, pointers: Pointers) -> Iterator[str]:
    """Tags, and branches where there are several."""
    yield from (name for name, tagged in pointers.tags.items() if tagged == node)
    if len(pointers.branches) > 1:
        yield from (f"⎇ {name}" for name, head in pointers.branches.items() if head == node)
