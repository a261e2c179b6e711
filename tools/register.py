"""An edited picture that came back shifted is moved back onto its source, where that lowers their difference.

Where it might lie is found by correlation, with all frequencies alike (Kuglin and Hines, "The phase correlation image alignment
method", 1975) and as they are, for grain outweighs the former; from there on, and for half pixels, by trying.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil, floor, inf

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.tools.region import Mask, dilate

Levels = NDArray[np.float32]

_FARTHEST = 0.08
"""Share of the shorter side that a picture is moved by at most."""
_SIDE = 512
"""Pixels of the shorter side that the shift is looked for with."""
_LOWER = 0.75
"""What is left of the difference at most where a picture is moved: one that redraws a little lowers it by chance."""
_SEEN = 2.0
"""Levels by which a pixel's distance changes at least when it has a say."""
_AGREED = 0.8
"""Share of those pixels that must become nearer."""
_NEEDED = 0.15
"""Share of the picture that must be compared at least."""
_SMOOTH = 1.2
"""Pixels (sigma of a Gaussian) over which pictures are compared: moving one by parts of a pixel smooths its grain."""

Shift = tuple[float, float]
"""Pixels down and to the right."""


@dataclass(frozen=True)
class Registered:
    picture: Image.Image
    right: float = 0.0
    """Pixels that it had come back shifted by."""
    down: float = 0.0

    @property
    def measures(self) -> dict[str, int | float | str | bool]:
        """Nothing for a picture that lay where it belongs."""
        return {"shift": self.words} if self.right or self.down else {}

    @property
    def words(self) -> str:
        """ "2 px right, 0.5 px up"."""
        across = f"{abs(self.right):g} px {'right' if self.right > 0 else 'left'}" if self.right else ""
        along = f"{abs(self.down):g} px {'down' if self.down > 0 else 'up'}" if self.down else ""
        return ", ".join(filter(None, (across, along)))


def registered(made: Image.Image, source: Image.Image, where: Mask) -> Registered:
    """`made` laid on `source` by what lies in `where`, which should be alike in both; the same picture where it already is."""
    step = max(1, min(source.size) // _SIDE)
    one, other = _light(made, step), _light(source, step)
    # What lies beside the region was smoothed with it.
    seen = ~dilate(~where[::step, ::step][: one.shape[0], : one.shape[1]], 3)
    if seen.mean() < _NEEDED or min(one.shape) < 16:
        return Registered(made)
    best = _best(one, other, seen)
    if best == (0.0, 0.0):
        return Registered(made)
    down, right = (step * pixels for pixels in best)
    return Registered(_moved(made, -down, -right), right, down)


def _best(made: Levels, source: Levels, where: Mask) -> Shift:
    """From where correlation puts it downhill, in whole pixels, which move without blurring; then the halves around them."""
    left = cache(lambda shift: _apart(made, source, where, shift))
    best = min(((0.0, 0.0), *_peaks(made, source, where)), key=left)
    for _ in range(_most(made)):
        nearer = min(_around(best, 1.0), key=left)
        if left(nearer) >= left(best):
            break
        best = nearer
    half = min(_around(best, 0.5), key=left)
    best = half if left(half) < _LOWER * left(best) else best
    lower = left(best) <= _LOWER * left((0.0, 0.0))
    return best if lower and _agree(made, source, where, best) else (0.0, 0.0)


def _around(shift: Shift, step: float) -> Iterator[Shift]:
    down, right = shift
    sides = (-step, 0.0, step)
    return ((down + below, right + beside) for below in sides for beside in sides if below or beside)


def _most(levels: Levels) -> int:
    height, width = levels.shape
    most: int = max(1, round(_FARTHEST * min(height, width)))
    return most


def _light(image: Image.Image, step: int) -> Levels:
    """Smoothed, and `step` times smaller."""
    from scipy import ndimage

    small = image.convert("L").reduce(step) if step > 1 else image.convert("L")
    smooth: Levels = ndimage.gaussian_filter(np.asarray(small, dtype=np.float32), _SMOOTH)
    return smooth


def _peaks(made: Levels, source: Levels, where: Mask) -> Iterator[Shift]:
    """How far `made` may lie from `source`, whole pixels."""
    from scipy import fft

    first, second = (fft.rfft2(_windowed(levels, where)) for levels in (made, source))
    cross = first * np.conj(second)
    most = _most(made)
    for spectrum in (cross / np.maximum(np.abs(cross), 1e-6), cross):
        near = np.roll(fft.irfft2(spectrum, made.shape), (most, most), axis=(0, 1))[: 2 * most + 1, : 2 * most + 1]
        row, column = np.unravel_index(int(near.argmax()), near.shape)
        yield float(row - most), float(column - most)


def _windowed(levels: Levels, where: Mask) -> Levels:
    """What is not compared is levelled, and the edges fade: neither may look like something that stays in its place."""
    rows, columns = (np.hanning(side + 2)[1:-1].astype(np.float32) for side in levels.shape)
    flat: Levels = np.where(where, levels - levels[where].mean(), 0) * rows[:, None] * columns
    return flat


def _apart(made: Levels, source: Levels, where: Mask, shift: Shift) -> float:
    """Mean distance in `where` after moving back, levels."""
    distances = _distances(made, source, where, shift)
    return float(distances.mean()) if distances.size else inf


def _distances(made: Levels, source: Levels, where: Mask, shift: Shift) -> Levels:
    """Without the edge, of which a moved picture knows nothing; empty for a shift that is too far."""
    edge, (height, width) = _most(made) + 1, made.shape
    rows, columns = ({floor(pixels), ceil(pixels)} for pixels in shift)
    if max(map(abs, (*rows, *columns))) >= edge:
        return np.empty(0, dtype=np.float32)
    inner = (slice(edge, height - edge), slice(edge, width - edge))
    # The mean of its neighbours is what lies half a pixel between them.
    parts = [(slice(edge + r, height - edge + r), slice(edge + c, width - edge + c)) for r in rows for c in columns]
    distances: Levels = np.abs(np.mean([made[part] for part in parts], axis=0) - source[inner])[where[inner]]
    return distances


def _agree(made: Levels, source: Levels, where: Mask, shift: Shift) -> bool:
    """Whether nearly all of what a shift changes becomes nearer: where one thing alone has moved, the rest becomes less near."""
    gained = _distances(made, source, where, (0.0, 0.0)) - _distances(made, source, where, shift)
    seen = np.abs(gained) > _SEEN
    return bool(seen.any() and (gained[seen] > 0).mean() >= _AGREED)


def _moved(image: Image.Image, down: float, right: float) -> Image.Image:
    """Exact for whole pixels, by cubic splines for parts; at the edge the nearest pixel is repeated."""
    from scipy import ndimage

    order = 0 if down == round(down) and right == round(right) else 3
    levels = np.asarray(image, dtype=np.float32)
    moved = [
        ndimage.shift(levels[..., one], (down, right), order=order, mode="nearest") for one in range(levels.shape[2])
    ]
    return Image.fromarray(np.clip(np.rint(np.stack(moved, axis=2)), 0, 255).astype(np.uint8))
