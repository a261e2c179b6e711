"""The picture model of the full world, judged: does a picture show what was asked, and how unlike are pictures of the same words?

Unseen scenes, fixed seeds, nothing selected.
"""

import random
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image

from pentimento.bench import diversity
from pentimento.bench.judge import Facts, Judge, claim, said, shows
from pentimento.bench.mean import Mean
from pentimento.bench.scoring import Rate
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import SHAPES, Scene, random_scene
from pentimento.tools.sd import StableDiffusion, noise_source

BATCH = 16
STEPS = 16
GENERATE_GUIDANCE = 3.0
SIDE = SHAPES["square"][0]
SQUARE, OBLONG = ("square",), ("wide", "tall")
SEEDS = 8
"""Of one prompt, whose pictures are compared with each other."""

Item = TypeVar("Item")
Pictures = list[Image.Image]


@dataclass(frozen=True)
class Asked:
    """A scene, and the words that ask for it."""

    scene: Scene
    words: str

    @property
    def facts(self) -> Facts:
        return claim(self.scene)

    def shown_in(self, seen: Facts) -> bool:
        """Whether all that was said is there."""
        claimed = self.facts
        return shows(seen, claimed, said(self.words, claimed))


Drawn = Callable[[Sequence[Asked], Sequence[int]], Pictures]
"""Prompts and seeds → pictures of the scenes' sizes."""


def asked(count: int, shapes: Collection[str] = SQUARE) -> list[Asked]:
    """Scenes of these shapes that training has not drawn: it has other seeds."""
    found: list[Asked] = []
    index = 0
    while len(found) < count:
        rng = random.Random(f"bench full {index}")
        scene = random_scene(rng)
        found += [Asked(scene, caption(scene, rng))] if scene.shape in shapes else []
        index += 1
    return found


def batches(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def drawn_by(model: StableDiffusion) -> Drawn:
    def draw_all(wanted: Sequence[Asked], seeds: Sequence[int]) -> Pictures:
        made: dict[int, Image.Image] = {}
        for size in dict.fromkeys(one.scene.size for one in wanted):
            alike = [number for number, one in enumerate(wanted) if one.scene.size == size]
            for some in batches(alike):
                words = [wanted[number].words for number in some]
                made |= zip(some, _drawn(model, size, words, [seeds[number] for number in some]), strict=True)
        return [made[number] for number in range(len(wanted))]

    return draw_all


def _drawn(model: StableDiffusion, size: tuple[int, int], words: list[str], seeds: list[int]) -> Pictures:
    """One batch."""
    width, height = size
    made: Pictures = model.generator(
        words,
        height=height,
        width=width,
        num_inference_steps=STEPS,
        guidance_scale=GENERATE_GUIDANCE,
        generator=[noise_source(seed) for seed in seeds],
    ).images
    return made


def generate_rates(drawn: Drawn, judge: Judge, wanted: Sequence[Asked]) -> dict[str, Rate]:
    """Shares of the pictures in which all that was said of things, colours and place is right, of two things apart."""
    seen = [judge.facts(picture) for picture in drawn(wanted, range(len(wanted)))]
    right: dict[str, list[bool]] = {}
    for one, found in zip(wanted, seen, strict=True):
        names = said(one.words, one.facts)
        for row, prefixes in _ROWS.items():
            named = {name for name in names if name.partition(" ")[0] in prefixes}
            if named:
                right.setdefault(row, []).append(shows(found, one.facts, named))
        for row in _whole_rows(one.scene):
            right.setdefault(row, []).append(shows(found, one.facts, names))
    return {row: Rate(sum(found), len(found)) for row, found in right.items()}


def _whole_rows(scene: Scene) -> list[str]:
    """The rows on all that was said to which a picture of the scene belongs."""
    two = ["all, two things"] if len(tuple(scene.things())) == 2 else []
    return ["all", "all, one group" if len(scene.groups) < 2 else "all, several", *two]


_ROWS = {
    "things": ("kinds", "count"),
    "colours": ("color",),
    "place": ("place", "time", "weather"),
    "relations": ("relation", "order", "spot", "between"),
    "style": ("style",),
}
"""Row of the table → the facts that it sums up."""


def generate_rows(drawn: Drawn, judge: Judge, square: int, oblong: int) -> dict[str, str]:
    """Of so many prompts for square pictures, and of some for wide and tall ones whether all is right."""
    rates = generate_rates(drawn, judge, asked(square))
    rates["all, wide or tall"] = generate_rates(drawn, judge, asked(oblong, OBLONG))["all"]
    return {f"generate: {name}": str(rate) for name, rate in rates.items()}


def diversity_row(drawn: Drawn, prompts: int) -> str:
    """How unlike the pictures of one prompt are, the mean of several prompts."""
    alike = [drawn([one] * SEEDS, range(SEEDS)) for one in asked(prompts)]
    return str(Mean([diversity.apart(pictures) for pictures in alike], " levels"))


def truth(wanted: Sequence[Asked], _seeds: Sequence[int]) -> Pictures:
    return [Image.fromarray(draw(one.scene)) for one in wanted]


def truth_anew(wanted: Sequence[Asked], seeds: Sequence[int]) -> Pictures:
    """For each seed a scene of its own, as the world makes it of the same words."""
    chances = [random.Random(f"bench anew {seed} {one.words}") for one, seed in zip(wanted, seeds, strict=True)]
    scenes = [diversity.anew(one.scene, one.words, chance) for one, chance in zip(wanted, chances, strict=True)]
    return [Image.fromarray(draw(scene)) for scene in scenes]
