"""Pictures of the world beside themselves four times as large: what the enlarger learns from."""

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import Scene, random_scene

FACTOR = 4
WINDOW = 32
"""Side of the windows of small pictures that most steps learn from, pixels."""
_TRIES = 3
"""Windows of which the busiest is taken: most of a picture is sky and ground, which are learned soon."""
_NO_WORDS = 0.5
"""Share of pairs without words: they help little, and most who enlarge say none."""


@dataclass(frozen=True)
class Pair:
    """A picture, how it looks four times as large, and its words."""

    small: NDArray[np.uint8]
    """(height, width, 3)"""
    large: NDArray[np.uint8]
    """(FACTOR · height, FACTOR · width, 3)"""
    words: str


def pair(scene: Scene, rng: random.Random) -> Pair:
    """Mostly the scene drawn small and drawn large; now and then the large one reduced, and now and then both half as large."""
    large, kind = draw(scene, FACTOR), rng.random()
    small = draw(scene) if kind < 0.8 else _reduced(large, FACTOR)
    if kind > 0.9:
        small, large = _reduced(small, 2), _reduced(large, 2)
    return Pair(small, large, "" if rng.random() < _NO_WORDS else caption(scene, rng))


def window(whole: Pair, rng: random.Random, side: int = WINDOW) -> Pair:
    """The busiest of some windows; `side` in pixels of the small picture."""
    height, width, _ = whole.small.shape
    corners = [(rng.randrange(height - side + 1), rng.randrange(width - side + 1)) for _ in range(_TRIES)]
    top, left = max(corners, key=lambda at: _cut(whole.small, at[0], at[1], side).std((0, 1)).sum())
    large = _cut(whole.large, FACTOR * top, FACTOR * left, FACTOR * side)
    return Pair(_cut(whole.small, top, left, side), large, whole.words)


def windows(rng: random.Random, count: int) -> list[Pair]:
    """Two windows of each drawn scene."""
    drawn = [pair(random_scene(rng), rng) for _ in range(count // 2)]
    return [window(whole, rng) for whole in drawn for _ in range(2)]


def used(picture: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """The picture as the image model may have drawn it: sometimes a little soft, sometimes a little grainy."""
    if rng.random() < 0.4:
        picture = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.7))))
    if rng.random() < 0.4:
        grain = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(0.5, 4), picture.shape)
        picture = np.clip(picture + grain + 0.5, 0, 255).astype(np.uint8)
    return picture


def stretched(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the usual filter makes of a small picture: what is to be beaten."""
    height, width, _ = picture.shape
    size = width * FACTOR, height * FACTOR
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def _reduced(picture: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(picture).reduce(factor))


def _cut(picture: NDArray[np.uint8], top: int, left: int, side: int) -> NDArray[np.uint8]:
    return picture[top : top + side, left : left + side]
