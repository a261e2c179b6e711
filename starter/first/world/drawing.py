"""Draws a scene, and the mask of each thing in it."""

import numpy as np
from numpy.typing import NDArray

from pentimento.starter.first.world.places import SIZE, background
from pentimento.starter.first.world.scene import Scene, Thing
from pentimento.starter.first.world.sprites import sprite


def _window(thing: Thing) -> tuple[slice, slice, NDArray[np.float32]]:
    """Rows and columns of the picture that the thing covers, and its sprite cut to them."""
    x, y = thing.left_top
    left, right = max(x, 0), min(x + thing.size, SIZE)
    top, bottom = max(y, 0), min(y + thing.size, SIZE)
    pixels = sprite(thing.kind, thing.color, thing.size)[top - y : bottom - y, left - x : right - x]
    return slice(top, bottom), slice(left, right), pixels


def draw(scene: Scene) -> NDArray[np.uint8]:
    """The picture, (SIZE, SIZE, 3) RGB."""
    canvas = background(scene.place, scene.variant).copy()
    for thing in scene.things:
        rows, columns, pixels = _window(thing)
        alpha = pixels[..., 3:]
        canvas[rows, columns] += alpha * (pixels[..., :3] - canvas[rows, columns])
    picture: NDArray[np.uint8] = np.clip(canvas + 0.5, 0, 255).astype(np.uint8)
    return picture


def mask(scene: Scene, index: int) -> NDArray[np.bool_]:
    """Where the thing with this index is visible, (SIZE, SIZE)."""
    inside = np.zeros((SIZE, SIZE), dtype=bool)
    for position, thing in enumerate(scene.things[index:]):
        rows, columns, pixels = _window(thing)
        inside[rows, columns] = (
            pixels[..., 3] > 0.5 if position == 0 else inside[rows, columns] & (pixels[..., 3] <= 0.5)
        )
    return inside
