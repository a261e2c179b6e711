"""Iterative back-projection (Irani and Peleg 1991): a large picture that, made small again, is the one that it came from.

To make small is to take the mean of each block of `factor` × `factor` pixels.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_ROWS = 64
"""Rows of the small picture that are computed with at once."""
_AROUND = 8
"""Rows above and below that are computed along, so that no seam is seen."""
_SMOOTH = 6
"""Rounds in which what is missing is spread smoothly."""

Levels = NDArray[np.float32]


def back_projected(large: Image.Image, small: Image.Image, factor: int) -> Image.Image:
    """`large` changed as little as that needs; both RGB, the sides `factor` times as long."""
    made, source = np.asarray(large), np.asarray(small)
    result = np.empty_like(made)
    for top, bottom, first, last in _strips(len(source)):
        wanted = source[first:last].astype(np.float32)
        whole = _corrected(made[first * factor : last * factor].astype(np.float32), wanted, factor)
        core = np.rint(whole[(top - first) * factor : (bottom - first) * factor])
        result[top * factor : bottom * factor] = _nudged(core, source[top:bottom], factor)
    return Image.fromarray(result)


def residual(large: Image.Image, small: Image.Image, factor: int) -> float:
    """How far the means of the blocks are from the small picture at most, levels 0..255."""
    made, source, apart = np.asarray(large), np.asarray(small), 0.0
    for top, bottom, _, _ in _strips(len(source)):
        means = _means(made[top * factor : bottom * factor].astype(np.float32), factor)
        apart = max(apart, float(np.abs(means - source[top:bottom]).max()))
    return apart


def _strips(height: int) -> Iterator[tuple[int, int, int, int]]:
    """Rows from, to; and with what is around them from, to."""
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        yield top, bottom, max(0, top - _AROUND), min(height, bottom + _AROUND)


def _corrected(made: Levels, wanted: Levels, factor: int) -> Levels:
    for _ in range(_SMOOTH):
        missing = wanted - _means(made, factor)
        if not missing.any():
            return made
        made = np.clip(made + _smooth(missing, factor), 0, 255)
    made = np.clip(made + _blocks(wanted - _means(made, factor), factor), 0, 255)
    return _exact(made, wanted, factor)


def _exact(made: Levels, wanted: Levels, factor: int) -> Levels:
    """What was cut off at black or white is made up for by the other pixels of the block, in proportion."""
    means = _means(made, factor)
    darker = _blocks(wanted / np.maximum(means, wanted + 1e-6), factor)
    lighter = _blocks((255 - wanted) / np.maximum(255 - means, 255 - wanted + 1e-6), factor)
    above = _blocks(means, factor) > _blocks(wanted, factor)
    exact: Levels = np.where(above, made * darker, 255 - (255 - made) * lighter)
    return exact


def _nudged(rounded: Levels, wanted: Levels, factor: int) -> Levels:
    """Rounding may move the mean of a block by half a level, which would count as another one; there a pixel moves back."""
    height, width, channels = wanted.shape
    blocks = rounded.reshape(height, factor, width, factor, channels).transpose(0, 2, 4, 1, 3)
    flat = blocks.reshape(height, width, channels, factor * factor)
    excess = flat.sum(-1) - factor * factor * wanted.astype(np.float32)
    for sign, pick in ((1, np.argmax), (-1, np.argmin)):
        where = np.nonzero(2 * sign * excess >= factor * factor)
        flat[(*where, pick(flat[where], axis=-1))] -= sign
    whole: Levels = flat.reshape(blocks.shape).transpose(0, 3, 1, 4, 2).reshape(rounded.shape)
    return whole


def _means(large: Levels, factor: int) -> Levels:
    height, width = large.shape[0] // factor, large.shape[1] // factor
    means: Levels = large.reshape(height, factor, width, factor, 3).mean(axis=(1, 3))
    return means


def _smooth(missing: Levels, factor: int) -> Levels:
    size = missing.shape[1] * factor, missing.shape[0] * factor
    parts = [Image.fromarray(missing[..., channel]).resize(size, Image.Resampling.BICUBIC) for channel in range(3)]
    return np.stack([np.asarray(part) for part in parts], axis=-1)


def _blocks(values: Levels, factor: int) -> Levels:
    spread: Levels = values.repeat(factor, axis=0).repeat(factor, axis=1)
    return spread
