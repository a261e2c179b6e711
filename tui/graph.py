"""The graph at the left of a log: one column for each line of descent, forks and merges with box-drawing characters.

It is laid out from the newest picture to the oldest, and turned upside down where the oldest is to come first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_LINE, _ACROSS = _UP | _DOWN, _LEFT | _RIGHT
_PICTURE, _BEYOND = 16, 32
_CHARACTERS = {
    0: " ",
    _LINE: "│",
    _ACROSS: "─",
    # A line that another one passes behind.
    _LINE | _ACROSS: "│",
    _DOWN | _RIGHT: "╭",
    _DOWN | _LEFT: "╮",
    _UP | _RIGHT: "╰",
    _UP | _LEFT: "╯",
    _LINE | _RIGHT: "├",
    _UP | _ACROSS: "┴",
    _DOWN | _ACROSS: "┬",
    _BEYOND: "┊",
}


@dataclass(frozen=True)
class Row:
    """One line of the graph."""

    cells: tuple[int, ...]
    """What is drawn in each column."""
    entry: int | None = None
    """Number of the entry beside it; None for a fork, a merge, and for what goes on beyond the page."""

    def text(self, symbol: str = "○") -> str:
        """`symbol` stands for the picture of this row."""
        drawn = ((symbol if cell == _PICTURE else _CHARACTERS[cell], cell & _RIGHT) for cell in self.cells)
        return "".join(character + ("─" if further else " ") for character, further in drawn).rstrip()


def rows(entries: Sequence[str | None], parents: Mapping[str, Sequence[str]], head: str | None) -> list[Row]:
    """The graph of entries, newest first: ids of pictures, None for what was said without one.

    `parents` are the pictures that each was made from; what is not among the entries lies beyond the page. The line that
    leads to `head` has the first column.
    """
    lanes = _Lanes([_Lane(head)] if head in entries else [])
    found = [row for number, entry in enumerate(entries) for row in lanes.enter(number, entry, parents)]
    return [*found, *lanes.rest()]


def upside_down(found: Sequence[Row]) -> list[Row]:
    """The same graph, oldest first."""
    return [replace(row, cells=tuple(map(_turned, row.cells))) for row in reversed(found)]


def _turned(cell: int) -> int:
    return cell & ~_LINE | (cell & _UP) << 1 | (cell & _DOWN) >> 1


@dataclass(frozen=True)
class _Lane:
    """One column."""

    next: str | None = None
    """The picture that comes next in it; None for a column that is free."""
    begun: bool = False
    """Whether it is drawn yet; that of the head is kept for it from the start."""


@dataclass
class _Lanes:
    """The columns while they are laid out."""

    lanes: list[_Lane]
    ended: int | None = None
    """The column of the row above, if its picture came from nothing: one right below it would seem to be its source."""

    def enter(self, number: int, picture: str | None, parents: Mapping[str, Sequence[str]]) -> Iterator[Row]:
        """The rows of one entry: what joins at it, itself, and what it was merged from."""
        if picture is None:
            self.ended = None
            yield Row(tuple(self._cells()), number)
            return
        at, *joining = [lane for lane, one in enumerate(self.lanes) if one.next == picture] or [self._take("", 0)]
        if joining:
            yield self._link(at, joining, _UP)
        for lane in joining:
            self.lanes[lane] = _Lane()
        cells = self._cells()
        cells[at] = _PICTURE
        yield Row(tuple(cells), number)
        sources = parents.get(picture, ())
        self.lanes[at] = _Lane(sources[0], begun=True) if sources else _Lane()
        self.ended = None if sources else at
        if sources[1:]:
            yield self._link(at, [self._take(parent, at + 1) for parent in sources[1:]], _DOWN)

    def rest(self) -> Iterator[Row]:
        """What leads beyond the page."""
        cells = tuple(_BEYOND if cell else 0 for cell in self._cells())
        if any(cells):
            yield Row(cells)

    def _cells(self) -> list[int]:
        return [_LINE if lane.begun else 0 for lane in self.lanes]

    def _take(self, picture: str, first: int) -> int:
        """Gives a picture the first free column from `first` on."""
        wide = [*self.lanes, _Lane(), _Lane()]
        lane = next(at for at, one in enumerate(wide) if at >= first and one.next is None and at != self.ended)
        self.lanes = wide[: max(lane + 1, len(self.lanes))]
        self.lanes[lane] = _Lane(picture, begun=True)
        return lane

    def _link(self, at: int, ends: Iterable[int], way: int) -> Row:
        """A fork or a merge: from the column `at` to others at its right, which go on in one way only."""
        cells, last = self._cells(), max(ends)
        for lane in range(at, last + 1):
            cells[lane] |= _ACROSS
        for lane in ends:
            cells[lane] = way | (_ACROSS if lane < last else _LEFT)
        cells[at] = (_LINE if self.lanes[at].begun else _DOWN) | _RIGHT
        return Row(tuple(cells))
