"""How two pictures of one size differ: where, how much, and whether an eye would see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.tools.color import to_oklab

_WINDOW = 7
"""Side of the windows in which structure is compared, pixels."""
_STABLE = (0.01**2, 0.03**2)
"""Constants of SSIM for values from 0 to 1."""
_SEEN = 2.0
"""Units of `color` from which on an eye sees a difference (Ottosson 2020: about 0.02 in OKLab)."""
_ALIKE = 0.99
"""Structural similarity from which on two pictures look the same."""
_TILE = 256
"""Side of the parts that are compared one after the other, pixels: a large picture takes little memory."""

Box = tuple[int, int, int, int]
Tile = tuple[tuple[slice, slice], NDArray[np.uint8], NDArray[np.uint8]]
"""Its rows and columns, and its pixels in both pictures."""


@dataclass(frozen=True)
class Difference:
    share: float
    """Of the pixels that are not the same bit for bit, 0..1."""
    box: Box | None
    """Left, top, right, bottom of all that differs; None where nothing does."""
    color: float
    """99th percentile of the distance of pixels in OKLab, times 100: 2 is just visible."""
    structure: float
    """Mean structural similarity of lightness (Wang et al. 2004), 1.0 for the same."""

    @property
    def visible(self) -> bool:
        return self.color > _SEEN or self.structure < _ALIKE


def difference(one: Image.Image, other: Image.Image) -> Difference | None:
    """None for pictures of different sizes, which can't be laid on each other."""
    if one.size != other.size:
        return None
    share, box = _changes(one, other)
    if box is None:
        return Difference(0.0, None, 0.0, 1.0)
    color, structure = _measures(one, other)
    return Difference(share, box, round(color, 2), round(structure, 4))


def _changes(one: Image.Image, other: Image.Image) -> tuple[float, Box | None]:
    """Share and box as in `Difference`."""
    changed = np.empty((one.height, one.width), bool)
    for place, first, second in _tiles(one, other):
        unlike = first != second
        changed[place] = unlike[..., 0] | unlike[..., 1] | unlike[..., 2]
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    if not rows.size:
        return 0.0, None
    return float(changed.mean()), (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _measures(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Colour and structure as in `Difference`, not rounded."""
    distance, similar, windows = np.empty((one.height, one.width)), 0.0, 0
    for place, *tiles in _tiles(one, other, overlap=_WINDOW - 1):
        first, second = (to_oklab(pixels.astype(np.float64)) for pixels in tiles)
        apart = (first - second) ** 2
        distance[place] = np.sqrt(apart[..., 0] + apart[..., 1] + apart[..., 2])
        map_ = _similarities(first[..., 0], second[..., 0])
        similar, windows = similar + float(map_.sum()), windows + map_.size
    return float(100 * np.percentile(distance, 99, overwrite_input=True)), similar / windows


def _tiles(one: Image.Image, other: Image.Image, overlap: int = 0) -> Iterator[Tile]:
    """From the left and from the top; neighbours have `overlap` columns or rows in common."""
    for top, bottom in _parts(one.height, overlap):
        for left, right in _parts(one.width, overlap):
            first, second = (
                np.asarray(image.crop((left, top, right, bottom)).convert("RGB")) for image in (one, other)
            )
            yield (slice(top, bottom), slice(left, right)), first, second


def _parts(side: int, overlap: int) -> Iterator[tuple[int, int]]:
    for start in range(0, max(side - overlap, 1), _TILE):
        yield start, min(start + _TILE + overlap, side)


def _similarities(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each window that lies within the picture, or of the whole where it is smaller than a window."""
    mean, other_mean = _blurred(one), _blurred(other)
    variance = _blurred(one * one) - mean**2
    other_variance = _blurred(other * other) - other_mean**2
    together = _blurred(one * other) - mean * other_mean
    light, structure = _STABLE
    map_ = (2 * mean * other_mean + light) * (2 * together + structure)
    map_ /= (mean**2 + other_mean**2 + light) * (variance + other_variance + structure)
    return map_


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of the windows."""
    rows, columns = (min(_WINDOW, side) for side in values.shape)
    height, width = values.shape[0] - rows + 1, values.shape[1] - columns + 1
    down: NDArray[np.float64] = reduce(np.add, (values[row : row + height] for row in range(rows)))
    across: NDArray[np.float64] = reduce(np.add, (down[:, column : column + width] for column in range(columns)))
    means: NDArray[np.float64] = across / (rows * columns)
    return means
