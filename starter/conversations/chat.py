"""A simulated session: its versions, where its head is, its branches and tags, and what can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from pentimento.agent.state import State, Version
from pentimento.agent.types import Step
from pentimento.starter.conversations.moves import Move, Picture

LISTED = 6
NAMES = 8
LABEL_LENGTH = 60
NOWHERE = Picture(())
MAIN = "main"


@dataclass(frozen=True)
class Seen:
    """A version, and the picture behind it."""

    version: Version
    picture: Picture
    step: Step
    source: str | None
    """Id of the version that it was made from."""


@dataclass(frozen=True)
class Place:
    """Where a session stands: what undo goes back to."""

    head: str | None = None
    branch: str = MAIN
    branches: tuple[tuple[str, str | None], ...] = ((MAIN, None),)
    """(name, head)"""
    tags: tuple[tuple[str, str], ...] = ()
    base: str | None = None
    """The branch from which the present one was made by making steps again; None where nothing waits to be accepted."""

    def at(self, head: str | None) -> "Place":
        """The head of the present branch moved."""
        heads = {**dict(self.branches), self.branch: head}
        return replace(self, head=head, branches=tuple(heads.items()))

    def on(self, branch: str, head: str | None, base: str | None = None) -> "Place":
        """On another branch, which is made where there is none."""
        heads = {**dict(self.branches), branch: head}
        return replace(self, head=head, branch=branch, branches=tuple(heads.items()), base=base)


@dataclass
class Chat:
    """What the session of one simulated conversation has come to."""

    r: Random
    seen: list[Seen] = field(default_factory=list)
    place: Place = Place()
    past: list[Place] = field(default_factory=list)
    future: list[Place] = field(default_factory=list)
    number: int = 0

    @property
    def head(self) -> str | None:
        return self.place.head

    @property
    def listed(self) -> list[Seen]:
        return self.seen[-LISTED:]

    @property
    def picture(self) -> Picture:
        return next((seen.picture for seen in self.seen if seen.version.id == self.head), NOWHERE)

    def state(self) -> State:
        names = [f"tag:{name}" for name, _ in sorted(self.place.tags)]
        names += [f"branch:{name}" for name, _ in sorted(self.place.branches)] if len(self.place.branches) > 1 else []
        return State(self.head, tuple(seen.version for seen in self.listed), self.place.branch, tuple(names[:NAMES]))

    def position(self) -> int | None:
        """Where in the list the head is, counted from 0; None when it is not listed."""
        ids = [seen.version.id for seen in self.listed]
        return ids.index(self.head) if self.head in ids else None

    def find(self, identity: str | None) -> Seen | None:
        return next((seen for seen in self.seen if seen.version.id == identity), None)

    def line(self) -> list[Seen]:
        """The versions that lead to the head, the first one first."""
        found: list[Seen] = []
        seen = self.find(self.head)
        while seen is not None:
            found.append(seen)
            seen = self.find(seen.source)
        return found[::-1]

    def apply(self, move: Move) -> None:
        """Carries the message out, as the program would."""
        before = self.place
        for step, picture in zip(move.steps, move.pictures, strict=False):
            if picture is not None:
                self._draw(step, picture)
            else:
                self._move(step)
        if self.place != before and not {step.tool for step in move.steps} <= {"undo", "redo"}:
            self.past.append(before)
            self.future.clear()

    def _draw(self, step: Step, picture: Picture) -> None:
        source = None if step.tool == "generate" else step.inputs.get("src", self.head)
        source = source if self.find(source) else self.head if step.tool != "generate" else None
        self.place = self.place.at(self._made(step, picture, source, label(self.r, step)[:LABEL_LENGTH]))

    def _made(self, step: Step, picture: Picture, source: str | None, words: str) -> str:
        masked = step.tool == "recolor" or (step.tool == "edit" and step.arguments["scope"] != "picture")
        self.number += 2 if masked else 1
        made = f"n{self.number}"
        self.seen.append(Seen(Version(made, words), picture, step, source))
        return made

    def _move(self, step: Step) -> None:
        arguments = step.arguments
        match step.tool:
            case "undo" | "redo":
                self._take_back(step.tool, int(str(arguments.get("n", 1))))
            case "checkout":
                self._go(str(arguments["ref"]))
            case "branch":
                self.place = self.place.on(str(arguments["name"]), self.head)
            case "tag":
                tags = {**dict(self.place.tags), str(arguments["name"]): str(self.head)}
                self.place = replace(self.place, tags=tuple(tags.items()))
            case "accept":
                self.place = self.place.on(self.place.base or MAIN, self.head)
            case "revert" | "transplant" | "amend" | "replay":
                self._make_again(step)
            case _:
                return

    def _take_back(self, tool: str, count: int) -> None:
        source, drain = (self.past, self.future) if tool == "undo" else (self.future, self.past)
        for _ in range(min(count, len(source))):
            drain.append(self.place)
            self.place = source.pop()

    def _go(self, ref: str) -> None:
        kind, _, name = ref.partition(":")
        match kind:
            case "branch":
                self.place = self.place.on(name, dict(self.place.branches).get(name))
            case "tag":
                self.place = self.place.at(dict(self.place.tags).get(name, self.head))
            case _:
                self.place = self.place.at(ref)

    def _make_again(self, step: Step) -> None:
        """What `agent.again` does, as far as versions and branches go."""
        line, arguments = self.line(), step.arguments
        ids = [seen.version.id for seen in line]
        changed: Seen | None = None
        if step.tool == "revert":
            at = ids.index(str(arguments["step"]))
            links, start, name = line[at + 1 :], line[at - 1].version.id, f"without-{arguments['step']}"
        elif step.tool == "amend":
            changed = self.find(str(arguments["step"]))
            after = line[ids.index(str(arguments["step"])) + 1 :] if arguments["step"] in ids else []
            links, start, name = after, None, f"amend-{arguments['step']}"
        elif "onto" not in arguments:
            return
        else:
            onto = str(arguments["onto"])
            wanted = arguments.get("steps", ids[1:])
            links = [seen for seen in self.seen if isinstance(wanted, list) and seen.version.id in wanted]
            start, name = onto, f"onto-{onto}"
        self._chain(links, start, name, changed, str(arguments.get("words", "")))

    def _chain(self, links: Sequence[Seen], start: str | None, name: str, changed: Seen | None, words: str) -> None:
        head = start
        if changed is not None:
            head = self._made(changed.step, changed.picture, changed.source, words[:LABEL_LENGTH])
        for seen in links:
            head = self._made(seen.step, seen.picture, head, seen.version.label)
        taken, number = dict(self.place.branches), 2
        free = name
        while free in taken:
            free, number = f"{name}~{number}", number + 1
        self.place = self.place.on(free, head, self.place.branch)


def label(r: Random, step: Step) -> str:
    """The few words that stand for the version that a step made."""
    arguments = step.arguments
    if step.tool == "generate":
        return str(arguments["prompt"])
    if step.tool == "edit":
        return str(arguments["instruction"])
    if step.tool == "recolor":
        words = ("recolor {target} {to}", "make the {target} {to}", "recolor the {target} to {to}")
        return r.choice(words).format(**arguments)
    details = [str(value) for name, value in arguments.items() if name != "op"]
    return " ".join([str(arguments["op"]), *details])
