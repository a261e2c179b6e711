"""How unlike each other the pictures of the same words are, as the world draws them and as a model does."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from PIL import Image

from pentimento.bench.judge import claim, said
from pentimento.starter.world.scene import VARIANTS, Scene, random_setting


def apart(pictures: Sequence[Image.Image]) -> float:
    """Mean distance of all pairs, levels a pixel."""
    levels = [np.asarray(picture, dtype=np.float64) for picture in pictures]
    return float(np.mean([np.abs(one - other).mean() for one, other in combinations(levels, 2)]))


def anew(scene: Scene, words: str, rng: random.Random) -> Scene:
    """Another scene of the same words, as likely as the world makes it.

    Its captions settle the things, their order, spots, sizes and colours, the time, the weather and the style: what they leave out
    is ordinary. Only the place may be left open, and which of its drawings it is always is.
    """
    place = scene.place if "place" in said(words, claim(scene)) else _any_place(scene, rng)
    return replace(scene, place=place, variant=rng.randrange(VARIANTS))


def _any_place(scene: Scene, rng: random.Random) -> str:
    """Of a setting that is the scene's in all but its place: indoors there is no weather."""
    while True:
        setting = random_setting(rng)
        if (setting["time"], setting["weather"], setting["style"]) == (scene.time, scene.weather, scene.style):
            return setting["place"]
