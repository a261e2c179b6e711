"""A simulated session: its versions, where its head is, and what can be taken back."""

from dataclasses import dataclass, field
from random import Random

from pentimento.agent.state import State, Version
from pentimento.agent.types import Step
from pentimento.starter.conversations.moves import Move, Picture

LISTED = 6
LABEL_LENGTH = 60
NOWHERE = Picture(())


@dataclass(frozen=True)
class Seen:
    """A version, and the picture behind it."""

    version: Version
    picture: Picture
    step: Step


@dataclass
class Chat:
    """What the session of one simulated conversation has come to."""

    r: Random
    seen: list[Seen] = field(default_factory=list)
    head: str | None = None
    past: list[str | None] = field(default_factory=list)
    future: list[str | None] = field(default_factory=list)
    number: int = 0

    @property
    def listed(self) -> list[Seen]:
        return self.seen[-LISTED:]

    @property
    def picture(self) -> Picture:
        return next((seen.picture for seen in self.seen if seen.version.id == self.head), NOWHERE)

    def state(self) -> State:
        return State(self.head, tuple(seen.version for seen in self.listed))

    def position(self) -> int | None:
        """Where in the list the head is, counted from 0; None when it is not listed."""
        ids = [seen.version.id for seen in self.listed]
        return ids.index(self.head) if self.head in ids else None

    def apply(self, move: Move) -> None:
        """Carries the message out, as the program would."""
        before = self.head
        for step, picture in zip(move.steps, move.pictures, strict=False):
            if picture is not None:
                self._draw(step, picture)
            else:
                self._move_head(step)
        if self.head != before and not {step.tool for step in move.steps} <= {"undo", "redo"}:
            self.past.append(before)
            self.future.clear()

    def _draw(self, step: Step, picture: Picture) -> None:
        masked = step.tool == "recolor" or (step.tool == "edit" and step.arguments["scope"] != "picture")
        self.number += 2 if masked else 1
        self.head = f"n{self.number}"
        self.seen.append(Seen(Version(self.head, label(self.r, step)[:LABEL_LENGTH]), picture, step))

    def _move_head(self, step: Step) -> None:
        count = int(str(step.arguments.get("n", 1)))
        if step.tool == "checkout":
            self.head = str(step.arguments["ref"])
        for source, drain in {"undo": [(self.past, self.future)], "redo": [(self.future, self.past)]}.get(
            step.tool, []
        ):
            for _ in range(min(count, len(source))):
                drain.append(self.head)
                self.head = source.pop()


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
