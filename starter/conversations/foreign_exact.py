"""Messages in German and Chinese about the frame, files, names and one thing elsewhere: carried out as they are."""

from collections.abc import Callable
from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.again import name_of
from pentimento.starter.conversations.foreign_saying import asked, meant_in, move, said_in
from pentimento.starter.conversations.moves import Move, Scope, step
from pentimento.starter.conversations.wishes import exported


def crop(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "crop", lambda ratio: step("transform", op="crop", ratio=ratio), "frame")


def outpaint(scope: Scope, language: str) -> Move:
    def wider(meant: str) -> Step:
        sides, _, share = meant.rpartition(" ")
        return step("outpaint", sides=_but("all", sides), share=None if share == "25" else int(share))

    return meant_in(scope, language, "outpaint", wider)


def variations(scope: Scope, language: str) -> Move:
    def others(meant: str) -> Step:
        strength, _, count = meant.partition(" ")
        return step("variations", strength=_but("subtle", strength), n=None if count == "4" else int(count))

    return meant_in(scope, language, "variations", others)


def arranged(op: str) -> Callable[[Scope, str, dict[str, str], str], Move]:
    """`move` or `duplicate` of the noun, whose forms are the slots."""

    def make(scope: Scope, language: str, slots: dict[str, str], noun: str) -> Move:
        return meant_in(
            scope, language, op, lambda to: step("arrange", op=op, target=noun, to=_but("none", to)), **slots
        )

    return make


def export(scope: Scope, language: str) -> Move:
    said, meant = said_in(scope.r, language, "export")
    return move(language, said, exported(meant).steps[0], "export", None)


def named(scope: Scope, language: str) -> Move:
    """A branch from here on, or a name for this picture."""
    tool, name = scope.r.choice(("branch", "tag")), name_of(scope.r, scope.words)
    return move(language, said_in(scope.r, language, tool, g=name)[0], step(tool, name=name), "frame", None)


def diff(r: Random, language: str) -> Move:
    return asked(r, language, "diff")


def _but(usual: str, said: str) -> str | None:
    """What is said, None where it is the usual."""
    return None if said == usual else said
