"""Pictures of two or three of a kind that only their places tell apart: which one is meant is said by it, or asked back."""

from dataclasses import replace

from pentimento.starter.conversations import changing
from pentimento.starter.conversations.changing import Change
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, with_count
from pentimento.starter.conversations.talk import ask_back
from pentimento.starter.conversations.words import Words, one_of
from pentimento.starter.words import COUNTS, plural

_SIDES = {2: ("left", "right"), 3: ("left", "middle", "right")}
_ONE = "the {n}|the {n}|the {n}|the {n}|that {n}|this {n}|my {n}|{n}"
_ANY = "|one {n}|one of the {m}|one of them"
_IT = "|it|him|her"
_ALL = "the {m}|the {m}|the {m}|{b} {m}|all the {m}|the {k} {m}"
_THEM = "|them|them|{b} of them"
_ANSWERS = ("the {s} {n}", "the {s} one", "the one on the {s}")


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
    make = scope.r.choices((_which, _by_place, _told, _all), (5, 1, 2, 3))[0]
    return make(scope, thing, count)


def _which(scope: Scope, thing: Thing, count: int) -> Move:
    change = _change(scope, thing, count)
    ways = _ONE + (_IT if _are_all(scope.picture) else "") + (_ANY if change.kind == "recolor" else "")
    said = change.said(one_of(scope.r, ways).format(n=thing.noun, m=plural(thing.noun)))
    answers = tuple(
        (way.format(s=side, n=thing.noun), change.of(f"{side} {thing.noun}"))
        for side in _SIDES[count]
        for way in _ANSWERS
    )
    return ask_back(said, f"Which {thing.noun}?", [f"the {side} {thing.noun}" for side in _SIDES[count]], answers)


def _by_place(scope: Scope, thing: Thing, count: int) -> Move:
    made = changing.the_one_of(scope, thing)
    goes = str(made.steps[0].arguments["instruction"]).startswith("remove")
    return replace(made, pictures=(with_count(scope.picture, thing, count - 1) if goes else scope.picture,))


def _told(scope: Scope, thing: Thing, count: int) -> Move:
    change, side = _change(scope, thing, count), scope.r.choice(_SIDES[count])
    where = "in the middle" if side == "middle" else one_of(scope.r, f"on the {side}|to the {side}|at the {side}")
    name = scope.r.choice((f"the {side} {thing.noun}", f"the {thing.noun} {where}"))
    return replace(change.of(f"{side} {thing.noun}"), said=change.said(name), order=False)


def _all(scope: Scope, thing: Thing, count: int) -> Move:
    """The same for every one of them."""
    r, several, color = scope.r, plural(thing.noun), scope.words.color(thing.color)
    ways = _ALL + (_THEM if _are_all(scope.picture) else "")
    name = one_of(r, ways).format(m=several, k=COUNTS[count], b="both" if count == 2 else "all three")
    made = changing.change(scope, "remove" if r.random() < 0.35 else "recolor", color, thing)
    left = 0 if made.kind == "remove" else count
    picture = with_count(scope.picture, thing, left)
    return replace(made.of(several), said=made.said(name), pictures=(picture,), order=False)


def _are_all(picture: Picture) -> bool:
    """Whether there is nothing but them, so that "it" and "them" can't mean anything else."""
    return not picture.things and len(picture.alike or ()) == 1


def _change(scope: Scope, thing: Thing, count: int) -> Change:
    """A change of one of them."""
    color, new = scope.words.color(thing.color), Thing(scope.words.noun(scope.picture.every_noun()))
    made = changing.change(scope, scope.r.choices(("recolor", "remove", "replace"), (2, 1, 1))[0], color, new)
    after = {
        "recolor": scope.picture,
        "remove": with_count(scope.picture, thing, count - 1),
        "replace": with_count(scope.picture, thing, count - 1, new),
    }[made.kind]
    return replace(made, of=lambda name: replace(made.of(name), pictures=(after,)))
