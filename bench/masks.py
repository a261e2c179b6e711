"""Masks by words in the full world against the drawn masks, beside a box in the middle and untrained weights.

Mean IoU of what is there, the share of "the left one" that are the left one, and of absent things that get no mask.
"""

import random
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.bench.mean import Mean
from pentimento.bench.scoring import Rate
from pentimento.starter.questions import Question, absent_thing, asking_scene, present
from pentimento.starter.world.captions import describe
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import Scene
from pentimento.tools import parts
from pentimento.tools.check import PRESENT

Segment = Callable[[Image.Image, str], Image.Image]
Mask = NDArray[np.bool_]
RIGHT = 0.5
"""IoU from which on a mask is that of the thing."""
_SIDES = ("left", "right")


def iou(found: Mask, truth: Mask) -> float:
    """Intersection over union, 0.0 to 1.0; the truth is never empty here."""
    return float((found & truth).sum() / (found | truth).sum())


def measure(segment: Segment, count: int) -> dict[str, str]:
    """`count` unseen scenes for each row."""
    scores = [iou(_found(segment, scene, asked.words), asked.mask) for scene, asked in _asked("bench mask", count)]
    sided = (one for one in _asked("bench side", 40 * count) if any(side in one[1].words for side in _SIDES))
    right = [
        iou(_found(segment, scene, asked.words), asked.mask) > RIGHT
        for (scene, asked), _ in zip(sided, range(count), strict=False)
    ]
    empty = [_found(segment, scene, words).mean() < PRESENT for scene, words in _absent(count)]
    return {
        "mean IoU": str(Mean(scores, digits=3)),
        "the left one, the right one": str(Rate(sum(right), len(right))),
        "nothing for what is not there": str(Rate(sum(empty), len(empty))),
    }


def _asked(seed: str, count: int) -> Iterator[tuple[Scene, Question]]:
    """Scenes that training has not drawn: it has other seeds."""
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        scene = asking_scene(rng)
        if scene.groups:
            yield scene, present(scene, rng)


def _absent(count: int) -> Iterator[tuple[Scene, str]]:
    for index in range(count):
        rng = random.Random(f"bench absent {index}")
        scene = asking_scene(rng)
        yield scene, describe(absent_thing(scene, rng), rng)


def _found(segment: Segment, scene: Scene, words: str) -> Mask:
    """As the tools find it: without crumbs, and "the left one" is chosen among those that the model finds."""
    picture = Image.fromarray(draw(scene))
    return parts.found(lambda what: np.asarray(segment(picture, what)) > 127, words)


def middle_box(picture: Image.Image, _what: str) -> Image.Image:
    """The baseline that looks at nothing: a box in the lower middle, where most things stand."""
    width, height = picture.size
    box = Image.new("L", picture.size)
    box.paste(255, (width // 4, height // 2, 3 * width // 4, height - height // 16))
    return box
