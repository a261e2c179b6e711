"""Questions about the picture and its making, which something looks at: what is on it, is that there, how was it made."""

from random import Random

from pentimento.starter.conversations.changing import some_thing
from pentimento.starter.conversations.moves import Move, Scope, step
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.words import a


def describe(scope: Scope) -> Move:
    return _answered(phrasing(scope.r, "describe"), "describe", "Looking at it.")


def verify(scope: Scope) -> Move:
    thing = some_thing(scope)
    if scope.r.random() < 0.3:
        color = thing.color or scope.words.color()
        said = phrasing(scope.r, "verify_color", n=thing.noun, c=color)
        return _answered(said, "verify", "Looking for it.", words=a(f"{color} {thing.noun}"))
    words = a(thing.phrase)
    return _answered(phrasing(scope.r, "verify", w=words), "verify", "Looking for it.", words=words)


def technical(r: Random) -> Move:
    return _answered(phrasing(r, "seed"), "show", "Here is how it was made.")


def _answered(said: str, tool: str, reply: str, **arguments: str) -> Move:
    return Move(said, (step(tool, **arguments),), reply, (None,), order=False)
