"""The picture model of the full world, judged: does a picture show what was asked, does an edit arrive, is a hole filled?

Unseen scenes, fixed seeds, nothing selected, no guard around the model. Beside each figure: the drawn truth, doing nothing, and
untrained weights of the same shape.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np
from PIL import Image

from pentimento.bench.judge import Facts, Judge, claim, said, shows
from pentimento.bench.pixels import arrived, psnr
from pentimento.bench.scoring import Rate
from pentimento.starter.latents import hole_of, hole_words
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.edits import EDITS, Edit, random_edit
from pentimento.starter.world.scene import Scene, random_scene
from pentimento.tools import sd
from pentimento.tools.sd import StableDiffusion, noise_source

BATCH = 16
STEPS = 16
GENERATE_GUIDANCE = 3.0
EDIT_GUIDANCE = 2.0
IMAGE_GUIDANCE = 1.0
SIDE = 128
DIVERSE = 8
"""Seeds of one prompt whose pictures are compared with each other."""

Item = TypeVar("Item")
Pictures = list[Image.Image]
Drawn = Callable[[Sequence[str], Sequence[int]], Pictures]
"""Prompts and seeds → pictures."""
Edited = Callable[[Sequence[Edit]], Pictures]
"""Edits → what comes of their instructions on their pictures; the number of the edit is the seed."""


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


def asked(count: int) -> list[Asked]:
    """Square scenes that training has not drawn: it has other seeds."""
    return [Asked(scene, caption(scene, rng)) for scene, rng in _square(count)]


def _square(count: int) -> Iterator[tuple[Scene, random.Random]]:
    found = 0
    for index in range(10 * count):
        rng = random.Random(f"bench full {index}")
        scene = random_scene(rng)
        if scene.shape == "square" and found < count:
            found += 1
            yield scene, rng


def unseen_edits(kind: str, count: int) -> list[Edit]:
    """Of one kind, on square pictures."""
    found: list[Edit] = []
    index = 0
    while len(found) < count:
        edit = random_edit(random.Random(f"bench full {kind} {index}"), kind)
        found += [edit] if edit.before.shape == "square" else []
        index += 1
    return found


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def drawn_by(model: StableDiffusion) -> Drawn:
    def draw_all(words: Sequence[str], seeds: Sequence[int]) -> Pictures:
        made: Pictures = []
        for some in _batches(list(zip(words, seeds, strict=True))):
            made += model.generator(
                [prompt for prompt, _ in some],
                height=SIDE,
                width=SIDE,
                num_inference_steps=STEPS,
                guidance_scale=GENERATE_GUIDANCE,
                generator=[noise_source(seed) for _, seed in some],
            ).images
        return made

    return draw_all


def edited_by(model: StableDiffusion) -> Edited:
    def edit_all(edits: Sequence[Edit]) -> Pictures:
        made: Pictures = []
        for some in _batches(list(enumerate(edits))):
            pictures = [Image.fromarray(draw(edit.before)) for _, edit in some]
            made += _painted(model, [edit.instruction for _, edit in some], pictures, [seed for seed, _ in some])
        return made

    return edit_all


def _painted(model: StableDiffusion, words: list[str], pictures: Pictures, seeds: list[int]) -> Pictures:
    """One batch through the editor."""
    with sd.guided(model, EDIT_GUIDANCE, IMAGE_GUIDANCE):
        made: Pictures = model.editor(
            words,
            image=pictures,
            num_inference_steps=STEPS,
            guidance_scale=EDIT_GUIDANCE,
            image_guidance_scale=IMAGE_GUIDANCE,
            generator=[noise_source(seed) for seed in seeds],
        ).images
    return made


def filled_by(model: StableDiffusion) -> Edited:
    """The result of each edit with its hole filled again by words."""

    def fill_all(edits: Sequence[Edit]) -> Pictures:
        made: Pictures = []
        for some in _batches(list(enumerate(edits))):
            cells = sd.mask_cells(model, [hole_mask(edit) for _, edit in some])
            sources = [Image.fromarray(draw(edit.after)) for _, edit in some]
            pictures = [sd.holed(source, cell) for source, cell in zip(sources, cells, strict=True)]
            words = [hole_words(edit, random.Random(f"bench hole {seed}")) for seed, edit in some]
            with sd.filling(model, cells):
                made += _painted(model, words, pictures, [seed for seed, _ in some])
        return made

    return fill_all


def hole_mask(edit: Edit) -> Image.Image:
    """Mode L, white where the picture is to be filled."""
    left, top, right, bottom = (8 * cell for cell in hole_of(edit))
    mask = Image.new("L", edit.after.size)
    mask.paste(255, (left, top, right, bottom))
    return mask


def generate_rates(drawn: Drawn, judge: Judge, wanted: Sequence[Asked]) -> dict[str, Rate]:
    """Shares of the pictures in which all that was said of things, colours and place is right, of two things apart."""
    seen = [judge.facts(picture) for picture in drawn([one.words for one in wanted], range(len(wanted)))]
    right: dict[str, list[bool]] = {}
    for one, found in zip(wanted, seen, strict=True):
        names = said(one.words, one.facts)
        for row, prefixes in _ROWS.items():
            named = {name for name in names if name.partition(" ")[0] in prefixes}
            if named:
                right.setdefault(row, []).append(shows(found, one.facts, named))
        all_right = shows(found, one.facts, names)
        right.setdefault("all", []).append(all_right)
        right.setdefault("all, one group" if len(one.scene.groups) < 2 else "all, several", []).append(all_right)
    return {row: Rate(sum(found), len(found)) for row, found in right.items()}


_ROWS = {
    "things": ("kinds", "count"),
    "colours": ("color",),
    "place": ("place", "time", "weather"),
    "relations": ("relation", "order", "spot", "between"),
    "style": ("style",),
}
"""Row of the table → the facts that it sums up."""


def changed_facts(edit: Edit) -> set[str]:
    """What must be right afterwards: every fact that the edit changes, and that no thing is there or gone that should not."""
    before, after = claim(edit.before).named(), claim(edit.after).named()
    return {name for name, value in after.items() if before.get(name) != value} | {"kinds"}


def filled_facts(edit: Edit) -> set[str]:
    """What must be right in a hole: the things that were in it, their number and colour, or that there is none."""
    group = edit.group if edit.group is not None else 0
    if len(edit.after.groups) < len(edit.before.groups) or not edit.after.groups:
        return {"kinds"}
    kinds = {thing.kind for thing in edit.after.groups[group].things}
    return {"kinds", *(f"{fact} {kind}" for kind in kinds for fact in ("count", "color"))}


def edit_rate(
    pictures: Sequence[Image.Image],
    edits: Sequence[Edit],
    judge: Judge,
    facts: Callable[[Edit], set[str]] = changed_facts,
) -> Rate:
    good = [succeeded(made, edit, judge, facts(edit)) for made, edit in zip(pictures, edits, strict=True)]
    return Rate(sum(good), len(good))


def succeeded(made: Image.Image, edit: Edit, judge: Judge, facts: set[str]) -> bool:
    """A size is no fact that the judge knows: there, half of the difference must be made up, pixel by pixel."""
    near = edit.kind != "resize" or arrived(draw(edit.before), np.asarray(made), draw(edit.after))
    return near and shows(judge.facts(made), claim(edit.after), facts)


def mean_psnr(pictures: Sequence[Image.Image], edits: Sequence[Edit]) -> float:
    """dB against the drawn truth."""
    scores = [psnr(np.asarray(made), draw(edit.after)) for made, edit in zip(pictures, edits, strict=True)]
    return round(float(np.mean(scores)), 1)


def diversity(pictures: Sequence[Image.Image]) -> float:
    """Mean distance of all pairs, levels a pixel."""
    levels = [np.asarray(picture, dtype=np.float64) for picture in pictures]
    return round(float(np.mean([np.abs(one - other).mean() for one, other in combinations(levels, 2)])), 1)


def truth(edits: Sequence[Edit]) -> Pictures:
    return [Image.fromarray(draw(edit.after)) for edit in edits]


def nothing(edits: Sequence[Edit]) -> Pictures:
    return [Image.fromarray(draw(edit.before)) for edit in edits]


def holes(edits: Sequence[Edit]) -> Pictures:
    """The pictures that are to be filled, as they are."""
    made = []
    for edit, picture in zip(edits, truth(edits), strict=True):
        picture.paste((127, 127, 127), mask=hole_mask(edit))
        made.append(picture)
    return made


def rows(
    model: StableDiffusion, judge: Judge, prompts: int, pairs: int, kinds: Sequence[str] = tuple(EDITS)
) -> dict[str, str]:
    """The model's part of the table."""
    found = {
        f"generate: {name}": str(rate) for name, rate in generate_rates(drawn_by(model), judge, asked(prompts)).items()
    }
    for kind in kinds:
        edits = unseen_edits(kind, pairs)
        made = edited_by(model)(edits)
        found[f"edit {kind}"] = f"{edit_rate(made, edits, judge)}  {mean_psnr(made, edits)} dB"
    edits = [edit for kind in kinds for edit in unseen_edits(kind, max(pairs // len(kinds), 1))]
    made = filled_by(model)(edits)
    found["inpaint"] = f"{edit_rate(made, edits, judge, filled_facts)}  {mean_psnr(made, edits)} dB"
    words = asked(prompts)[0].words
    found["diversity"] = str(diversity(drawn_by(model)([words] * DIVERSE, range(DIVERSE))))
    return found


def baselines(judge: Judge, prompts: int, pairs: int, kinds: Sequence[str] = tuple(EDITS)) -> dict[str, dict[str, str]]:
    """What the judge says of the truth and of doing nothing."""
    wanted = asked(prompts)
    drawn = [Image.fromarray(draw(one.scene)) for one in wanted]
    true = {f"generate: {name}": str(rate) for name, rate in generate_rates(lambda *_: drawn, judge, wanted).items()}
    idle: dict[str, str] = {}
    for kind in kinds:
        edits = unseen_edits(kind, pairs)
        true[f"edit {kind}"] = str(edit_rate(truth(edits), edits, judge))
        idle[f"edit {kind}"] = f"{edit_rate(nothing(edits), edits, judge)}  {mean_psnr(nothing(edits), edits)} dB"
    edits = [edit for kind in kinds for edit in unseen_edits(kind, max(pairs // len(kinds), 1))]
    true["inpaint"] = str(edit_rate(truth(edits), edits, judge, filled_facts))
    idle["inpaint"] = f"{edit_rate(holes(edits), edits, judge, filled_facts)}  {mean_psnr(holes(edits), edits)} dB"
    true["diversity"] = str(diversity(drawn[:DIVERSE]))
    return {"drawn truth": true, "doing nothing": idle}
