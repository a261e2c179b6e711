"""The geometry of a local edit: which pixels may change, which crop is worked on, how the result is put back.

Masks here are arrays (height, width); outside of the region the source is kept bit for bit.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Mask = NDArray[np.bool_]
Weights = NDArray[np.float64]
"""How much of a change each pixel takes, 0.0 to 1.0, (height, width)."""

_ROWS = 64
"""Rows of a picture that are computed with at once."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> tuple[int, int]:
        return self.right - self.left, self.bottom - self.top

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """As PIL has a box."""
        return self.left, self.top, self.right, self.bottom


def to_mask(image: Image.Image) -> Mask:
    return np.asarray(image.convert("L")) > 127


def to_image(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255)


def everywhere(image: Image.Image) -> Mask:
    return np.ones((image.height, image.width), dtype=bool)


def bounding_box(mask: Mask) -> Box:
    """The smallest box around a mask that is not empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def cut(mask: Mask, box: Box) -> Mask:
    return mask[box.top : box.bottom, box.left : box.right]


def dilate(mask: Mask, pixels: int) -> Mask:
    """Every pixel within `pixels` (Chebyshev distance) of the mask."""
    if pixels < 1:
        return mask
    return _spread(_spread(mask, pixels).T, pixels).T


def _spread(mask: Mask, pixels: int) -> Mask:
    """Dilation along the columns, by running sums: the time does not depend on `pixels`."""
    height = len(mask)
    sums = np.concatenate([np.zeros((1, mask.shape[1]), dtype=np.int32), mask.cumsum(axis=0, dtype=np.int32)])
    rows = np.arange(height)
    spread: Mask = sums[np.minimum(rows + pixels + 1, height)] > sums[np.maximum(rows - pixels, 0)]
    return spread


def box_mask(mask: Mask, share: float) -> Mask:
    """The mask's bounding box, grown by `share` of its larger side on each side, within the picture."""
    box, (height, width) = bounding_box(mask), mask.shape
    grow = max(2, round(share * max(box.size)))
    filled = np.zeros_like(mask)
    filled[
        max(box.top - grow, 0) : min(box.bottom + grow, height), max(box.left - grow, 0) : min(box.right + grow, width)
    ] = True
    return filled


def side_mask(width: int, height: int, side: str) -> Mask:
    """The half of the picture, "left" or "right", in which something new is put."""
    filled = np.zeros((height, width), dtype=bool)
    middle = width // 2
    # Of a single column that one is both sides.
    filled[:, : max(1, middle + width // 16)] |= side == "left"
    filled[:, middle - width // 16 :] |= side == "right"
    return filled


def working_box(mask: Mask, least: int) -> Box:
    """A crop that holds the whole mask, with room around it for the model to work on.

    Twice the region's size gives the model its surroundings, and `least` pixels are taken where the picture has them.
    It is a square, the picture's shorter side at most; where the region is longer than that, so is the crop.
    """
    height, width = mask.shape
    box = bounding_box(mask)
    side = min(max(least, 2 * max(box.size)), width, height)
    left, right = _span(box.left, box.right, side, width)
    top, bottom = _span(box.top, box.bottom, side, height)
    return Box(left, top, right, bottom)


def _span(start: int, end: int, side: int, most: int) -> tuple[int, int]:
    """`side` pixels around those from `start` to `end`; around more than that, a quarter of `side` is added."""
    length = side if end - start <= side else min(end - start + side // 4, most)
    first = min(max((start + end - length) // 2, 0), most - length)
    return first, first + length


def feather(mask: Mask, radius: float) -> Weights:
    """Weights 0..1 that rise from the region's edge inwards over about `radius` pixels and are 0 outside."""
    soft = np.asarray(to_image(mask).filter(ImageFilter.GaussianBlur(radius)), dtype=np.float64) / 255
    return np.where(mask, np.clip(2 * soft - 0.5, 0.25, 1.0), 0.0)


def soft_edge(mask: Mask) -> Weights:
    """1 inside, fading over one pixel at the edge, 0 outside of the mask grown by one pixel."""
    return np.asarray(to_image(mask).filter(ImageFilter.BoxBlur(1)), dtype=np.float64) / 255


def match_tone(made: Image.Image, source: Image.Image, mask: Mask, width: int = 4) -> Image.Image:
    """Shift each channel of `made` by its median difference to the source on a ring around the region, at most 24 levels."""
    ring = dilate(mask, width) & ~mask
    if not ring.any():
        return made
    pixels, reference = np.asarray(made), np.asarray(source)
    shift = np.clip(np.median(reference[ring].astype(np.float64) - pixels[ring], axis=0), -24, 24)
    result = np.empty_like(pixels)
    for rows in strips(len(pixels)):
        result[rows] = np.clip(np.rint(pixels[rows] + shift), 0, 255)
    return Image.fromarray(result)


def mix(source: Image.Image, other: Image.Image, weights: Weights) -> Image.Image:
    """The source with `other` by its weights; the source's own bytes where they are 0, the other's where they are 1."""
    result, after = np.array(source), np.asarray(other)
    for rows in strips(len(result)):
        touched = weights[rows] > 0
        here, there = result[rows][touched].astype(np.float64), after[rows][touched].astype(np.float64)
        result[rows][touched] = np.rint(here + weights[rows][touched][:, None] * (there - here))
    return Image.fromarray(result)


def strips(height: int) -> Iterator[slice]:
    """The rows of a picture, so many at once that what is computed with them takes little memory."""
    return (slice(top, top + _ROWS) for top in range(0, height, _ROWS))


def measured(before: Image.Image, after: Image.Image, inside: Mask) -> dict[str, int | float | str | bool]:
    """What every change of a region is measured by: pixels changed in it and beside it, and how many lie beside it."""
    return {
        "changed_inside": changed_pixels(before, after, inside),
        "changed_outside": changed_pixels(before, after, ~inside),
        "outside": int((~inside).sum()),
    }


def changed_pixels(before: Image.Image, after: Image.Image, where: Mask, tolerance: int = 0) -> int:
    """How many pixels in `where` differ by more than `tolerance` levels in any channel."""
    first, second = np.asarray(before), np.asarray(after)
    return sum(_changed(first[rows], second[rows], where[rows], tolerance) for rows in strips(len(first)))


def _changed(before: NDArray[np.uint8], after: NDArray[np.uint8], where: Mask, tolerance: int) -> int:
    difference = np.abs(before.astype(np.int16) - after).max(axis=2)
    return int((difference[where] > tolerance).sum())
