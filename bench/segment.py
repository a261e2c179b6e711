"""Masks by words against the drawn masks: mean IoU, beside a box in the middle and untrained weights."""

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.starter.first.world.captions import describe
from pentimento.starter.first.world.drawing import draw, mask
from pentimento.starter.first.world.scene import random_scene

Segment = Callable[[Image.Image, str], Image.Image]
Mask = NDArray[np.bool_]


def iou(found: Mask, truth: Mask) -> float:
    """Intersection over union, 0.0 to 1.0; the truth is never empty here."""
    return float((found & truth).sum() / (found | truth).sum())


def mean_iou(segment: Segment, count: int) -> float:
    """Over unseen scenes and one thing of each, named with its colour."""
    scores = []
    for index in range(count):
        rng = random.Random(f"bench mask {index}")
        scene = random_scene(rng)
        chosen = rng.randrange(len(scene.things))
        found = segment(Image.fromarray(draw(scene)), describe(scene.things[chosen], rng))
        scores.append(iou(np.asarray(found) > 127, mask(scene, chosen)))
    return float(np.mean(scores))


def middle_box(picture: Image.Image, _what: str) -> Image.Image:
    """The baseline that looks at nothing: a box in the lower middle, where most things stand."""
    width, height = picture.size
    box = Image.new("L", picture.size)
    box.paste(255, (width // 4, height // 2, 3 * width // 4, height - height // 16))
    return box
