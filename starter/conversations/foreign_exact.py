"""Messages in German and Chinese about the frame, files and names: carried out as they are."""

from pentimento.starter.conversations.again import name_of
from pentimento.starter.conversations.foreign_saying import meant_in, move, said_in
from pentimento.starter.conversations.moves import Move, Scope, step
from pentimento.starter.conversations.several import varied, wider
from pentimento.starter.conversations.wishes import exported


def crop(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "crop", lambda ratio: step("transform", op="crop", ratio=ratio), "frame")


def outpaint(scope: Scope, language: str) -> Move:
    return meant_in(scope, language, "outpaint", wider)


def variations(scope: Scope, language: str) -> Move:
    said, meant = said_in(scope.r, language, "variations")
    strength, _, count = meant.partition(" ")
    return move(language, said, varied(scope.picture, strength, int(count)).steps[0], "change", scope.picture)


def export(scope: Scope, language: str) -> Move:
    said, meant = said_in(scope.r, language, "export")
    return move(language, said, exported(meant).steps[0], "export", None)


def named(scope: Scope, language: str) -> Move:
    """A branch from here on, or a name for this picture."""
    tool, name = scope.r.choice(("branch", "tag")), name_of(scope.r, scope.words)
    return move(language, said_in(scope.r, language, tool, g=name)[0], step(tool, name=name), "frame", None)
