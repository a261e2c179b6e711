"""What of a region is taken from a drawing: where it changed by more than the model's grain, and all of the thing itself."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.tools import region

_AVERAGED = 3 / 128
"""Of the shorter side: a place differs by what its neighbourhood of that size differs by."""
_CLEARLY = 18.0
"""Levels by which a place that is taken differs at least …"""
_STRONGLY = 44.0
"""… and at which it is taken in any case."""
_STRONGEST, _GRAIN = 98, 99
"""Per cent of the places in a region that change less than its strongest change does; of those beside it that have less grain
than counts."""
_SPECK = 0.1
"""Of the largest change: smaller ones beside it are specks."""
_GROWN = 1 / 128
"""Of the shorter side: a change reaches so much further than where it is strong."""
_SOFT = 1 / 48
"""Of the shorter side: the band within a region's edge over which a drawing is blended in."""

Levels = NDArray[np.float32]


def blended(src: Image.Image, inside: region.Mask) -> region.Weights:
    """All of a region, blended in within its edge."""
    return region.feather(inside, min(src.size) * _SOFT)


def taken(
    src: Image.Image, made: Image.Image, inside: region.Mask, thing: region.Mask | None, *, marked: bool
) -> region.Weights:
    """How much of a drawing each place of a region takes; 0 outside of it.

    What differs by more than half of the strongest change, or twice the grain that the drawing has beside the region, is taken,
    from 18 to 44 levels; in a region of a person's own (`marked`) what differs by 18. So is all of the `thing` that changes,
    for nothing of it may be left.
    """
    unlike = difference(src, made, _AVERAGED)
    changed = _parts(unlike, inside, _CLEARLY if marked else _bar(unlike, inside))
    if thing is None:
        return blended(src, changed if changed.any() else inside)
    weights = np.maximum(blended(src, changed | (thing & inside)), region.soft_edge(thing))
    return np.where(inside, weights, 0.0)


def _bar(unlike: Levels, inside: region.Mask) -> float:
    """From how many levels on a difference is no grain."""
    strong, beside = float(np.percentile(unlike[inside], _STRONGEST)) / 2, unlike[~inside]
    grain = 2 * float(np.percentile(beside, _GRAIN)) if beside.size else _STRONGLY
    return float(np.clip(min(strong, grain), _CLEARLY, _STRONGLY))


def _parts(unlike: Levels, inside: region.Mask, bar: float) -> region.Mask:
    """The places above the bar, without specks and holes, and a little around them."""
    from scipy import ndimage

    labels, count = ndimage.label((unlike > bar) & inside)
    if not count:
        return np.zeros_like(inside)
    amounts = np.asarray(ndimage.sum_labels(unlike, labels, range(1, count + 1)))
    large = np.flatnonzero(amounts >= _SPECK * amounts.max()) + 1
    grown = region.dilate(np.isin(labels, large), max(1, round(_GROWN * min(inside.shape))))
    filled: region.Mask = ndimage.binary_fill_holes(grown) & inside
    return filled


def difference(src: Image.Image, made: Image.Image, averaged: float) -> Levels:
    """Levels by which the places differ, the largest of the channels, averaged over that share of the shorter side."""
    from scipy import ndimage

    unlike = np.abs(np.asarray(src, dtype=np.float32) - np.asarray(made, dtype=np.float32)).max(axis=2)
    found: Levels = ndimage.uniform_filter(unlike, max(3, round(averaged * min(src.size))))
    return found
