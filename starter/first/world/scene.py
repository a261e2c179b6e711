"""What is in a picture: one or two things, each with a kind, a colour and a spot, at a place."""

import random
from dataclasses import dataclass, replace

from pentimento.starter.first.words import COLORS, KINDS, PLACES
from pentimento.starter.first.world.places import VARIANTS

SPOTS = ("left", "center", "right")
_CENTER_X = {"left": 18, "center": 32, "right": 46}
_GRID = 4
"""Things stand on a grid of 4 pixels, the stride of the picture code: the models need not learn every shift."""
_SIZES = {"tree": 36, "house": 36, "nut": 20, "apple": 20, "mushroom": 24, "flower": 24, "balloon": 28}
_SIZE = 30


@dataclass(frozen=True)
class Thing:
    kind: str
    color: str | None
    """None: its natural colours."""
    spot: str
    """"left", "center" or "right"."""
    dx: int = 0
    """Offset from the middle of the spot, pixels, a multiple of 4."""

    @property
    def size(self) -> int:
        """Side of its square, pixels."""
        return _SIZES.get(self.kind, _SIZE)

    @property
    def left_top(self) -> tuple[int, int]:
        """Upper left corner of its square, pixels."""
        floor = 44 if self.kind == "balloon" else 60
        x = _CENTER_X[self.spot] + self.dx - self.size // 2
        return x - x % 2, floor - self.size


@dataclass(frozen=True)
class Scene:
    things: tuple[Thing, ...]
    """Drawn in this order, so a later one is in front."""
    place: str
    variant: int

    def with_thing(self, index: int, thing: Thing) -> "Scene":
        return replace(self, things=(*self.things[:index], thing, *self.things[index + 1 :]))


def random_color(rng: random.Random) -> str | None:
    return rng.choice(tuple(COLORS)) if rng.random() < 0.55 else None


def random_thing(rng: random.Random, spot: str, without: tuple[str, ...] = ()) -> Thing:
    kind = rng.choice([kind for kind in KINDS if kind not in without])
    return Thing(kind, random_color(rng), spot, rng.choice((-_GRID, 0, 0, _GRID)))


def random_scene(rng: random.Random, count: int | None = None) -> Scene:
    """A scene of one or two things of different kinds; two stand left and right."""
    count = count or rng.choice((1, 1, 2))
    if count == 1:
        things: tuple[Thing, ...] = (random_thing(rng, rng.choice(("center", "center", "left", "right"))),)
    else:
        first = random_thing(rng, "left")
        things = (first, random_thing(rng, "right", without=(first.kind,)))
    return Scene(things, rng.choice(tuple(PLACES)), rng.randrange(VARIANTS))
