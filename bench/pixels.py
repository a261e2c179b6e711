"""How near two pictures are, pixel by pixel, and whether an edit arrived."""

import numpy as np
from numpy.typing import NDArray

from pentimento.tools.types import Progress

Pixels = NDArray[np.uint8]
"""(height, width, 3), 0..255."""
ARRIVED = 0.5
"""Share of the asked difference that may be left."""


def quiet(_progress: Progress) -> None:
    """Nobody watches a benchmark."""


def distance(a: Pixels, b: Pixels, where: NDArray[np.bool_]) -> float:
    return float(np.abs(a.astype(np.float64) - b.astype(np.float64))[where].mean())


def arrived(before: Pixels, made: Pixels, after: Pixels) -> bool:
    """At most half of the difference is left, measured where the truth differs from the source."""
    where = (before != after).any(axis=2)
    return distance(made, after, where) <= ARRIVED * distance(before, after, where)


def psnr(a: Pixels, b: Pixels) -> float:
    """dB."""
    error = float(((a.astype(np.float64) - b.astype(np.float64)) ** 2).mean())
    return 10 * float(np.log10(255**2 / max(error, 1e-9)))
