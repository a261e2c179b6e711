"""The styles of the picture-book world: what is done to the flat drawing of a scene."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

Pixels = NDArray[np.uint8]
BLOCK = 2
"""Side of a block of pixel art, pixels."""
_LEVELS = 42
"""Distance between the levels of a channel in pixel art."""


@cache
def _grain(height: int, width: int, size: int) -> NDArray[np.float32]:
    """Smooth noise around 0 with a spread of 1, in patches of about `size` pixels; always the same."""
    coarse = np.random.default_rng(0).normal(size=(height // size + 2, width // size + 2)).astype(np.float32)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    grain: NDArray[np.float32] = (smooth / smooth.std())[..., None]
    return grain


def pencil(picture: Pixels, zoom: int = 1) -> Pixels:
    """Dark outlines and pale, hatched colours on paper."""
    outlines = ImageChops.invert(_outlines(Image.fromarray(picture).convert("L"), zoom)).point(_darker)
    height, width, _ = picture.shape
    rows, columns = np.ogrid[:height, :width]
    hatch = np.where((rows + columns - (zoom - 1)) % (6 * zoom) < 2 * zoom, 0.82, 1.0)[..., None]
    pale = 250 - (250 - picture.astype(np.float32)) * 0.55 * hatch
    lines = np.asarray(outlines, dtype=np.float32)[..., None] / 255
    drawn: Pixels = np.clip(pale * lines + 40 * (1 - lines), 0, 255).astype(np.uint8)
    return drawn


def _outlines(gray: Image.Image, zoom: int) -> Image.Image:
    """Where the shade changes: the filter takes nine times what a pixel has more than its 3 × 3, but leaves the margin."""
    if zoom == 1:
        return gray.filter(ImageFilter.FIND_EDGES)
    pixel = gray.filter(ImageFilter.BoxBlur((zoom - 1) / 2))
    around = gray.filter(ImageFilter.BoxBlur((3 * zoom - 1) / 2))
    inner = (zoom, zoom, gray.width - zoom, gray.height - zoom)
    pixel.paste(ImageChops.subtract(pixel, around, 1 / 9).crop(inner), inner)
    return pixel


def _darker(level: int) -> int:
    return max(255 - (255 - level) * 3, 0)


def pixel(picture: Pixels, zoom: int = 1) -> Pixels:
    """Blocks of few colours."""
    side = BLOCK * zoom
    height, width, _ = picture.shape
    small = Image.fromarray(picture).resize((width // side, height // side), Image.Resampling.BOX)
    levels = np.round(np.asarray(small, dtype=np.float32) / _LEVELS) * _LEVELS
    blocks: Pixels = np.clip(levels, 0, 255).astype(np.uint8)
    return np.repeat(np.repeat(blocks, side, axis=0), side, axis=1)


def watercolor(picture: Pixels, zoom: int = 1) -> Pixels:
    """Soft light colours that pool unevenly, darker at their edges."""
    height, width, _ = picture.shape
    image = Image.fromarray(picture)
    if zoom == 1:  # the mode takes away what is one pixel wide, which nothing is when it is drawn larger
        image = image.filter(ImageFilter.ModeFilter(3))
    image = image.filter(ImageFilter.GaussianBlur(0.9 * zoom))
    soft = np.asarray(image, dtype=np.float32)
    wide = np.asarray(image.filter(ImageFilter.GaussianBlur(3 * zoom)), dtype=np.float32)
    pooled = 255 - (255 - soft) * (0.80 + 0.05 * _grain(height, width, 16 * zoom))
    painted: Pixels = np.clip(pooled - 0.5 * np.abs(soft - wide), 0, 255).astype(np.uint8)
    return painted


def flat(picture: Pixels, _zoom: int = 1) -> Pixels:
    return picture


STYLE: dict[str, Callable[[Pixels, int], Pixels]] = {
    "flat": flat,
    "pencil": pencil,
    "pixel": pixel,
    "watercolor": watercolor,
}
