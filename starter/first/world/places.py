"""The backgrounds of the picture-book world, drawn large and scaled down."""

import random
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIZE = 64
"""Side of a picture, pixels."""
VARIANTS = 48
"""Number of different drawings of each place."""
_BIG = 4 * SIZE

RGB = tuple[int, int, int]


def _gradient(top: RGB, bottom: RGB, height: int = _BIG) -> Image.Image:
    column = np.linspace(top, bottom, height, dtype=np.float32)[:, None].repeat(_BIG, axis=1)
    return Image.fromarray(column.astype(np.uint8))


def _ground(image: Image.Image, horizon: int, top: RGB, bottom: RGB) -> None:
    image.paste(_gradient(top, bottom, _BIG - horizon), (0, horizon))


def _forest(rng: random.Random) -> Image.Image:
    image = _gradient((150, 205, 160), (95, 160, 95))
    draw = ImageDraw.Draw(image)
    for x in range(rng.randrange(0, 40, 8), _BIG, 48):
        width = rng.choice((14, 20))
        draw.rectangle((x, 0, x + width, 190), fill=(88, 66, 48))
        draw.ellipse((x - 34, -50 - rng.choice((0, 16)), x + width + 34, 52), fill=(46, 112, 58))
    _ground(image, 176 + rng.choice((0, 16)), (72, 130, 62), (48, 98, 46))
    return image


def _beach(rng: random.Random) -> Image.Image:
    image = _gradient((120, 195, 245), (205, 235, 250))
    draw = ImageDraw.Draw(image)
    sea = 112 + rng.choice((0, 16))
    draw.rectangle((0, sea, _BIG, _BIG), fill=(40, 140, 200))
    for _ in range(3):
        x, y = rng.randrange(0, _BIG, 16), sea + rng.randrange(10, 50, 10)
        draw.rectangle((x, y, x + 40, y + 4), fill=(120, 195, 230))
    _ground(image, 176 + rng.choice((0, 16)), (245, 222, 160), (225, 190, 120))
    return image


def _city(rng: random.Random) -> Image.Image:
    image = _gradient((190, 205, 222), (225, 228, 232))
    draw = ImageDraw.Draw(image)
    x = 0
    while x < _BIG:
        width, top = rng.choice((40, 48, 56)), rng.randrange(24, 112, 16)
        gray = rng.choice((105, 125, 145))
        draw.rectangle((x, top, x + width - 4, 200), fill=(gray, gray, gray + 12))
        for wx in range(x + 8, x + width - 12, 16):
            for wy in range(top + 10, 180, 24):
                draw.rectangle((wx, wy, wx + 8, wy + 10), fill=(240, 220, 140))
        x += width
    _ground(image, 192, (92, 92, 98), (66, 66, 72))
    return image


def _snow(rng: random.Random) -> Image.Image:
    image = _gradient((188, 208, 228), (222, 232, 242))
    draw = ImageDraw.Draw(image)
    hill = rng.choice((-60, 0, 60))
    draw.ellipse((hill - 60, 130, hill + 330, 360), fill=(236, 242, 250))
    _ground(image, 184, (248, 250, 254), (222, 230, 242))
    for _ in range(28):
        x, y = rng.randrange(0, _BIG, 8), rng.randrange(0, 200, 8)
        draw.ellipse((x, y, x + 6, y + 6), fill=(255, 255, 255))
    return image


def _night(rng: random.Random) -> Image.Image:
    image = _gradient((12, 16, 48), (40, 48, 96))
    draw = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = rng.randrange(0, _BIG, 8), rng.randrange(0, 150, 8)
        draw.ellipse((x, y, x + 5, y + 5), fill=(250, 250, 220))
    x = rng.choice((24, 112, 196))
    draw.ellipse((x, 16, x + 40, 56), fill=(250, 244, 200))
    _ground(image, 176 + rng.choice((0, 16)), (26, 36, 52), (16, 24, 36))
    return image


def _sunset(rng: random.Random) -> Image.Image:
    image = _gradient((120, 60, 130), (255, 170, 70))
    draw = ImageDraw.Draw(image)
    x = rng.choice((40, 104, 168))
    draw.ellipse((x, 110, x + 56, 166), fill=(255, 225, 110))
    _ground(image, 176 + rng.choice((0, 16)), (110, 62, 70), (70, 40, 56))
    return image


_DRAW: dict[str, Callable[[random.Random], Image.Image]] = {
    "forest": _forest,
    "beach": _beach,
    "city": _city,
    "snow": _snow,
    "night": _night,
    "sunset": _sunset,
}


@cache
def background(place: str, variant: int) -> NDArray[np.float32]:
    """The empty place as an array (SIZE, SIZE, 3), 0..255; `variant` 0 .. VARIANTS - 1."""
    image = _DRAW[place](random.Random(f"{place} {variant}")).resize((SIZE, SIZE), Image.Resampling.BOX)
    return np.asarray(image, dtype=np.float32)
