"""What a session is, said with dictionaries and lists; written apart from `memory`, which is compared with it.

A place is a branch, a tag, a preference, or where the session is; what stands there is a node's id, "" for a branch without a
picture, words for a preference, and for CURRENT the name of a branch.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Place: TypeAlias = tuple[str, str]
Places: TypeAlias = dict[Place, str]

CURRENT: Place = ("current", "")


def branch(name: str) -> Place:
    return ("branch", name)


def tag(name: str) -> Place:
    return ("tag", name)


def preference(key: str) -> Place:
    return ("preference", key)


def _base(name: str) -> str:
    return re.sub(r"~\d+$", "", name)


@dataclass
class Entry:
    """One operation that is in effect, or that could be put back."""

    unit: int
    """What belongs together when it is taken back: the number of a turn, a negative number of its own for all else."""
    kind: str
    changes: dict[Place, tuple[str | None, str | None]]
    """From what, to what."""


@dataclass
class Way:
    """What a turn that goes back and forth would take back and put back next, last in its list."""

    done: list[Entry]
    undone: list[Entry]

    def did(self, entry: Entry) -> None:
        self.done.append(replace(entry, unit=-(10**6) - len(self.done)))
        self.undone.clear()

    def go(self, kind: str, units: int) -> list[Entry]:
        taken: list[Entry] = []
        source, target = (self.done, self.undone) if kind == "undo" else (self.undone, self.done)
        for _ in range(units):
            unit = source[-1].unit if source else None
            while source and source[-1].unit == unit:
                taken.append(source.pop())
                target.append(taken[-1])
        return taken


@dataclass
class SessionModel:
    places: Places = field(default_factory=lambda: {branch("main"): "", CURRENT: "main"})
    done: list[Entry] = field(default_factory=list)
    undone: list[Entry] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    """Of every operation there ever was."""
    past: list[Places] = field(default_factory=list)
    """Where everything stood after each of them."""
    made_from: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Branch → the one that a person was on when making it, and what stood there."""
    named: set[str] = field(default_factory=set)
    """Branches that an operation ever made."""
    pictures: dict[str, int] = field(default_factory=dict)
    """Seed by id, in the order in which they were made."""
    parents: dict[str, list[str]] = field(default_factory=dict)
    """Of pictures and masks."""
    said: list[str] = field(default_factory=list)

    @property
    def on(self) -> str:
        return self.places[CURRENT]

    @property
    def head(self) -> str | None:
        return self.places[branch(self.on)] or None

    @property
    def branches(self) -> list[str]:
        return self._names("branch")

    @property
    def tags(self) -> list[str]:
        return self._names("tag")

    def do(self, kind: str, goals: dict[Place, str | None], unit: int | None = None) -> None:
        changes = {place: (self.places.get(place), goal) for place, goal in goals.items()}
        self.done.append(Entry(-len(self.kinds) - 1 if unit is None else unit, kind, changes))
        self.undone.clear()
        self.named |= {name for (is_a, name), (old, _) in changes.items() if is_a == "branch" and old is None}
        self._go(kind, goals)

    def step(self, turn: int, began_at: str | None, made: str) -> None:
        """A turn that began at a picture puts another one on the branch that stands there."""
        name = self._branch_at(began_at)
        self.places.setdefault(branch(name), began_at or "")
        self.do("turn", {branch(name): made}, turn)

    def make_branch(self, name: str, at: str) -> None:
        self.made_from[name] = (self.on, self.places[branch(self.on)])
        self.do("branch", {branch(name): at, CURRENT: name})

    def base(self) -> str | None:
        """The branch that `accept` would move."""
        beside = _base(self.on) if self.on != _base(self.on) else None
        base, _ = self.made_from.get(self.on, (beside, ""))
        return base if base in self.branches else None

    def accept(self, base: str) -> None:
        """What stood on the base, and does not lead to what is accepted, stays on a branch beside it if it is new there."""
        goals: dict[Place, str | None] = {branch(base): self.places[branch(self.on)], CURRENT: base}
        _, made = self.made_from.get(self.on, (base, None))
        left = self.places[branch(base)]
        if left not in {"", made, *self._line(self.head)}:
            goals[branch(self.free_name(base))] = left
        self.do("accept", goals)

    def _line(self, node: str | None) -> list[str]:
        """A picture and what it was made from, along first sources."""
        found: list[str] = []
        while node:
            found.append(node)
            node = next((parent for parent in self.parents.get(node, []) if parent in self.pictures), None)
        return found

    def undo(self, units: int) -> int:
        """How many operations it took back."""
        return self._turn_over("undo", self.done, self.undone, units)

    def redo(self, units: int) -> int:
        return self._turn_over("redo", self.undone, self.done, units)

    def way(self) -> Way:
        """As a turn finds it that begins."""
        return Way([*self.done], [*self.undone])

    def go_along(self, way: Way, kind: str, units: int, turn: int) -> int:
        """Undo or redo as a step of a turn that goes on; how many operations it went over."""
        goals: dict[Place, str | None] = {}
        taken = way.go(kind, units)
        for entry in taken:
            step = {place: old if kind == "undo" else new for place, (old, new) in entry.changes.items()}
            heads = [name for (is_a, name), goal in step.items() if is_a == "branch" and goal is not None]
            goals |= ({CURRENT: heads[-1]} if heads else {}) | step
        if taken:
            goals.setdefault(CURRENT, self.on)
            self.do("turn", goals, turn)
        return len(taken)

    def free_name(self, name: str, beside: Collection[str] = ()) -> str:
        taken = {*self.branches, *beside}
        return next(free for n in range(2, 10**6) if (free := f"{_base(name)}~{n}") not in taken)

    def _names(self, kind: str) -> list[str]:
        return sorted(name for is_a, name in self.places if is_a == kind)

    def _branch_at(self, node: str | None) -> str:
        beside = [name for name in self.branches if _base(name) == _base(self.on)]
        standing = [name for name in beside if self.places[branch(name)] == (node or "")]
        if self.on in standing:
            return self.on
        return standing[0] if standing else self.free_name(self.on, self.named)

    def _turn_over(self, kind: str, source: list[Entry], target: list[Entry], units: int) -> int:
        before = len(target)
        for _ in range(units):
            unit = source[-1].unit if source else None
            while source and source[-1].unit == unit:
                target.append(source.pop())
                changes = target[-1].changes.items()
                self._go(kind, {place: old if kind == "undo" else new for place, (old, new) in changes})
        return len(target) - before

    def _go(self, kind: str, goals: dict[Place, str | None]) -> None:
        for place, goal in goals.items():
            if goal is None:
                self.places.pop(place, None)
            else:
                self.places[place] = goal
        heads = [name for (is_a, name), goal in goals.items() if is_a == "branch" and goal is not None]
        if heads and CURRENT not in goals:
            self.places[CURRENT] = heads[-1]
        self.kinds.append(kind)
        self.past.append(dict(self.places))
