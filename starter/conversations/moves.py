"""What one message of a simulated conversation is: words, the steps they mean, and the picture afterwards."""

from dataclasses import dataclass, field, replace
from random import Random

from pydantic import JsonValue

from pentimento.agent.plan_language import arguments_models, without_defaults
from pentimento.agent.types import Step
from pentimento.starter.conversations.words import Words


@dataclass(frozen=True)
class Thing:
    noun: str
    color: str = ""

    @property
    def phrase(self) -> str:
        return f"{self.color} {self.noun}".strip()


@dataclass(frozen=True)
class Picture:
    """As much of a picture as its words tell."""

    things: tuple[Thing, ...]
    focus: str = ""
    """The noun that "it" means; empty when two things have an equal right to it."""
    alike: tuple[tuple[Thing, int], ...] | None = None
    """Two or three of a kind that nothing but their places tells apart, with their number; None: those of the picture before."""

    def nouns(self) -> tuple[str, ...]:
        """Of what there is one of each."""
        return tuple(thing.noun for thing in self.things)

    def every_noun(self) -> tuple[str, ...]:
        """Of those that are alike one for each."""
        return self.nouns() + tuple(thing.noun for thing, count in self.alike or () for _ in range(count))


def picture_of(things: tuple[Thing, ...], new: Thing | None = None) -> Picture:
    """Of these things and a new one, which "it" means then; else it means the only one that there is."""
    if new:
        return Picture((*things, new), new.noun)
    return Picture(things, things[0].noun if len(things) == 1 else "")


def with_count(picture: Picture, thing: Thing, count: int, new: Thing | None = None) -> Picture:
    """With so many of that thing, from none on, and with a new one."""
    alike = tuple(one for one in picture.alike or () if one[0] != thing)
    things = tuple(one for one in picture.things if one.noun != thing.noun)
    things += (thing,) if count == 1 else ()
    return replace(picture_of(things, new), alike=(*alike, (thing, count)) if count > 1 else alike)


@dataclass(frozen=True)
class Move:
    """One message, or one part of a message."""

    said: str
    steps: tuple[Step, ...]
    reply: str
    pictures: tuple[Picture | None, ...] = field(default=())
    """The picture after each step; None for a step that makes no picture."""
    order: bool = True
    """Whether the words are a bare order, so that "please" or "can you" may stand before them."""
    whole: bool = False
    """Whether the words are a message of their own, to which nothing is added."""
    answers: "tuple[tuple[str, Move], ...]" = ()
    """Of a question: what a person may answer, and what that means after the words that the question was asked for."""
    as_typed: bool = False
    """Whether the words are typed already, so that nothing at all is done to them."""


@dataclass(frozen=True)
class Scope:
    """What a message is written from."""

    r: Random
    words: Words
    picture: Picture


def step(tool: str, **arguments: JsonValue) -> Step:
    """A step on the picture on the screen, its arguments in the tool's order; those that are None, or as the tool has them
    anyway, are left out.

    A shape is said even then: another one may be preferred.
    """
    order = list(arguments_models()[tool].model_fields)
    given = sorted((name for name, value in arguments.items() if value is not None), key=order.index)
    said = Step(tool, {name: arguments[name] for name in given}, {})
    kept = without_defaults(said).arguments
    return Step(tool, {name: value for name, value in said.arguments.items() if name in kept or name == "ratio"}, {})


def edit(instruction: str, target: str, scope: str) -> Step:
    """It always says what it is about."""
    return Step("edit", {"instruction": instruction, "target": target, "scope": scope}, {})
