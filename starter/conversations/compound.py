"""Messages that ask for several things in one breath: "make the fox red and the boat blue", "undo that and add a hat instead".

The meanings in `collected/compound.txt` and `beside.txt` are steps, one after another, each a verb and its words, mostly in braces: x and y are things
of the picture as they are said, n and m their bare nouns, a and b new things (@a, @b later in the line), c and d colours, p a place, t a
text; of earlier versions w is a word, i an id, k and j an ordinal and a number of the last grid, g a name to give and f a file's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from pentimento.starter.conversations import twins
from pentimento.starter.conversations.again import name_of
from pentimento.starter.conversations.changing import added, named, recolored, removed, replaced, with_thing
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.exact import adjusted, arranged, in_quotes, some_text, written
from pentimento.starter.conversations.frame import framed
from pentimento.starter.conversations.history import telling
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, picture_of, step
from pentimento.starter.conversations.phrasings import filled, is_order, template
from pentimento.starter.conversations.several import upscaled, varied
from pentimento.starter.conversations.whole import changed, put
from pentimento.starter.conversations.wishes import exported, file_name
from pentimento.starter.conversations.words import ORDINALS, Words, a


@dataclass(frozen=True)
class Told:
    """What the braces of one message stand for."""

    things: dict[str, Thing]
    """By brace: things of the picture (x, y) and new ones (a, b)."""
    words: dict[str, str]
    """By brace: as a plan writes it."""

    def thing(self, word: str) -> Thing:
        """Of "{x}", or of "@a", which an earlier step made."""
        return self.things[word.strip("{}@")]

    def text(self, words: list[str]) -> str:
        return filled(" ".join(words), self.words)


def compound(r: Random, words: Words, chat: Chat) -> Move:
    """Several wishes in one message; one that fits the session, of which there are always some."""
    while (move := spoken(r, words, chat, *template(r, "compound"))) is None:
        continue
    return move


def beside(r: Random, words: Words, chat: Chat) -> Move | None:
    """A change of one thing, in words that speak of another one too: "remove the tree, not the car"."""
    return spoken(r, words, chat, *template(r, "beside"))


def spoken(r: Random, words: Words, chat: Chat, typed: str, meant: str) -> Move | None:
    """One line of the collection, with what its braces stand for; None where it speaks of more than there is."""
    wishes = [wish.split() for wish in meant.split("; ")]
    past = _past(r, words, chat, typed)
    # With several pictures on the screen "the first one" is one of them.
    if past is None or (wishes[0] == ["back", "first"] and chat.grid > 1):
        return None
    begun = [_begin(chat, past, wishes[0])] if wishes[0][0] in _BEGINNINGS else []
    draws = wishes[0][0] == "draw"
    picture = Picture(()) if draws else chat.after(begun[0]) if begun else chat.picture
    if picture is None or twins.are_in(picture) or (not draws and len(picture.things) < _things_named(typed)):
        return None
    told, said = _told(Scope(r, words, picture), past, typed)
    moves = [*begun, *_carried_out(told, picture, wishes[len(begun) :])]
    return replace(together(moves), said=filled(typed, said), order=is_order(typed), whole=True)


def together(moves: list[Move]) -> Move:
    """The steps of all, one after another, without words."""
    steps = tuple(step for move in moves for step in move.steps)
    reply = " ".join(move.reply for move in moves) if len(moves) == 2 else moves[-1].reply
    return Move("", steps, reply, tuple(picture for move in moves for picture in move.pictures))


def _things_named(typed: str) -> int:
    """How many things of the picture the words speak of."""
    return 2 if "{y}" in typed or "{m}" in typed else 1 if "{x}" in typed or "{n}" in typed else 0


def _past(r: Random, words: Words, chat: Chat, typed: str) -> dict[str, str] | None:
    """What the braces of earlier versions and of names stand for; None where a word speaks of none that there is."""
    versions = [seen for seen in chat.listed if _alone(chat, telling(seen))] if "{w}" in typed else chat.listed
    of_grid = "{k}" in typed or "{j}" in typed
    name, number = name_of(r, words), r.randrange(max(chat.grid, 1))
    taken = "{g}" in typed and name in dict(chat.place.branches)
    if taken or not versions or (of_grid and chat.grid < 2):
        return None
    seen = r.choice(versions)
    found = {"i": seen.version.id, "w": telling(seen) or "", "g": name, "f": file_name(r, words)}
    return found | {"k": ORDINALS[number], "j": str(number + 1)}


def _alone(chat: Chat, word: str | None) -> bool:
    """Whether one version is named so."""
    return word is not None and len(chat.called(word)) < 2


def _told(scope: Scope, past: dict[str, str], typed: str) -> tuple[Told, dict[str, str]]:
    """What the braces mean, and what is typed for them."""
    r, words = scope.r, scope.words
    things = list(r.sample(scope.picture.things, len(scope.picture.things)))
    nouns = list(scope.picture.nouns())
    while len(nouns) < len(scope.picture.things) + 4:
        nouns.append(words.noun(tuple(nouns)))
        things.append(Thing(nouns[-1], words.color() if r.random() < 0.2 else ""))
    one, two, three, four = *things[:2], *things[-2:]
    color = words.color()
    meant = {"n": one.noun, "m": two.noun, "c": color, "d": words.color(color), "p": words.place_phrase()}
    meant |= past | {"a": a(three.phrase), "b": a(four.phrase), "t": some_text(scope)}
    # "It" would be whatever was named last.
    alone = not re.search(r"\{[abym]\}.*\{x\}", typed)
    x = named(scope, one) if alone else f"the {one.noun}"
    said = {"x": x, "y": f"the {two.noun}", "t": in_quotes(r, meant["t"])}
    return Told({"x": one, "n": one, "y": two, "m": two, "a": three, "b": four}, meant), {**meant, **said}


def _carried_out(told: Told, picture: Picture, wishes: list[list[str]]) -> list[Move]:
    moves = []
    for verb, *rest in wishes:
        move = _WISHES[verb](told, picture, rest)
        moves.append(move)
        picture = move.pictures[0] or picture
    return moves


_BEGINNINGS = frozenset({"undo", "redo", "back", "grid", "branch"})
"""The verbs of a first step that makes no picture."""


def _begin(chat: Chat, past: dict[str, str], wish: list[str]) -> Move:
    """To another version, or onto a branch of its own."""
    verb, *rest = wish
    match verb:
        case "undo" | "redo":
            made = step(verb, n=int(rest[0]) if rest else None)
        case "branch":
            made = step("branch", name=past["g"])
        case "grid":
            made = step("checkout", ref=f"grid:{past['j']}")
        case _:
            refs = {"{w}": f"word:{past['w']}", "{i}": past["i"], "first": chat.listed[0].version.id}
            made = step("checkout", ref=refs[rest[0]])
    return Move("", (made,), _BEGUN[made.tool], (None,))


_BEGUN = {"undo": "Undoing it.", "redo": "Putting it back.", "branch": "A new branch.", "checkout": "Going there."}


def _draw(told: Told, _picture: Picture, rest: list[str]) -> Move:
    things = tuple(thing for brace, thing in told.things.items() if "{" + brace + "}" in rest)
    seen = picture_of(things)
    return Move("", (step("generate", prompt=told.text(rest)),), "Drawing it.", (seen,))


def _recolor(told: Told, picture: Picture, rest: list[str]) -> Move:
    thing, color = told.thing(rest[0]), told.text(rest[1:])
    return recolored(with_thing(picture, thing.noun, replace(thing, color=color)), thing.noun, color)


def _replace(told: Told, picture: Picture, rest: list[str]) -> Move:
    return replaced(picture, told.thing(rest[0]).noun, told.thing(rest[1]))


def _add(told: Told, picture: Picture, rest: list[str]) -> Move:
    side = rest[1] if len(rest) > 1 else "right"
    return added(picture, told.thing(rest[0]), told.text(rest[:1]), side)


def _remove(told: Told, picture: Picture, rest: list[str]) -> Move:
    return removed(picture, told.thing(rest[0]).noun)


def _put(told: Told, picture: Picture, rest: list[str]) -> Move:
    return put(picture, told.text(rest))


def _look(told: Told, picture: Picture, rest: list[str]) -> Move:
    return changed(picture, told.text(rest))


def _adjust(told: Told, picture: Picture, rest: list[str]) -> Move:
    if rest[0].startswith(("{", "@")):
        return adjusted(picture, " ".join(rest[1:]), told.thing(rest[0]).noun)
    return adjusted(picture, " ".join(rest))


def _write(told: Told, picture: Picture, rest: list[str]) -> Move:
    return written(picture, told.words["t"], *rest[1:])


def _flip(_told: Told, picture: Picture, rest: list[str]) -> Move:
    return framed(picture, step("transform", op="flip", axis=rest[0] if rest else None))


def _rotate(_told: Told, picture: Picture, rest: list[str]) -> Move:
    return framed(picture, step("transform", op="rotate", degrees=int(rest[0])))


def _crop(_told: Told, picture: Picture, rest: list[str]) -> Move:
    return framed(picture, step("transform", op="crop", ratio=rest[0]))


def _upscale(_told: Told, picture: Picture, rest: list[str]) -> Move:
    return upscaled(picture, int(rest[0]))


def _tag(told: Told, _picture: Picture, _rest: list[str]) -> Move:
    return Move("", (step("tag", name=told.words["g"]),), f"It is called {told.words['g']}.", (None,))


def _export(told: Told, _picture: Picture, rest: list[str]) -> Move:
    return exported(told.text(rest))


def _variations(_told: Told, picture: Picture, rest: list[str]) -> Move:
    return varied(picture, "subtle", int(rest[0]))


def _arrange(op: str) -> "Wish":
    def wish(told: Told, picture: Picture, rest: list[str]) -> Move:
        return arranged(picture, op, told.thing(rest[0]).noun, rest[1] if len(rest) > 1 else "none")

    return wish


Wish: TypeAlias = Callable[[Told, Picture, list[str]], Move]
_WISHES: dict[str, Wish] = {
    "draw": _draw,
    "recolor": _recolor,
    "replace": _replace,
    "add": _add,
    "remove": _remove,
    "put": _put,
    "look": _look,
    "adjust": _adjust,
    "write": _write,
    "flip": _flip,
    "rotate": _rotate,
    "crop": _crop,
    "upscale": _upscale,
    "tag": _tag,
    "export": _export,
    "variations": _variations,
    "move": _arrange("move"),
    "duplicate": _arrange("duplicate"),
    "scale": _arrange("scale"),
}
"""What each verb of the meanings does."""
