"""Which part of a picture an edit may change: fixed before the model draws, or, where nothing tells it, what the drawing changed."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.tools import find, region
from pentimento.tools.check import PRESENT, asks_to_add, asks_to_recolor, is_added, share_of
from pentimento.tools.parts import whole
from pentimento.tools.taken import difference
from pentimento.tools.types import Progress, Run, ToolError


class Scope(StrEnum):
    OBJECT = "object"
    LEFT = "left"
    RIGHT = "right"
    PICTURE = "picture"
    BACKGROUND = "background"
    FOUND = "found"
    MARKED = "marked"


PLANNED = [Scope.OBJECT, Scope.LEFT, Scope.RIGHT, Scope.PICTURE]
"""What a planner chooses from; the others follow from the instruction and the mask, or a person names them."""
_BESIDE = re.compile(
    r"\b(?:to|on|onto|beside|near|under|above|behind|by|next to|give|let)\s+(?:the|his|her|its)?\s*([a-z]+(?:\s+[a-z]+)?)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:put|move|set|place|bring)\s+(?:it|them|him|her|everything|the\s+\w+(?:\s+and\s+the\s+\w+)?)\s+(?:in|on|at|into|onto|to)\b"
    r"|\b(?:change|replace|swap)\s+the\s+(?:place|background|scene)\b",
    re.IGNORECASE,
)
_LIGHT = re.compile(
    r"\b(?:night|day|dusk|dawn|sunset|sunrise|evening|morning|light|rain|fog|mist|storm|winter|summer|autumn|spring|style|left|right"
    r"|top|bottom|middle|center)\b",
    re.IGNORECASE,
)
"""What changes how the things look, too, or where they are."""
_EDGE = 1 / 128
"""Of the shorter side: how far a thing may reach beyond what was found of it."""
_BLURRED = 1 / 32
"""Of the shorter side: differences are averaged over so much, for a model's grain is no change."""
_UNLIKE = 12.0
"""Levels that a changed place differs by at least."""
_GRAIN = 36.0
"""Levels above which no difference is grain: where most places differ by more, most has changed."""


@dataclass(frozen=True)
class Place:
    """Where an edit may change pixels."""

    scope: Scope
    mask: region.Mask | None
    """None where only the drawing will tell."""
    thing: region.Mask | None = None
    """What is taken from the drawing in any case: where the thing is that changes, so that nothing of it is left."""


def place_of(scope: Scope, instruction: str, target: str, run: Run) -> Place:
    """Raises `ToolError` when the target isn't in the picture, and for a mask that marks no part of it."""
    src = run.inputs["src"]
    if scope is Scope.MARKED or "mask" in run.inputs:
        return Place(Scope.MARKED, _marked(run))
    if scope is Scope.PICTURE:
        kept = _kept(run, target) if asks_for_another_place(instruction) else None
        return Place(scope, region.everywhere(src)) if kept is None else Place(Scope.BACKGROUND, ~kept)
    if scope is Scope.BACKGROUND:
        return Place(scope, _background(run, target))
    if scope in (Scope.LEFT, Scope.RIGHT):
        return Place(scope, region.side_mask(src.width, src.height, scope.value))
    if scope is Scope.FOUND:
        return Place(scope, None)
    return _of_object(instruction, target, run)


def _of_object(instruction: str, target: str, run: Run) -> Place:
    """Something new goes beside the thing that the instruction names; where it names none, only the drawing tells."""
    if asks_to_add(instruction):
        beside = _beside(instruction, target, run)
        return Place(Scope.FOUND, None) if beside is None else Place(Scope.OBJECT, region.box_mask(beside, 0.5))
    found = find.thing(run, target)
    edge = max(1, round(_EDGE * min(run.inputs["src"].size)))
    around = region.dilate(found, 2 * edge) if asks_to_recolor(instruction) else region.box_mask(found, 0.15)
    return Place(Scope.OBJECT, around, region.dilate(found, edge))


def _marked(run: Run) -> region.Mask:
    """A person's own region takes the place of any that could be found."""
    mask = find.part(run)
    if mask is None:
        raise ToolError("Say which region: mark it with segment and give it as mask.")
    return mask


def asks_for_another_place(instruction: str) -> bool:
    return _ELSEWHERE.search(instruction) is not None and _LIGHT.search(instruction) is None


def _beside(instruction: str, target: str, run: Run) -> region.Mask | None:
    """Where the thing is that the new one is put on, beside or under."""
    new = set(target.lower().split())
    for words in _BESIDE.findall(instruction):
        noun = _noun(words.lower(), run)
        if noun and noun not in new and not _LIGHT.search(noun):
            found = _seen(run, noun)
            if found is not None:
                return found
    # A plan may name the thing that is changed in place of the one that is added.
    return _seen(run, target) if target and not is_added(instruction, target) else None


def _noun(words: str, run: Run) -> str:
    known = [word for word in words.split() if word in run.models.things]
    return known[0] if known else "" if run.models.things else words.split(maxsplit=1)[0]


def _seen(run: Run, what: str) -> region.Mask | None:
    run.report(Progress(f"finding the {what}", 0.0))
    found = whole(region.to_mask(run.models.segment(run.inputs["src"], what)))
    return found if share_of(found) >= PRESENT else None


def _background(run: Run, stays: str) -> region.Mask:
    kept = _things(run, stays)
    if kept is None:
        named = f"the {stays}" if stays else "a thing that could stay"
        raise ToolError(f"I can't find {named} in this picture; change all of it with scope=picture.")
    if kept.all():
        raise ToolError("There is nothing but what should stay; change all of it with scope=picture.")
    return ~kept


def _kept(run: Run, target: str) -> region.Mask | None:
    """A plan may name the new place in place of what stays; then that is all that is known."""
    kept = _things(run, target)
    return _things(run, "") if kept is None and target else kept


def _things(run: Run, stays: str) -> region.Mask | None:
    """What stays: the thing that is named, else all that the models know and find; None where that is nothing, or everything."""
    kept = _seen(run, stays) if stays else _everything(run)
    return None if kept is None or kept.all() else kept


def _everything(run: Run) -> region.Mask | None:
    found = [*find.masks_of(run, run.inputs["src"], run.models.things).values()]
    return np.logical_or.reduce(found) if found else None


def changed_place(src: Image.Image, made: Image.Image, thing: region.Mask) -> region.Mask:
    """A box around what is otherwise in `made`: where the thing was found in it, else where most has changed.

    Empty where nothing is.
    """
    from scipy import ndimage

    unlike = difference(src, made, _BLURRED)
    labels, count = ndimage.label(unlike > _threshold(unlike))
    if not count:
        return np.zeros_like(thing)
    amounts = ndimage.sum_labels(unlike, labels, range(1, count + 1))
    touched = np.unique(labels[thing & (labels > 0)])
    chosen = touched if touched.size else [int(np.argmax(amounts)) + 1]
    return region.box_mask(np.isin(labels, chosen), 0.1)


def _threshold(unlike: NDArray[np.float32]) -> float:
    """Above what a model's own grain comes to: the median and six times the usual distance from it (a robust 4 sigma)."""
    middle = float(np.median(unlike))
    return min(max(_UNLIKE, middle + 6 * float(np.median(np.abs(unlike - middle)))), _GRAIN)
