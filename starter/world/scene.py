"""What is in a picture: one to three groups of things, at a place and a time, in some weather, in some style and shape."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypedDict

from pentimento.starter.words import ANIMALS, BACKDROPS, CARRIERS, COLORS, KINDS, PLACES, STYLES, TIMES, WEATHERS, WORN

SHAPES: dict[str, tuple[int, int]] = {"square": (128, 128), "wide": (160, 96), "tall": (96, 160)}
"""Shape → width and height, pixels: multiples of 32, of about as many pixels each."""
SPOTS = {"left": 0.28, "center": 0.5, "right": 0.72}
"""Where a lone thing stands, as a share of the width."""
VARIANTS = 16
"""Number of different drawings of each place."""
GRID = 8
"""Things stand on the grid of the picture code: the models need not learn every shift."""
_USUAL = {"square": 56, "wide": 48, "tall": 48}
"""Side of an ordinary thing, pixels."""
_FACTORS = {
    **dict.fromkeys(("nut", "apple", "hat", "crown", "bow", "ball"), 0.6),
    **dict.fromkeys(("mushroom", "carrot", "mouse", "flower", "frog"), 0.75),
    **dict.fromkeys(("house", "tree", "palm", "bus", "train", "elephant"), 1.25),
    **dict.fromkeys(("castle", "church"), 1.4),
}
_SCALES = {"small": 0.7, "": 1.0, "big": 1.3}
_PLENTY = 1000


@dataclass(frozen=True)
class Thing:
    kind: str
    color: str | None = None
    """None: its natural colours."""


@dataclass(frozen=True)
class Group:
    """What stands in one place and is spoken of as one."""

    things: tuple[Thing, ...]
    x: int
    """Its middle, pixels."""
    room: int = _PLENTY
    """Width that it may take, pixels."""
    relation: str = ""
    """How its things belong together: "same" (a number of one kind), "wearing", "on" (the first on the second), "behind"
    (the second behind the first); empty for one thing alone."""
    size: str = ""
    """"small", "big" or empty; of the first thing, or of all that are the same."""

    @property
    def slots(self) -> int:
        return len(self.things) if self.relation == "same" else 1


@dataclass(frozen=True)
class Scene:
    groups: tuple[Group, ...]
    """From left to right, but for one that was added; later ones are in front."""
    place: str
    time: str = "day"
    weather: str = "clear"
    style: str = "flat"
    shape: str = "square"
    variant: int = 0
    """Which drawing of the place, 0 .. VARIANTS - 1."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return SHAPES[self.shape]

    def things(self) -> Iterator[Thing]:
        for group in self.groups:
            yield from group.things

    def with_group(self, index: int, group: Group) -> "Scene":
        return replace(self, groups=(*self.groups[:index], group, *self.groups[index + 1 :]))


def snapped(pixels: float, step: int = GRID) -> int:
    return max(round(pixels / step), 1) * step


def side_of(kind: str, size: str, room: float, shape: str) -> int:
    """Side of a thing's square, pixels."""
    wanted = _USUAL[shape] * _FACTORS.get(kind, 1.0) * _SCALES[size]
    return snapped(min(wanted, max(room, 3 * GRID)))


def random_color(rng: random.Random) -> str | None:
    return rng.choice(tuple(COLORS)) if rng.random() < 0.55 else None


def random_thing(rng: random.Random, without: tuple[str, ...] = (), among: tuple[str, ...] = tuple(KINDS)) -> Thing:
    return Thing(rng.choice([kind for kind in among if kind not in without]), random_color(rng))


def random_size(rng: random.Random) -> str:
    return rng.choice(("small", "big")) if rng.random() < 0.15 else ""


def _single(rng: random.Random, taken: tuple[str, ...]) -> Group:
    return Group((random_thing(rng, taken),), 0, size=random_size(rng))


def _same(rng: random.Random, taken: tuple[str, ...], count: int) -> Group:
    return Group((random_thing(rng, taken),) * count, 0, relation="same", size=rng.choice(("", "", "small")))


def _wearing(rng: random.Random, taken: tuple[str, ...]) -> Group:
    return Group((random_thing(rng, taken, ANIMALS), random_thing(rng, taken, WORN)), 0, relation="wearing")


def _on(rng: random.Random, taken: tuple[str, ...]) -> Group:
    carrier = random_thing(rng, taken, CARRIERS)
    rider = random_thing(
        rng, (*taken, carrier.kind, *BACKDROPS, *WORN), (*ANIMALS, "ball", "nut", "apple", "cake", "pumpkin")
    )
    return Group((rider, carrier), 0, relation="on")


def _behind(rng: random.Random, taken: tuple[str, ...]) -> Group:
    back = random_thing(rng, taken, BACKDROPS)
    return Group(
        (random_thing(rng, (*taken, back.kind), (*ANIMALS, "car", "bicycle", "pumpkin")), back), 0, relation="behind"
    )


def random_group(rng: random.Random, taken: tuple[str, ...], slots: int) -> Group:
    """A group of that many slots of kinds that are not taken."""
    if slots > 1:
        return _same(rng, taken, slots)
    if rng.random() < 0.25:
        return rng.choice((_wearing, _on, _behind))(rng, taken)
    return _single(rng, taken)


def slot_counts(rng: random.Random) -> tuple[int, ...]:
    """How many slots each group takes, three at most in all."""
    return rng.choice(((1,),) * 9 + ((1, 1),) * 9 + ((1, 1, 1),) * 2 + ((2,), (3,), (2, 1), (1, 2)))


def arranged(groups: list[Group], shape: str, rng: random.Random) -> tuple[Group, ...]:
    """The groups side by side; one thing alone stands left, in the middle or right."""
    width = SHAPES[shape][0]
    if len(groups) == 1 and groups[0].slots == 1:
        spot = rng.choice(("center", "center", "left", "right"))
        return (replace(groups[0], x=snapped(SPOTS[spot] * width)),)
    slot = width / sum(group.slots for group in groups)
    placed, taken = [], 0
    for group in groups:
        middle = (taken + group.slots / 2) * slot
        placed.append(replace(group, x=snapped(middle, GRID // 2), room=round(group.slots * slot)))
        taken += group.slots
    return tuple(placed)


def random_scene(rng: random.Random, groups: int | None = None, shape: str | None = None) -> Scene:
    """A scene of one to three groups of things of different kinds; `groups` and `shape` fix what they name."""
    counts = slot_counts(rng)
    while groups is not None and len(counts) != groups:
        counts = slot_counts(rng)
    made: list[Group] = []
    for slots in counts:
        taken = tuple(thing.kind for group in made for thing in group.things)
        made.append(random_group(rng, taken, slots))
    shape = shape or rng.choice(("square",) * 8 + ("wide", "tall"))
    return Scene(arranged(made, shape, rng), **random_setting(rng), shape=shape, variant=rng.randrange(VARIANTS))


class Setting(TypedDict):
    """All of a scene but its things and its frame."""

    place: str
    time: str
    weather: str
    style: str


def random_setting(rng: random.Random) -> Setting:
    """Indoors the weather is always clear."""
    place = rng.choice(tuple(PLACES))
    weather = rng.choice(("clear",) * 7 + tuple(w for w in WEATHERS if w != "clear"))
    time = rng.choice(("day",) * 3 + tuple(t for t in TIMES if t != "day"))
    style = rng.choice(("flat",) * 9 + tuple(s for s in STYLES if s != "flat"))
    return {"place": place, "time": time, "weather": "clear" if place == "room" else weather, "style": style}
