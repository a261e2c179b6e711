"""A simulated session: its versions, where its head is, its branches and tags, and what can be taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from pydantic import JsonValue

from pentimento.agent.asked import named_so, told
from pentimento.agent.labels import label_of
from pentimento.agent.preferences import normal
from pentimento.agent.state import State, Version
from pentimento.agent.types import Step
from pentimento.agent.wording import saying, with_word
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
    grid: int = 0
    """How many pictures the last step that made some made at once."""
    wishes: dict[str, str] = field(default_factory=dict)
    """What is wanted from now on."""
    asked: str = ""
    """What was asked back just now, behind the words that it was asked for."""
    options: tuple[str, ...] = ()
    answers: tuple[tuple[str, Move], ...] = ()

    @property
    def head(self) -> str | None:
        return self.place.head

    @property
    def listed(self) -> list[Seen]:
        """Those that the planner is told of, as `agent.listing` has them."""
        if not self.cut:
            return self.seen
        line = self.line()
        pinned = {seen.version.id for seen in (self.seen[0], *line[:1], *line[-1:])}
        others = [seen.version.id for seen in self.seen if seen.version.id not in pinned]
        kept = pinned.union(others[len(pinned) - LISTED :])
        return [seen for seen in self.seen if seen.version.id in kept]

    @property
    def cut(self) -> bool:
        """Whether not all versions are listed, so that nobody can count them."""
        return len(self.seen) > LISTED

    def finds(self, word: str, seen: Seen) -> bool:
        """Whether the program finds that version by the word."""
        return self.named(f"word:{word}") == seen.version.id

    def called(self, words: str, said: str = "") -> list[Version]:
        """The listed versions that the words of a message name, without the one on the screen."""
        return named_so(self.state(), words, said)

    @property
    def picture(self) -> Picture:
        return next((seen.picture for seen in self.seen if seen.version.id == self.head), NOWHERE)

    def state(self) -> State:
        names = [f"tag:{name}" for name, _ in sorted(self.place.tags)]
        names += [f"branch:{name}" for name, _ in sorted(self.place.branches)] if len(self.place.branches) > 1 else []
        versions = tuple(seen.version for seen in self.listed)
        grid = self.grid if self.grid > 1 else 0
        prefers = " ".join(f"{key}={value}" for key, value in sorted(self.wishes.items()))
        return State(self.head, versions, self.place.branch, tuple(names[:NAMES]), grid, prefers, self.asked)

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

    def after(self, move: Move) -> Picture | None:
        """The picture that a history move leads to; None where there is none, or one of which no words tell a thing."""
        trial = replace(
            self, seen=list(self.seen), past=list(self.past), future=list(self.future), wishes=dict(self.wishes)
        )
        trial.apply(move)
        return trial.picture if trial.head and trial.picture.things else None

    def apply(self, move: Move, said: str = "") -> None:
        """Carries the message out, as the program would."""
        asks = [step.arguments for step in move.steps if step.tool == "ask"]
        offered = asks[0].get("options", []) if asks else []
        self.options = tuple(str(one) for one in offered) if isinstance(offered, list) else ()
        self.asked = told(said, str(asks[0]["question"]), self.options) if asks else ""
        self.answers = move.answers
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
        if picture.alike is None and (seen := self.find(source)):
            picture = replace(picture, alike=seen.picture.alike)
        words = label(self.r, step)[:LABEL_LENGTH]
        most = 4 if step.tool == "variations" else 1
        self.grid = int(str(step.arguments.get("n", most)))
        made = [self._made(step, picture, source, words) for _ in range(self.grid)]
        self.place = self.place.at(made[0])

    def _made(self, step: Step, picture: Picture, source: str | None, words: str) -> str:
        masked = bool(step.arguments.get("target"))
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
            case "segment":
                self.number += 1
            case "set":
                self._wish(str(arguments["key"]), str(arguments.get("value", "")))
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

    def _wish(self, key: str, value: str) -> None:
        self.wishes.pop(key, None)
        if kept := normal(key, value):
            self.wishes[key] = kept

    def _take_back(self, tool: str, count: int) -> None:
        source, drain = (self.past, self.future) if tool == "undo" else (self.future, self.past)
        for _ in range(min(count, len(source))):
            drain.append(self.place)
            self.place = source.pop()

    def named(self, ref: str, among: Sequence[Seen] = ()) -> str:
        """The id that a reference to a version means, as `agent.references` finds it; others as they are."""
        if ref.startswith("before("):
            seen = self.find(self.named(ref.removeprefix("before(").removesuffix(")")))
            earlier = [one.version.id for one in self.seen[: self.seen.index(seen)]] if seen else []
            return (seen.source if seen else None) or (earlier[-1] if earlier else ref)
        kind, _, words = ref.partition(":")
        for listed in (among, self.seen) if kind == "word" else ():
            if found := saying([(one.version.id, one.version.label) for one in reversed(listed)], words):
                return found[0]
        return ref

    def _go(self, ref: str) -> None:
        ref = self.named(ref)
        kind, _, name = ref.partition(":")
        match kind:
            case "grid":
                made = [seen.version.id for seen in self.seen[-self.grid :]]
                self.place = self.place.at(made[int(name) - 1])
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
        of_line = self.named(str(arguments.get("step", "")), line)
        if step.tool == "revert":
            at = ids.index(of_line)
            self._chain(line[at + 1 :], line[at - 1].version.id, f"without-{of_line}")
        elif step.tool == "amend":
            self._amend(of_line, line[ids.index(of_line) + 1 :] if of_line in ids else [], arguments)
        elif "onto" in arguments:
            onto, wanted = self.named(str(arguments["onto"])), arguments.get("steps", ids[1:])
            named = [self.named(str(one)) for one in wanted] if isinstance(wanted, list) else []
            self._chain([seen for seen in self.seen if seen.version.id in named], onto, f"onto-{onto}")

    def _amend(self, node: str, later: Sequence[Seen], arguments: Mapping[str, JsonValue]) -> None:
        changed, old, new = self.find(node), str(arguments.get("old", "")), str(arguments.get("new", ""))
        if changed is None:
            return
        words = str(arguments.get("words") or with_word(changed.version.label, old, new))
        label, picture = words[:LABEL_LENGTH], _with_noun(changed.picture, old, new)
        if changed.step.tool == "generate" and not old:
            picture = Picture(tuple(thing for thing in picture.things if thing.noun in words))
        first = replace(changed, version=replace(changed.version, label=label), picture=picture)
        rest = [
            replace(
                one,
                version=replace(one.version, label=with_word(one.version.label, old, new)),
                picture=_with_noun(one.picture, old, new),
            )
            for one in later
        ]
        self._chain([first, *(rest if old else later)], changed.source, f"amend-{node}")

    def _chain(self, links: Sequence[Seen], start: str | None, name: str) -> None:
        head = start
        for seen in links:
            head = self._made(seen.step, seen.picture, head, seen.version.label)
        taken, number = dict(self.place.branches), 2
        free = name
        while free in taken:
            free, number = f"{name}~{number}", number + 1
        self.place = self.place.on(free, head, self.place.branch)


def _with_noun(picture: Picture, old: str, new: str) -> Picture:
    """A picture of which one thing is another one from the start."""
    things = tuple(replace(thing, noun=new) if thing.noun == old else thing for thing in picture.things)
    return Picture(things, new if picture.focus == old else picture.focus)


def label(r: Random, step: Step) -> str:
    """The few words that stand for the version that a step made."""
    if step.tool == "recolor":
        words = ("recolor {target} {to}", "make the {target} {to}", "recolor the {target} to {to}")
        return r.choice(words).format(**step.arguments)
    return label_of(step)
