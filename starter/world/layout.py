"""Where each thing of a scene is drawn: its square, and what is in front of what."""

from dataclasses import dataclass

from pentimento.starter.world.scene import GRID, Group, Scene, Thing, side_of, snapped
from pentimento.starter.world.sprites import top_of

_ALOFT = {"balloon": 32, "rocket": 24}
"""Kinds that float, and how high above the ground, pixels."""
_HEADS = {
    "squirrel": (0.21, 0.20, 0.40),
    "fox": (0.50, 0.24, 0.50),
    "cat": (0.30, 0.22, 0.42),
    "dog": (0.38, 0.16, 0.48),
    "rabbit": (0.34, 0.44, 0.40),
    "owl": (0.50, 0.16, 0.50),
    "duck": (0.22, 0.10, 0.36),
    "horse": (0.18, 0.14, 0.34),
    "cow": (0.18, 0.20, 0.34),
    "pig": (0.33, 0.20, 0.44),
    "elephant": (0.36, 0.16, 0.44),
    "penguin": (0.32, 0.08, 0.42),
    "turtle": (0.19, 0.34, 0.38),
    "frog": (0.50, 0.22, 0.50),
    "mouse": (0.28, 0.18, 0.42),
    "hedgehog": (0.22, 0.50, 0.38),
}
"""Animal → where what it wears sits (x, y) and how wide that is, as shares of its square."""


@dataclass(frozen=True)
class Placed:
    """A thing and the square that it fills, pixels; it may reach over the edge of the picture."""

    group: int
    index: int
    """Which thing of the group."""
    thing: Thing
    left: int
    top: int
    side: int


def placed(scene: Scene) -> tuple[Placed, ...]:
    """All things, the hindmost first."""
    made: list[Placed] = []
    for number, group in enumerate(scene.groups):
        made += [Placed(number, *rest) for rest in _PLACE[group.relation](group, scene)]
    return tuple(made)


Square = tuple[int, Thing, int, int, int]


def _ground(scene: Scene) -> int:
    return scene.size[1] - GRID


def _standing(index: int, thing: Thing, x: float, floor: int, side: int) -> Square:
    return index, thing, snapped(x - side / 2 + 10 * GRID) - 10 * GRID, floor - side, side


def _row(group: Group, scene: Scene) -> list[Square]:
    count, thing = len(group.things), group.things[0]
    side = side_of(thing.kind, group.size, group.room / count, scene.shape)
    floor = _ground(scene) - _ALOFT.get(thing.kind, 0)
    step = min(group.room / count, side + GRID)
    middles = (group.x + (i - (count - 1) / 2) * step for i in range(count))
    return [_standing(i, thing, x, floor, side) for i, x in enumerate(middles)]


def _wearing(group: Group, scene: Scene) -> list[Square]:
    animal, worn = group.things
    side = side_of(animal.kind, group.size, group.room, scene.shape)
    first = _standing(0, animal, group.x, _ground(scene), side)
    x, y, width = _HEADS[animal.kind]
    worn_side = max(round(width * side / 4) * 4, 12)
    left, top = first[2] + round(x * side) - worn_side // 2, first[3] + round(y * side) - worn_side
    return [first, (1, worn, left, top, worn_side)]


def _on(group: Group, scene: Scene) -> list[Square]:
    rider, carrier = group.things
    side = side_of(carrier.kind, "", group.room, scene.shape)
    below = _standing(1, carrier, group.x, _ground(scene), side)
    top = below[3] + round(top_of(carrier.kind) * side)
    rider_side = min(side_of(rider.kind, group.size, group.room, scene.shape), snapped(0.7 * side), snapped(top))
    return [below, _standing(0, rider, group.x, top + GRID // 2, rider_side)]


def _behind(group: Group, scene: Scene) -> list[Square]:
    front, back = group.things
    side = side_of(front.kind, group.size, group.room, scene.shape)
    back_side = side_of(back.kind, "big", group.room * 1.2, scene.shape)
    aside = GRID * 2 if group.x <= scene.size[0] // 2 else -GRID * 2
    behind = _standing(1, back, group.x + aside, _ground(scene) - GRID, max(back_side, side + GRID))
    return [behind, _standing(0, front, group.x, _ground(scene), side)]


_PLACE = {"": _row, "same": _row, "wearing": _wearing, "on": _on, "behind": _behind}
