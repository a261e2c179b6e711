"""Names at the left, what is told of each at the right: how `show` and the help lay out what they tell.

What comes out is safe to be written on a terminal.
"""

import textwrap
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pentimento.tui.sanitize import one_line, sanitize_for_terminal

COLUMN = 14
"""Columns for the names."""
NARROWEST = 24
"""Columns for what stands at the right, however narrow the terminal is."""
_WHOLE = 1_000_000
Rows: TypeAlias = Iterator[tuple[str, str]]
"""What is told, and under which name; empty texts are left out."""


def two_columns(rows: Iterable[tuple[str, str]], width: int | None = None, column: int = COLUMN) -> str:
    """`width`: columns at which long lines are wrapped; None: they stay whole."""
    room = _WHOLE if width is None else max(width - column, NARROWEST)
    return "\n".join(line for name, text in rows if text for line in _lines(name, text, room, column))


def _lines(name: str, text: str, room: int, column: int) -> Iterator[str]:
    name = one_line(name, column - 1)
    for line in _wrapped(sanitize_for_terminal(text).split("\n"), room):
        yield f"{name:<{column}}{line}".rstrip()
        name = ""


def _wrapped(lines: Iterable[str], room: int) -> Iterator[str]:
    """Lines of words are wrapped; a hash or a path stays whole, to be copied."""
    for line in lines:
        fits = len(line) <= room or " " not in line
        yield from ([line] if fits else textwrap.wrap(line, room, break_on_hyphens=False))
