"""Questions about drawn scenes for the models that look: which words mean which part of the picture."""

import random
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pentimento.starter.words import COLORS, KINDS, plural
from pentimento.starter.world.captions import describe
from pentimento.starter.world.drawing import mask
from pentimento.starter.world.layout import placed
from pentimento.starter.world.scene import Group as SceneGroup
from pentimento.starter.world.scene import Scene, Thing, arranged, random_scene, random_setting, random_thing

ABSENT = 0.3
"""Share of questions for a thing that is not in the picture: the mask is empty."""
_SIDES = {
    "left": ("the left {x}", "the {x} on the left", "the leftmost {x}", "{x} on the left"),
    "right": ("the right {x}", "the {x} on the right", "the rightmost {x}", "{x} on the right"),
}


@dataclass(frozen=True)
class Question:
    words: str
    mask: NDArray[np.bool_]
    """(height, width)"""
    thing: Thing
    """What is asked for; its colour is None where the words name none."""


def asking_scene(rng: random.Random) -> Scene:
    """A scene in which words must decide: now and then two or three of a kind, alike or in different colours."""
    if rng.random() < 0.7:
        return random_scene(rng)
    scene = random_scene(rng, shape="square")
    first = random_thing(rng)
    colors = rng.sample(tuple(COLORS), 3)
    count = rng.choice((2, 2, 3))
    groups = [SceneGroup((replace(first, color=colors[i]),), 0) for i in range(count)]
    return replace(scene, groups=arranged(groups, "square", rng), **random_setting(rng))


def question(scene: Scene, rng: random.Random) -> Question:
    if rng.random() < ABSENT or not scene.groups:
        thing = absent_thing(scene, rng)
        width, height = scene.size
        return Question(_prefixed(describe(thing, rng), rng), np.zeros((height, width), dtype=bool), thing)
    return present(scene, rng)


def present(scene: Scene, rng: random.Random) -> Question:
    """A thing of the picture by its kind, its colour, its side or its number; the mask is of all that the words fit."""
    one = rng.choice(placed(scene))
    alike = [other for other in placed(scene) if other.thing.kind == one.thing.kind]
    colored = one.thing.color is not None and rng.random() < 0.5
    wanted = one.thing if colored else Thing(one.thing.kind)
    fits = [other for other in alike if not colored or other.thing.color == one.thing.color]
    name = describe(wanted, rng)
    if len(fits) > 1 and rng.random() < 0.6:
        side = rng.choice(("left", "right"))
        ends = sorted(fits, key=lambda other: other.left)
        chosen = [ends[0] if side == "left" else ends[-1]]
        words = rng.choice(_SIDES[side]).format(x=name)
    else:
        chosen = fits
        words = _prefixed(plural(name) if len(fits) > 1 and rng.random() < 0.7 else name, rng)
    seen = np.zeros((scene.size[1], scene.size[0]), dtype=bool)
    for other in chosen:
        seen |= mask(scene, other.group, other.index)
    return Question(words, seen, wanted)


def _prefixed(name: str, rng: random.Random) -> str:
    return rng.choice(("", "", "the ", "a ")) + name


def absent_thing(scene: Scene, rng: random.Random) -> Thing:
    """A thing that is not there; half of the time one that is, but in another colour."""
    there = list(scene.things())
    if there and rng.random() < 0.5:
        thing = rng.choice(there)
        taken = {other.color for other in there if other.kind == thing.kind}
        if thing.color is not None and len(taken) < len(COLORS):
            return replace(thing, color=rng.choice([c for c in COLORS if c not in taken]))
    return Thing(rng.choice([k for k in KINDS if k not in {t.kind for t in there}]))


def worn(picture: NDArray[np.uint8], rng: random.Random, softest: float = 1.6) -> NDArray[np.uint8]:
    """The picture as a model may have drawn it: sometimes soft, sometimes grainy, sometimes both."""
    if rng.random() < 0.5:
        soft = Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, softest)))
        picture = np.asarray(soft)
    if rng.random() < 0.5:
        grain = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(1, 12), picture.shape)
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return picture
