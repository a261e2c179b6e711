"""Which pixels are meant: the mask that was given, or the thing that was named."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from pentimento.tools import parts
from pentimento.tools.check import PRESENT, share_of
from pentimento.tools.region import Mask, Weights, soft_edge, to_mask
from pentimento.tools.types import Progress, Run, ToolError

LOOKED_FOR = 48
"""Things that are looked for at most where a person named none that is there."""
NAMED = 4
"""Of what was found so many are named."""
EVEN = 4
"""Levels by which a thing may be less likely than another one and still be as likely."""
SIDE = 512
"""Pixels of the longer side of the picture that is looked at for all of them: a share of it is all that is asked for."""


def thing(run: Run, what: str) -> Mask:
    """Where the thing is in the picture, or "the left one" of several. Raises `ToolError` when it isn't there."""
    what = what.removeprefix("the ")
    run.report(Progress(f"finding the {what}", 0.0))
    found = parts.found(lambda words: _looked_for(run, words), what)
    if share_of(found) < PRESENT:
        there = seen(run, [one for one in run.models.things if one not in what.split()])
        instead = f"what I can make out is: {', '.join(there)}" if there else "name something that is in it"
        raise ToolError(f"I can't find the {what} in this picture; {instead}.")
    return found


def _looked_for(run: Run, words: str) -> Mask:
    return to_mask(run.models.segment(run.inputs["src"], words))


def seen(run: Run, things: Sequence[str]) -> list[str]:
    """Which of the things are in the picture, the largest first and a few at most; of two names for one thing one."""
    src = run.inputs["src"].copy()
    src.thumbnail((SIDE, SIDE))
    return [*masks_of(run, src, things)][:NAMED]


def masks_of(run: Run, src: Image.Image, things: Sequence[str]) -> dict[str, Mask]:
    """Those of the things that are in the picture, the largest first, and where.

    A model asked for what is not there often finds what looks like it, so all are asked for, and a thing counts as seen where
    most of its region looks more like it than like any other.
    """
    found: dict[str, Image.Image] = {}
    for number, what in enumerate(things[:LOOKED_FOR]):
        run.report(Progress("looking what there is", number / len(things[:LOOKED_FOR])))
        found[what] = run.models.segment(src, what)
    levels = {what: np.asarray(image, dtype=np.int16) for what, image in found.items()}
    masks = {what: to_mask(image) for what, image in found.items()}
    highest = np.maximum.reduce(list(levels.values()), initial=0)
    won = {what: mask & (levels[what] + EVEN >= highest) for what, mask in masks.items()}
    likely = [what for what, mask in masks.items() if share_of(mask) >= PRESENT and won[what].sum() >= 0.5 * mask.sum()]
    kept: dict[str, Mask] = {}
    for what in sorted(likely, key=lambda what: -share_of(won[what])):
        if not any(_same(masks[what], other) for other in kept.values()):
            kept[what] = masks[what]
    return kept


def _same(one: Mask, other: Mask) -> bool:
    """Whether two regions are the same thing, by most of their pixels."""
    return bool((one & other).sum() > 0.5 * min(one.sum(), other.sum()))


def given(run: Run) -> Weights | None:
    """The mask that came with the call, None without one. Raises `ToolError` when it can't belong to the picture."""
    mask, src = run.inputs.get("mask"), run.inputs["src"]
    if mask is None:
        return None
    if mask.size != src.size:
        raise ToolError(
            f"The mask is {mask.width} × {mask.height} and the picture {src.width} × {src.height}; they must be alike."
        )
    weights = np.asarray(mask.convert("L"), dtype=np.float64) / 255
    if not weights.any():
        raise ToolError("The mask is empty; mark what is meant.")
    return weights


def part(run: Run, target: str = "") -> Mask | None:
    """As `chosen`, every pixel that is meant at all. Raises `ToolError` where a part is wanted and that is everything."""
    weights = chosen(run, target)
    if weights is None:
        return None
    mask = weights > 0
    if mask.all():
        raise ToolError("The mask covers the whole picture; mark a part of it, or say that all of it should change.")
    return mask


def chosen(run: Run, target: str) -> Weights | None:
    """The given mask or the named thing; None where neither is, i.e. where the whole picture is meant."""
    if not target:
        return given(run)
    if "mask" in run.inputs:
        raise ToolError(f"Leave out either the mask or “{target}”; both say what is meant.")
    return soft_edge(thing(run, target))
