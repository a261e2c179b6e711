"""Before, instruction, after: one change of a scene and the words that ask for it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from pentimento.starter.first.words import COLORS, PLACES
from pentimento.starter.first.world.captions import article, describe, noun, place_in_words
from pentimento.starter.first.world.places import VARIANTS
from pentimento.starter.first.world.scene import Scene, random_scene, random_thing

_RECOLOR = ("make the {x} {c}", "make the {x} {c}", "turn the {x} {c}", "paint the {x} {c}", "color the {x} {c}")
_REPLACE = ("replace the {x} with {y}", "replace the {x} with {y}", "swap the {x} for {y}", "turn the {x} into {y}")
_ADD = ("add {y} on the {side}", "add {y} on the {side}", "put {y} on the {side}", "add {y} to the {side}")
_REMOVE = ("remove the {x}", "remove the {x}", "delete the {x}", "take the {x} away", "erase the {x}")
_PLACE = ("put it {p}", "change the place to {n}", "make it {n}", "move it to {n}", "the same {p}")
_PLACE_NOUN = {
    "forest": ("a forest", "the forest"),
    "beach": ("a beach", "the beach"),
    "city": ("a city", "the city"),
    "snow": ("snow", "winter", "a snowy day"),
    "night": ("night", "night time"),
    "sunset": ("sunset", "a sunset", "dusk"),
}


@dataclass(frozen=True)
class Edit:
    kind: str
    """"recolor", "replace", "add", "remove" or "place"."""
    before: Scene
    instruction: str
    after: Scene
    target: str
    """Noun phrase of what is changed or added, empty when the whole picture is."""
    thing: int | None
    """Index of the thing changed (in `before`) or added (in `after`); None for the whole picture."""


def _recolor(rng: random.Random) -> Edit:
    before = random_scene(rng)
    index = rng.randrange(len(before.things))
    thing = before.things[index]
    color = rng.choice([c for c in COLORS if c != thing.color])
    name = describe(thing, rng) if rng.random() < 0.2 else noun(thing.kind, rng)
    words = rng.choice(_RECOLOR).format(x=name, c=color)
    return Edit("recolor", before, words, before.with_thing(index, replace(thing, color=color)), name, index)


def _replace(rng: random.Random) -> Edit:
    before = random_scene(rng)
    index = rng.randrange(len(before.things))
    thing = before.things[index]
    kinds = tuple(t.kind for t in before.things)
    other = replace(random_thing(rng, thing.spot, without=kinds), dx=thing.dx)
    name = noun(thing.kind, rng)
    words = rng.choice(_REPLACE).format(x=name, y=article(describe(other, rng)))
    return Edit("replace", before, words, before.with_thing(index, other), name, index)


def _add(rng: random.Random) -> Edit:
    before = random_scene(rng, count=1)
    spot = before.things[0].spot
    side = {"left": "right", "right": "left"}.get(spot) or rng.choice(("left", "right"))
    new = random_thing(rng, side, without=(before.things[0].kind,))
    name = describe(new, rng)
    words = rng.choice(_ADD).format(y=article(name), side=side)
    return Edit("add", before, words, replace(before, things=(*before.things, new)), name, 1)


def _remove(rng: random.Random) -> Edit:
    before = random_scene(rng)
    index = rng.randrange(len(before.things))
    name = noun(before.things[index].kind, rng)
    rest = tuple(t for i, t in enumerate(before.things) if i != index)
    return Edit("remove", before, rng.choice(_REMOVE).format(x=name), replace(before, things=rest), name, index)


def _place(rng: random.Random) -> Edit:
    before = random_scene(rng)
    place = rng.choice([p for p in PLACES if p != before.place])
    words = rng.choice(_PLACE).format(p=place_in_words(place, rng), n=rng.choice(_PLACE_NOUN[place]))
    return Edit("place", before, words, replace(before, place=place, variant=rng.randrange(VARIANTS)), "", None)


EDITS: dict[str, Callable[[random.Random], Edit]] = {
    "recolor": _recolor,
    "replace": _replace,
    "add": _add,
    "remove": _remove,
    "place": _place,
}


def random_edit(rng: random.Random, kind: str | None = None) -> Edit:
    return EDITS[kind or rng.choice(tuple(EDITS))](rng)
