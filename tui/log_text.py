"""The log as lines for a person: the graph, and beside it a line for every picture and for every turn that made none.

What comes out is safe to be written on a terminal.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from pentimento.agent.looking import Gone, Look, Move, Operation, Pointer, Pointers
from pentimento.agent.types import Node, Turn, TurnStatus
from pentimento.tui import graph
from pentimento.tui.sanitize import one_line

UNDONE = "undone"
MOVES = 20
"""Columns for what an operation moved, where that is no longer."""
_WHOLE = 1_000_000
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True)
class Paper:
    """What the lines are written on."""

    width: int | None = None
    """Columns at which a line is cut; None: nowhere."""
    dims: bool = False
    """Whether a word can be dimmed."""
    newest_first: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    when: datetime
    words: str
    state: str = ""
    """What is to be known of it, in a word: undone, failed, forgotten …"""
    picture: Node | None = None
    turn: int = 0
    """Number of the turn that it stands for; 0 for a picture."""

    @property
    def id(self) -> str:
        """Empty for words alone."""
        return self.picture.id if self.picture else ""

    @property
    def name(self) -> str:
        """ "n3", or "#4" for the fourth turn."""
        return self.id or f"#{self.turn}"


def log_text(look: Look, paper: Paper) -> str:
    """A part of the past, oldest first unless the paper has it otherwise."""
    found, head = entries(look)[::-1], look.pointers.head
    ids = [entry.id for entry in found]
    column = max((len(entry.name) for entry in found), default=0)
    lines = [] if head in ids else [_where(look.pointers)]
    rows = graph.rows([one or None for one in ids], look.parents(), head)
    for row in rows if paper.newest_first else graph.upside_down(rows)[::-1]:
        entry = None if row.entry is None else found[row.entry]
        lines.append(row.text() if entry is None else _line(row, entry, look.pointers, column, paper))
    lines += ["┊ earlier ones are left out; --limit shows more"] if look.past.more else []
    return "\n".join(lines if paper.newest_first else lines[::-1])


def entries(look: Look) -> list[Entry]:
    """The lines, oldest first; pictures by number, so that none comes before what it was made from."""
    turns = {turn.number: turn for turn in look.past.turns}
    made: dict[int, list[Node]] = {}
    for node in look.past.pictures:
        made.setdefault(node.turn, []).append(node)
    undone = look.undone()
    pictures = (
        entry
        for node in look.past.pictures
        for entry in _of_picture(node, turns.get(node.turn), made[node.turn], UNDONE if node.id in undone else "")
    )
    words = (
        Entry(
            turn.started, turn.said, UNDONE if turn.number in look.past.taken_back else _status(turn), turn=turn.number
        )
        for turn in look.past.turns
        if turn.number not in made
    )
    return list(heapq.merge(pictures, words, key=lambda entry: entry.when))


def _of_picture(node: Node, turn: Turn | None, of_turn: Sequence[Node], state: str) -> Iterator[Entry]:
    """Its line; before that of the first of several pictures the line of their turn."""
    state = node.gone or state
    if turn is None:
        yield Entry(node.created, f"opened {node.label}", state, node)
    elif of_turn == [node]:
        yield Entry(node.created, _said_and_done(turn.said, node.label), state or _status(turn), node)
    else:
        if node == of_turn[0]:
            yield Entry(node.created, turn.said, _status(turn), turn=turn.number)
        yield Entry(node.created, node.label, state, node)


def _said_and_done(said: str, label: str) -> str:
    """The words, and what was made of them where that is something else."""
    one, other = (" ".join(words.casefold().split()) for words in (said, label))
    return said if other in one else f"{said} → {label}"


def _status(turn: Turn) -> str:
    if not turn.said:
        return Gone.FORGOTTEN.value
    return "" if turn.status is TurnStatus.DONE else turn.status.value


def _line(row: graph.Row, entry: Entry, pointers: Pointers, column: int, paper: Paper) -> str:
    symbol = "×" if entry.picture and entry.picture.gone else "●" if entry.id == pointers.head else "○"
    words = one_line(f"{_names(entry.id, pointers)}{entry.words}", _WHOLE)
    state = f"{entry.state} · " if entry.state and words else entry.state
    start = f"{row.text(symbol):<1} {entry.name:<{column}} "
    words = _cut(words, paper.width and paper.width - cell_len(start + state))
    if paper.dims:
        state = state.replace(UNDONE, f"{_DIM}{UNDONE}{_PLAIN}")
    return f"{start}{state}{words}".rstrip()


def _names(node: str, pointers: Pointers) -> str:
    """The branches and tags at a picture: "(head → main, winter, tag:best) "."""
    branches = [name for name, head in pointers.branches.items() if node and head == node]
    branches.sort(key=lambda name: name != pointers.current)
    named = [f"head → {name}" if name == pointers.current else name for name in branches]
    named += [f"tag:{name}" for name, tagged in pointers.tags.items() if tagged == node]
    return f"({', '.join(named)}) " if named else ""


def _where(pointers: Pointers) -> str:
    """Said when the current picture is none of those shown."""
    if pointers.head is None:
        return one_line(f"There is no picture on {pointers.current} yet.", _WHOLE)
    return one_line(f"The current picture is {pointers.head}, on {pointers.current}.", _WHOLE)


def operations_text(operations: Sequence[Operation], paper: Paper) -> str:
    """What was done and which branches and tags it moved, one operation a line."""
    column = max((cell_len(moved(one)) for one in operations), default=0)
    lines = [_cut(_operation_line(one, min(column, MOVES)), paper.width) for one in operations]
    return "\n".join(reversed(lines) if paper.newest_first else lines)


def _operation_line(operation: Operation, column: int) -> str:
    when = f"{operation.created.astimezone():%Y-%m-%d %H:%M}"
    done, words = one_line(moved(operation), _WHOLE), one_line(operation.label, _WHOLE)
    return f"{operation.number:>4}  {when}  {operation.kind:<8}  {done:<{column}}  {words}".rstrip()


def moved(operation: Operation) -> str:
    """ "main n2 → n3, tag:best → n3"."""
    return ", ".join(_move(move) for move in operation.moves if move.old != move.new)


def _move(move: Move) -> str:
    if move.pointer is Pointer.CURRENT:
        return f"on {move.old} → {move.new}"
    if move.pointer is Pointer.PREFERENCE:
        return f"{move.name} {'as ever' if move.new is None else f'“{move.new}”'}"
    name = f"tag:{move.name}" if move.pointer is Pointer.TAG else move.name
    old = "" if move.old is None else f" {move.old or 'nothing'}"
    new = "removed" if move.new is None else move.new or "nothing"
    return f"{name}{old} → {new}"


def _cut(line: str, width: int | None) -> str:
    """A line of at most so many columns."""
    if width is None or cell_len(line) <= width:
        return line
    return f"{set_cell_size(line, width - 1).rstrip()}…" if width > 0 else ""
