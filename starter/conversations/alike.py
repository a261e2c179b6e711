"""Pictures of two or three of a kind that only their places tell apart: which one is meant is said by it, or asked back."""

from collections.abc import Callable
from dataclasses import replace

from pentimento.starter.conversations import changing
from pentimento.starter.conversations.changing import recolored, removed, replaced
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.talk import ask_back
from pentimento.starter.conversations.words import Words, a, one_of
from pentimento.starter.words import COUNTS, plural

_SIDES = {2: ("left", "right"), 3: ("left", "middle", "right")}
_ONE = "the {n}|the {n}|the {n}|the {n}|that {n}|this {n}|my {n}|one {n}|{n}|it|him|her|one of the {m}|one of them"
_ALL = "the {m}|the {m}|the {m}|them|them|both {m}|all the {m}|the {k} {m}"
_SAID = "on the {s}|to the {s}|at the {s}"


def drawn(words: Words, thing: Thing) -> tuple[str, Picture]:
    """The caption of a picture of two or three of a thing, and the picture."""
    count = words.r.choice((2, 2, 3))
    place = words.place_phrase() if words.r.random() < 0.7 else ""
    return f"{COUNTS[count]} {plural(thing.phrase)} {place}".strip(), Picture((), alike=((thing, count),))


def message(scope: Scope) -> Move | None:
    """A message about one of them or about all; None where there are none."""
    if not scope.picture.alike:
        return None
    thing, count = scope.r.choice(scope.picture.alike)
    make = scope.r.choices((_which, _by_place, _told, _all, _otherwise_many), (5, 1, 2, 3, 0.7))[0]
    return make(scope, thing, count)


def _otherwise_many(scope: Scope, thing: Thing, _count: int) -> Move:
    return changing.change_count(replace(scope, picture=Picture((thing,), alike=())))


def _which(scope: Scope, thing: Thing, count: int) -> Move:
    said, change = _change(scope, thing)
    only = len(scope.picture.alike or ()) == 1 and not scope.picture.things
    name = one_of(scope.r, _ONE if only else _ONE.partition("|it|")[0]).format(n=thing.noun, m=plural(thing.noun))
    answers = tuple(
        (form.format(s=side, n=thing.noun), change(f"{side} {thing.noun}"))
        for side in _SIDES[count]
        for form in ("the {s} {n}", "the {s} one", "the one on the {s}")
    )
    return ask_back(said(name), f"Which {thing.noun}?", [f"the {side} {thing.noun}" for side in _SIDES[count]], answers)


def _by_place(scope: Scope, thing: Thing, _count: int) -> Move:
    return replace(changing.the_one(replace(scope, picture=Picture((thing,)))), pictures=(scope.picture,))


def _told(scope: Scope, thing: Thing, count: int) -> Move:
    said, change = _change(scope, thing)
    side = scope.r.choice(_SIDES[count])
    where = one_of(scope.r, _SAID).format(s=side) if side != "middle" else "in the middle"
    name = scope.r.choice((f"the {side} {thing.noun}", f"the {thing.noun} {where}"))
    return replace(change(f"{side} {thing.noun}"), said=said(name), order=False)


def _all(scope: Scope, thing: Thing, count: int) -> Move:
    """The same for every one of them."""
    r, several, color = scope.r, plural(thing.noun), scope.words.color(thing.color)
    name = one_of(r, _ALL).format(m=several, k=COUNTS[count]).replace("both", "both" if count == 2 else "all three")
    if r.random() < 0.35:
        return replace(
            removed(scope.picture, several),
            said=phrasing(r, "remove", x=name),
            pictures=(_without(scope, thing),),
            order=False,
        )
    return replace(recolored(scope.picture, several, color), said=phrasing(r, "recolor", x=name, c=color), order=False)


def _without(scope: Scope, thing: Thing) -> Picture:
    return replace(scope.picture, alike=tuple(one for one in scope.picture.alike or () if one[0] != thing))


def _change(scope: Scope, thing: Thing) -> tuple[Callable[[str], str], Callable[[str], Move]]:
    """How a change of one of them is said, by its name, and what it does."""
    r, color = scope.r, scope.words.color(thing.color)
    new = Thing(scope.words.noun((thing.noun, *scope.picture.nouns())))
    kind = r.choice(("recolor", "recolor", "remove", "replace"))

    def change(name: str) -> Move:
        made = {
            "recolor": lambda: recolored(scope.picture, name, color),
            "remove": lambda: removed(scope.picture, name),
            "replace": lambda: replaced(scope.picture, name, new),
        }[kind]()
        return replace(made, pictures=(_without(scope, thing) if kind != "recolor" else scope.picture,))

    words = {"recolor": {"c": color}, "remove": {}, "replace": {"a": a(new.noun)}}[kind]
    return lambda name: phrasing(r, kind, x=name, **words), change
