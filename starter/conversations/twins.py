"""Pictures of two of a kind that differ by their colour: which one is meant is said by it, or asked back."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from pentimento.starter.conversations import changing, frame, whole
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, picture_of, step
from pentimento.starter.conversations.phrasings import is_order
from pentimento.starter.conversations.talk import ask_back
from pentimento.starter.conversations.words import Words, a, one_of

_DRAW = "{x}|{x}|draw {x}|draw me {x}|a picture of {x}|paint {x}|i'd like {x}|show me {x}|can i have {x}|{x} please|now {x}|make {x}"
_BOTH = "{a} and {b}|{a} and {b}|{a} beside {b}|{a} next to {b}"


def are_in(picture: Picture) -> bool:
    nouns = picture.nouns()
    return len(set(nouns)) < len(nouns)


def drawn(r: Random, words: Words) -> Move:
    noun, color = words.noun(), words.color()
    pair = (Thing(noun, color), Thing(noun, words.color(color)))
    caption = one_of(r, _BOTH).format(a=a(pair[0].phrase), b=a(pair[1].phrase))
    said = one_of(r, _DRAW).format(x=caption)
    return Move(said, (step("generate", prompt=caption),), "Drawing it.", (Picture(pair),), is_order(said))


def message(scope: Scope) -> Move:
    """What is said while they are on the screen: about one of them, or about the whole picture."""
    makes = (_which, _told, whole.style, whole.weather, frame.frame)
    return scope.r.choices(makes, (5, 3, 0.5, 0.5, 0.5))[0](scope)


def _told(scope: Scope) -> Move:
    """It is said by its colour which one is meant."""
    said, change = _change(scope)
    thing = scope.r.choice(_pair(scope.picture))
    return replace(change(thing), said=said(f"the {thing.phrase}"), order=False)


def _which(scope: Scope) -> Move:
    said, change = _change(scope)
    pair = _pair(scope.picture)
    answers = tuple((f"the {thing.phrase}", change(thing)) for thing in pair)
    answers += tuple((f"the {thing.color} one", change(thing)) for thing in pair)
    options = [f"the {thing.phrase}" for thing in pair]
    return ask_back(said(f"the {pair[0].noun}"), f"Which {pair[0].noun}?", options, answers)


def _pair(picture: Picture) -> list[Thing]:
    nouns = picture.nouns()
    return [thing for thing in picture.things if nouns.count(thing.noun) > 1]


def _change(scope: Scope) -> tuple[Callable[[str], str], Callable[[Thing], Move]]:
    """How a change of a thing is said, by its name, and what it does."""
    color, new = _third(scope), Thing(scope.words.noun(scope.picture.nouns()))
    made = changing.change(scope, scope.r.choice(("recolor", "remove", "replace")), color, new)

    def of(thing: Thing) -> Move:
        after = {"recolor": Thing(thing.noun, color), "remove": None, "replace": new}[made.kind]
        return replace(made.of(thing.phrase), pictures=(_without(scope.picture, thing, after),))

    return made.said, of


def _third(scope: Scope) -> str:
    """A color that neither of them has."""
    taken = {thing.color for thing in _pair(scope.picture)}
    while (color := scope.words.color()) in taken:
        continue
    return color


def _without(picture: Picture, thing: Thing, after: Thing | None) -> Picture:
    return picture_of(tuple(one for one in picture.things if one != thing), after)
