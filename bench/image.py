"""The picture models against the drawn truth: does a picture show what was asked, does an edit arrive at what was meant?

Beside each figure stand doing nothing and untrained weights of the same shape. Unseen scenes, fixed seeds, nothing selected.
"""

import random
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.bench.pixels import Pixels, arrived, psnr, quiet
from pentimento.bench.scoring import Rate
from pentimento.starter.first.words import PLACES
from pentimento.starter.first.world.captions import caption
from pentimento.starter.first.world.drawing import draw
from pentimento.starter.first.world.edits import EDITS, Edit, random_edit
from pentimento.starter.first.world.places import VARIANTS, background
from pentimento.starter.first.world.scene import Scene, random_scene
from pentimento.tools.check import check_generate
from pentimento.tools.types import Models, Run

EDIT_GUIDANCE = 2.0
GENERATE_GUIDANCE = 3.0
STEPS = 12

Edited: TypeAlias = Callable[[Image.Image, str, int], Image.Image]
Generated: TypeAlias = Callable[[str, int], Image.Image]


def unseen_edits(kind: str, count: int) -> list[Edit]:
    """Edits that training has not drawn: its pool has other seeds."""
    return [random_edit(random.Random(f"bench {kind} {index}"), kind) for index in range(count)]


def unseen_scenes(count: int) -> list[Scene]:
    return [random_scene(random.Random(f"bench scene {index}")) for index in range(count)]


def measure_edits(edited: Edited, count: int) -> dict[str, dict[str, object]]:
    """Kind of edit → share that arrived, mean PSNR to the truth, and that of doing nothing."""
    rows: dict[str, dict[str, object]] = {}
    for kind in EDITS:
        successes, scores, idle = 0, [], []
        for index, edit in enumerate(unseen_edits(kind, count)):
            before, after = draw(edit.before), draw(edit.after)
            made = np.asarray(edited(Image.fromarray(before), edit.instruction, index))
            successes += arrived(before, made, after)
            scores.append(psnr(made, after))
            idle.append(psnr(before, after))
        rows[kind] = {
            "arrived": Rate(successes, count),
            "psnr": round(float(np.mean(scores)), 2),
            "psnr_doing_nothing": round(float(np.mean(idle)), 2),
        }
    return rows


@cache
def place_centroids() -> dict[str, NDArray[np.float64]]:
    """Place → its mean picture, 8 × 8, without things."""
    return {
        place: np.mean([small(background(place, v).astype(np.uint8)) for v in range(VARIANTS)], axis=0)
        for place in PLACES
    }


def small(picture: Pixels) -> NDArray[np.float64]:
    return np.asarray(Image.fromarray(picture).resize((8, 8), Image.Resampling.BOX), dtype=np.float64)


def nearest_place(picture: Pixels) -> str:
    """The place whose mean picture is nearest in the median over the 64 fields, so that a thing in front hardly counts."""
    seen = small(picture)
    centroids = place_centroids()
    return min(centroids, key=lambda place: float(np.median(np.abs(seen - centroids[place]).mean(axis=2))))


def measure_generate(generated: Generated, judge: Models, count: int) -> dict[str, Rate]:
    """Shares of pictures with all things found in their colours (by the masks model), with the right place, with both."""
    things = places = both = 0
    for index, scene in enumerate(unseen_scenes(count)):
        words = caption(scene, random.Random(f"bench words {index}"))
        picture = generated(words, index)
        thing = check_generate(picture, words, Run({}, 0, judge, quiet)).passed
        place = nearest_place(np.asarray(picture)) == scene.place
        things, places, both = things + thing, places + place, both + (thing and place)
    return {"things": Rate(things, count), "place": Rate(places, count), "all": Rate(both, count)}


def drawn_truth(count: int) -> Generated:
    """The pictures that a perfect model would make: what the judges above say of the truth itself."""
    scenes = unseen_scenes(count)
    return lambda _words, index: Image.fromarray(draw(scenes[index]))
