"""The picture model's edits and fillings without a guard, judged: does an edit arrive, is a hole filled?

Square pictures of unseen scenes, fixed seeds, nothing selected.
"""

import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from pentimento.bench.drawings import SQUARE, STEPS, Pictures, batches
from pentimento.bench.judge import Judge, claim, shows
from pentimento.bench.mean import Mean
from pentimento.bench.pixels import arrived, psnr
from pentimento.bench.scoring import Rate
from pentimento.starter.latents import hole_of, hole_words
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.edits import EDITS, Edit, random_edit
from pentimento.tools import sd
from pentimento.tools.sd import StableDiffusion, noise_source

EDIT_GUIDANCE = 2.0
IMAGE_GUIDANCE = 1.0
Edited = Callable[[Sequence[Edit]], Pictures]
"""Edits → what comes of their instructions on their pictures; the number of the edit is the seed."""
Named = Callable[[Edit], set[str]]
"""The names of the facts that must be right after an edit."""


def unseen_edits(kind: str, count: int) -> list[Edit]:
    """Of one kind, on square pictures."""
    found: list[Edit] = []
    index = 0
    while len(found) < count:
        edit = random_edit(random.Random(f"bench full {kind} {index}"), kind)
        found += [edit] if edit.before.shape in SQUARE else []
        index += 1
    return found


def mixed_edits(count: int) -> list[Edit]:
    """About so many, as many of each kind."""
    return [edit for kind in EDITS for edit in unseen_edits(kind, max(count // len(EDITS), 1))]


def edited_by(model: StableDiffusion) -> Edited:
    def edit_all(edits: Sequence[Edit]) -> Pictures:
        made: Pictures = []
        for some in batches(list(enumerate(edits))):
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
        for some in batches(list(enumerate(edits))):
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
    facts: Named = changed_facts,
) -> Rate:
    good = [succeeded(made, edit, judge, facts(edit)) for made, edit in zip(pictures, edits, strict=True)]
    return Rate(sum(good), len(good))


def succeeded(made: Image.Image, edit: Edit, judge: Judge, facts: set[str]) -> bool:
    """A size is no fact that the judge knows: there, half of the difference must be made up, pixel by pixel."""
    near = edit.kind != "resize" or arrived(draw(edit.before), np.asarray(made), draw(edit.after))
    return near and shows(judge.facts(made), claim(edit.after), facts)


def mean_psnr(pictures: Sequence[Image.Image], edits: Sequence[Edit]) -> Mean:
    """Against the drawn truth."""
    near = [psnr(np.asarray(made), draw(edit.after)) for made, edit in zip(pictures, edits, strict=True)]
    return Mean(near, " dB")


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


def edit_row(made: Pictures, edits: Sequence[Edit], judge: Judge, facts: Named = changed_facts) -> str:
    return f"{edit_rate(made, edits, judge, facts)}  {mean_psnr(made, edits)}"


def rows(
    edited: Edited, filled: Edited, judge: Judge, pairs: int, row: Callable[..., object] = edit_row
) -> dict[str, str]:
    """So many edits of each kind, and about so many holes."""
    mixed = mixed_edits(pairs)
    kinds = {kind: unseen_edits(kind, pairs) for kind in EDITS}
    table = {f"edit {kind}": row(edited(edits), edits, judge) for kind, edits in kinds.items()}
    return {
        name: str(told) for name, told in {**table, "inpaint": row(filled(mixed), mixed, judge, filled_facts)}.items()
    }
