"""How two pictures of one size differ: where, how much, and whether an eye would see it."""

from dataclasses import dataclass

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

Box = tuple[int, int, int, int]


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
    first, second = (np.asarray(image.convert("RGB")) for image in (one, other))
    changed = (first != second).any(axis=2)
    if not changed.any():
        return Difference(0.0, None, 0.0, 1.0)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    box = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    labs = [to_oklab(pixels.astype(np.float64)) for pixels in (first, second)]
    distance = np.linalg.norm(labs[0] - labs[1], axis=2)
    color = round(float(100 * np.percentile(distance, 99)), 2)
    return Difference(float(changed.mean()), box, color, round(_similarity(labs[0][..., 0], labs[1][..., 0]), 4))


def _similarity(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    mean, other_mean = _blurred(one), _blurred(other)
    variance = _blurred(one * one) - mean**2
    other_variance = _blurred(other * other) - other_mean**2
    together = _blurred(one * other) - mean * other_mean
    light, structure = _STABLE
    map_ = (2 * mean * other_mean + light) * (2 * together + structure)
    map_ /= (mean**2 + other_mean**2 + light) * (variance + other_variance + structure)
    return float(map_.mean())


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of each window that lies within the picture, or of the whole where it is smaller than a window."""
    rows, columns = (min(_WINDOW, side) for side in values.shape)
    sums = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    boxes = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns] + sums[:-rows, :-columns]
    means: NDArray[np.float64] = boxes / (rows * columns)
    return means
