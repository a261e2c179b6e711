"""What there is to see: a part of a session's past and where the session stood in it, and all that is known of a picture."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pentimento.agent.types import MadeNode, Node, Turn
from pentimento.memory.types import Gone, Move, Operation, Past, Pointer, Pointers, Wanted

__all__ = [
    "EARLIER",
    "Gone",
    "Ledger",
    "Look",
    "Move",
    "Operation",
    "Past",
    "Pointer",
    "Pointers",
    "TurnLedger",
    "Wanted",
]

EARLIER = ""
"""Stands for the pictures before the first that is shown."""


@dataclass(frozen=True)
class Look:
    """A part of a session's past, and its branches and tags."""

    session: str
    """Name."""
    past: Past
    pointers: Pointers
    paths: Mapping[str, Path]
    """Where the pictures lie, by id."""

    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Picture → the nearest of those shown that it was made from, or EARLIER."""
        shown = {node.id for node in self.past.pictures}
        oldest = min(map(_number, shown), default=0)
        nearest: dict[str, tuple[str, ...]] = {}
        for node in sorted(self.past.sources, key=_number):
            ways = (_way(parent, shown, nearest, oldest) for parent in self.past.sources[node])
            nearest[node] = tuple(dict.fromkeys(parent for way in ways for parent in way))
        return {node.id: nearest.get(node.id, ()) for node in self.past.pictures}

    def undone(self) -> frozenset[str]:
        """Pictures that were taken back, and that no branch leads to."""
        back = [node.id for node in self.past.pictures if self._taken_back(node)]
        return frozenset(back).difference(self._kept() if back else ())

    def _taken_back(self, node: Node) -> bool:
        return node.turn in self.past.taken_back if node.turn else node.id in self.past.closed

    def _kept(self) -> set[str]:
        """Every picture that a branch leads to, as far back as is known here."""
        kept: set[str] = set()
        found = [head for head in self.pointers.branches.values() if head is not None]
        while found:
            node = found.pop()
            if node not in kept:
                kept.add(node)
                found += self.past.sources.get(node, ())
        return kept


@dataclass(frozen=True)
class Ledger:
    """All that is known of one picture or mask."""

    made: MadeNode
    turn: Turn | None
    """The turn that made it; None for a picture that was opened."""
    children: tuple[str, ...]
    """Ids of what was made from it."""
    pointers: Pointers

    @property
    def names(self) -> tuple[str, ...]:
        """The references that lead to it: head, branch:winter, tag:best."""
        return tuple(names_of(self.pointers, self.made.node.id))


@dataclass(frozen=True)
class TurnLedger:
    """All that is known of one turn."""

    turn: Turn
    made: tuple[MadeNode, ...]
    """In order; regions, and attempts that were not kept, too."""


def names_of(pointers: Pointers, node: str) -> Iterator[str]:
    """The references that lead to a picture: head, branch:winter, tag:best."""
    if pointers.head == node:
        yield "head"
    yield from (f"branch:{name}" for name, head in pointers.branches.items() if head == node)
    yield from (f"tag:{name}" for name, tagged in pointers.tags.items() if tagged == node)


def _way(parent: str, shown: Iterable[str], nearest: Mapping[str, tuple[str, ...]], oldest: int) -> tuple[str, ...]:
    """Where a parent leads: to itself when it is shown, else to what it was made from."""
    if parent in shown:
        return (parent,)
    return (EARLIER,) if _number(parent) < oldest else nearest.get(parent, ())


def _number(node: str) -> int:
    return int(node[1:])
