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
    words = a(thing.phrase)
    return _answered(phrasing(scope.r, "verify", w=words), "verify", "Looking for it.", words=words)


def technical(r: Random) -> Move:
    return _answered(phrasing(r, "seed"), "show", "Here is how it was made.")


def _answered(said: str, tool: str, reply: str, **arguments: str) -> Move:
    return Move(said, (step(tool, **arguments),), reply, (None,), order=False)
