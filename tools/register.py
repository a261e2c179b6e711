"""An edited picture that came back shifted is moved back onto its source, where that lowers their difference.

One that is shifted too far for that is only told from the others: what would be missing at its edge is not there to be seen.

Where it might lie is found by correlation, with all frequencies alike (Kuglin and Hines, "The phase correlation image alignment
method", 1975) and as they are, for grain outweighs the former; from there on, and for half pixels, by trying.
"""

from collections.abc import Iterator, Sequence
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
_OUT_OF_REACH = 0.4
"""Share of either side up to which a shift that is too far is recognised: beyond, too little is seen in both pictures."""
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
    too_far: bool = False
    """Whether that was too far to be put back, so that the picture is as it came."""

    @property
    def measures(self) -> dict[str, int | float | str | bool]:
        """Nothing for a picture that lay where it belongs."""
        return {"moved_too_far" if self.too_far else "shift": self.words} if self.right or self.down else {}

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
    correlations = _correlations(one, other, seen)
    best = _best(one, other, seen, correlations)
    far = _too_far(one, other, seen, correlations) if best == (0.0, 0.0) else best
    down, right = (step * pixels for pixels in far)
    if far != best or best == (0.0, 0.0):
        return Registered(made, right, down, too_far=far != best)
    return Registered(_moved(made, -down, -right), right, down)


def _best(made: Levels, source: Levels, where: Mask, correlations: Sequence[Levels]) -> Shift:
    """From where correlation puts it downhill, in whole pixels, which move without blurring; then the halves around them."""
    left = cache(lambda shift: _apart(made, source, where, shift))
    most = _most(made)
    best = min(((0.0, 0.0), *(_peak(correlation, most, most) for correlation in correlations)), key=left)
    for _ in range(_most(made)):
        nearer = min(_around(best, 1.0), key=left)
        if left(nearer) >= left(best):
            break
        best = nearer
    half = min(_around(best, 0.5), key=left)
    best = half if left(half) < _LOWER * left(best) else best
    lower = left(best) <= _LOWER * left((0.0, 0.0))
    gained = _distances(made, source, where, (0.0, 0.0)) - _distances(made, source, where, best)
    return best if lower and _agree(gained) else (0.0, 0.0)


def _too_far(made: Levels, source: Levels, where: Mask, correlations: Sequence[Levels]) -> Shift:
    """A larger shift for which the same holds of all that is to be seen in both pictures, whole pixels."""
    down, right = (round(_OUT_OF_REACH * side) for side in made.shape)
    for shift in (_peak(correlation, down, right) for correlation in correlations):
        there, here = _overlap(shift), _overlap((-shift[0], -shift[1]))
        both = where[here] & where[there]
        before, after = (np.abs(made[part] - source[here])[both] for part in (here, there))
        seen = max(map(abs, shift)) > _most(made) and both.sum() >= _NEEDED * where.size
        if seen and after.mean() <= _LOWER * before.mean() and _agree(before - after):
            return shift
    return (0.0, 0.0)


def _overlap(shift: Shift) -> tuple[slice, slice]:
    """The part of a picture that is to be seen in the one that it is shifted from."""
    rows, columns = (slice(int(max(pixels, 0)), int(min(pixels, 0)) or None) for pixels in shift)
    return rows, columns


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


def _correlations(made: Levels, source: Levels, where: Mask) -> list[Levels]:
    """How well `made` fits to `source` by how far it lies from it, in two ways."""
    from scipy import fft

    first, second = (fft.rfft2(_windowed(levels, where)) for levels in (made, source))
    cross = first * np.conj(second)
    return [fft.irfft2(spectrum, made.shape) for spectrum in (cross / np.maximum(np.abs(cross), 1e-6), cross)]


def _peak(correlation: Levels, down: int, right: int) -> Shift:
    """How far it fits best, so many pixels at most; whole ones."""
    near = np.roll(correlation, (down, right), axis=(0, 1))[: 2 * down + 1, : 2 * right + 1]
    row, column = np.unravel_index(int(near.argmax()), near.shape)
    return float(row - down), float(column - right)


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


def _agree(gained: Levels) -> bool:
    """Whether nearly all of what a shift changes becomes nearer: where one thing alone has moved, the rest becomes less near."""
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
