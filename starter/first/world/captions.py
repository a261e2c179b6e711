"""Puts a scene into words, terse to chatty."""

import random

from pentimento.starter.first.words import ANIMALS, FOOD, KINDS, PLACES
from pentimento.starter.first.world.scene import Scene, Thing

_ONE_AT = {
    "left": ("{a} on the left", "{a} at the left"),
    "right": ("{a} on the right", "{a} at the right"),
    "center": ("{a}", "{a}", "{a}", "{a} in the middle"),
}
_TWO = ("{a} and {b}", "{a} and {b}", "{a} next to {b}", "{a} to the left of {b}", "{a} beside {b}")
_WHOLE = (
    *["{things} {place}"] * 5,
    "{place}, {things}",
    "{things}, {place}",
    "a picture of {things} {place}",
    "there is {things} {place}",
    "a drawing of {things} {place}",
)


def noun(kind: str, rng: random.Random) -> str:
    """A noun for a kind: mostly the usual one."""
    return KINDS[kind][0] if rng.random() < 0.8 else rng.choice(KINDS[kind])


def article(words: str) -> str:
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def describe(thing: Thing, rng: random.Random) -> str:
    """A noun phrase without article: "red squirrel"."""
    name = noun(thing.kind, rng)
    return name if thing.color is None else f"{thing.color} {name}"


def _eats(first: Thing, second: Thing) -> bool:
    return first.kind in ANIMALS and second.kind in FOOD


def things_in_words(scene: Scene, rng: random.Random) -> str:
    named = [article(describe(thing, rng)) for thing in scene.things]
    if len(named) == 1:
        return rng.choice(_ONE_AT[scene.things[0].spot]).format(a=named[0])
    if _eats(*scene.things) and rng.random() < 0.4:
        return f"{named[0]} eating {named[1]}"
    if rng.random() < 0.15:
        return f"{named[1]} to the right of {named[0]}"
    return rng.choice(_TWO).format(a=named[0], b=named[1])


def place_in_words(place: str, rng: random.Random) -> str:
    return PLACES[place][0] if rng.random() < 0.6 else rng.choice(PLACES[place])


def caption(scene: Scene, rng: random.Random) -> str:
    things = things_in_words(scene, rng)
    return rng.choice(_WHOLE).format(things=things, place=place_in_words(scene.place, rng))
