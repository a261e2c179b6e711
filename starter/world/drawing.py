"""Draws a scene, and the mask of each group or thing in it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pentimento.starter.world import places, sprites
from pentimento.starter.world.layout import Placed, placed
from pentimento.starter.world.scene import Scene
from pentimento.starter.world.styles import STYLE
from pentimento.starter.world.weather import under

Window = tuple[slice, slice, NDArray[np.float32]]
_KEPT = 128
"""Side of the largest sprites that are kept, pixels: above the largest of a scene that is not zoomed."""


def _window(one: Placed, width: int, height: int) -> Window:
    """Rows and columns of the picture that the thing covers, and its sprite cut to them; empty where it is all outside."""
    left, right = max(one.left, 0), max(min(one.left + one.side, width), 0)
    top, bottom = max(one.top, 0), max(min(one.top + one.side, height), 0)
    pixels = (sprites.sprite if one.side <= _KEPT else sprites.drawn)(one.thing.kind, one.thing.color, one.side)
    return (
        slice(top, bottom),
        slice(left, right),
        pixels[top - one.top : bottom - one.top, left - one.left : right - one.left],
    )


def draw(scene: Scene, zoom: int = 1) -> NDArray[np.uint8]:
    """The picture, (height, width, 3) RGB; `zoom` times as large as the scene is measured."""
    if scene.style == "pixel" and zoom > 1:
        return np.repeat(np.repeat(draw(scene), zoom, axis=0), zoom, axis=1)
    canvas = under(scene.weather, _empty(scene, zoom), scene, zoom)
    width, height = scene.size
    for one in placed(scene):
        larger = replace(one, left=one.left * zoom, top=one.top * zoom, side=one.side * zoom)
        rows, columns, pixels = _window(larger, width * zoom, height * zoom)
        alpha = pixels[..., 3:]
        canvas[rows, columns] += alpha * (pixels[..., :3] - canvas[rows, columns])
    picture: NDArray[np.uint8] = np.clip(canvas + 0.5, 0, 255).astype(np.uint8)
    return STYLE[scene.style](picture, zoom)


def _empty(scene: Scene, zoom: int) -> NDArray[np.uint8]:
    """The place without its things; large ones are drawn afresh, for they would fill the memory."""
    if zoom == 1:
        return places.background(scene.place, scene.time, scene.shape, scene.variant)
    return places.drawn(scene.place, scene.time, scene.shape, scene.variant, zoom)


def mask(scene: Scene, group: int, index: int | None = None) -> NDArray[np.bool_]:
    """Where a group, or one thing of it, is visible, (height, width)."""
    return visible(scene, lambda one: one.group == group and index in (None, one.index))


def visible(scene: Scene, wanted: Callable[[Placed], bool]) -> NDArray[np.bool_]:
    """Where the things that are wanted can be seen, (height, width)."""
    width, height = scene.size
    seen = np.zeros((height, width), dtype=bool)
    for one in placed(scene):
        rows, columns, pixels = _window(one, width, height)
        solid = pixels[..., 3] > 0.5
        seen[rows, columns] = seen[rows, columns] | solid if wanted(one) else seen[rows, columns] & ~solid
    return seen
