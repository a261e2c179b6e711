"""The backgrounds of the picture-book world, in the light of each time of day; drawn twice as large and scaled down."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pentimento.starter.world.scene import SHAPES

SCALE = 2
"""How much larger the drawings are than the pictures."""

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Light:
    """What a time of day does to a place."""

    top: RGB
    """The sky above and at the horizon."""
    bottom: RGB
    tint: tuple[float, float, float]
    """What it leaves of each colour on the ground."""

    def on(self, color: RGB) -> RGB:
        red, green, blue = (round(channel * share) for channel, share in zip(color, self.tint, strict=True))
        return red, green, blue


LIGHTS = {
    "day": Light((120, 190, 245), (215, 236, 250), (1.0, 1.0, 1.0)),
    "sunset": Light((120, 60, 130), (255, 170, 70), (0.80, 0.55, 0.52)),
    "night": Light((12, 16, 48), (44, 52, 104), (0.30, 0.34, 0.52)),
}


@dataclass(frozen=True)
class Stage:
    """A drawing in the making; lengths are given for a picture of 128 × 128 and stretched to its size."""

    image: Image.Image
    light: Light
    rng: random.Random
    zoom: int = 1
    """How many times larger it is drawn than it is measured: every shape stays where it is and as sharp as it is."""

    @property
    def width(self) -> int:
        return self.image.width // self.zoom

    @property
    def height(self) -> int:
        return self.image.height // self.zoom

    def x(self, share: float) -> int:
        return round(share / 128 * self.width)

    def y(self, share: float) -> int:
        return round(share / 128 * self.height)

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def zoomed(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Corners in the image; the last row and column are drawn too."""
        return left * self.zoom, top * self.zoom, (right + 1) * self.zoom - 1, (bottom + 1) * self.zoom - 1

    def box(self, left: float, top: float, right: float, bottom: float, color: RGB) -> None:
        corners = self.x(left), self.y(top), self.x(right), self.y(bottom)
        self.draw.rectangle(self.zoomed(*corners), fill=self.light.on(color))

    def oval(self, left: float, top: float, right: float, bottom: float, color: RGB) -> None:
        corners = self.x(left), self.y(top), self.x(right), self.y(bottom)
        self.draw.ellipse(self.zoomed(*corners), fill=self.light.on(color))

    def shape(self, points: list[tuple[float, float]], color: RGB) -> None:
        middle = self.zoom // 2
        corners = [(self.x(x) * self.zoom + middle, self.y(y) * self.zoom + middle) for x, y in points]
        self.draw.polygon(corners, fill=self.light.on(color))

    def ground(self, horizon: float, top: RGB, bottom: RGB) -> None:
        start = self.y(horizon) * self.zoom
        size = self.image.width, self.image.height - start
        self.image.paste(gradient(size, self.light.on(top), self.light.on(bottom)), (0, start))


def gradient(size: tuple[int, int], top: RGB, bottom: RGB) -> Image.Image:
    width, height = size
    column = np.linspace(top, bottom, height, dtype=np.float32)[:, None].repeat(width, axis=1)
    return Image.fromarray(column.astype(np.uint8))


def _sky(stage: Stage, time: str) -> None:
    """Sky, and what hangs in it; the moon and the sun keep away from the middle."""
    stage.image.paste(gradient(stage.image.size, stage.light.top, stage.light.bottom))
    x = stage.rng.choice((12, 40, 76, 100))
    unit = stage.width / 128
    if time == "night":
        for _ in range(18):
            left, top = stage.x(stage.rng.randrange(0, 128, 4)), stage.y(stage.rng.randrange(0, 72, 4))
            corners = stage.zoomed(left, top, left + 2 * SCALE, top + 2 * SCALE)
            stage.draw.ellipse(corners, fill=(250, 250, 220))
    if time == "day":
        for left in (x - 30, x + 40):
            for dx, dy in ((0, 0), (9, -4), (18, 0)):
                _disc(stage, left + dx, 14 + dy, 13 * unit, (246, 249, 252))
        return
    radius, top, color = (20, 8, (250, 244, 200)) if time == "night" else (26, 44, (255, 225, 110))
    _disc(stage, x, top, radius * unit, color)


def _disc(stage: Stage, left: float, top: float, side: float, color: RGB) -> None:
    x, y = stage.x(left), stage.y(top)
    stage.draw.ellipse(stage.zoomed(x, y, x + side, y + side), fill=color)


def _forest(stage: Stage) -> None:
    for x in range(stage.rng.randrange(-4, 16, 4), 132, 24):
        top = stage.rng.choice((0, 8))
        stage.box(x, 20, x + stage.rng.choice((7, 10)), 96, (92, 68, 48))
        stage.oval(x - 15, top - 22, x + 24, top + 34, (46, 116, 58))
    stage.ground(88 + stage.rng.choice((0, 8)), (78, 138, 66), (50, 102, 48))


def _beach(stage: Stage) -> None:
    sea = 56 + stage.rng.choice((0, 8))
    stage.ground(sea, (40, 140, 200), (70, 170, 215))
    for _ in range(4):
        x, y = stage.rng.randrange(0, 128, 8), sea + stage.rng.randrange(5, 28, 5)
        stage.box(x, y, x + 20, y + 2, (135, 205, 235))
    stage.ground(88 + stage.rng.choice((0, 8)), (245, 222, 160), (225, 190, 120))


def _city(stage: Stage) -> None:
    x = 0
    while x < 128:
        width, top = stage.rng.choice((20, 24, 28)), stage.rng.randrange(12, 56, 8)
        gray = stage.rng.choice((105, 125, 145))
        stage.box(x, top, x + width - 2, 100, (gray, gray, gray + 12))
        for left in range(x + 4, x + width - 6, 8):
            for row in range(top + 5, 90, 12):
                lit = (255, 225, 130)
                corners = stage.x(left), stage.y(row), stage.x(left + 4), stage.y(row + 5)
                stage.draw.rectangle(stage.zoomed(*corners), fill=lit)
        x += width
    stage.ground(96, (98, 98, 104), (70, 70, 76))


def _meadow(stage: Stage) -> None:
    hill = stage.rng.choice((-30, 0, 30))
    stage.oval(hill - 40, 62, hill + 90, 150, (120, 190, 90))
    stage.oval(hill + 50, 68, hill + 190, 150, (105, 178, 82))
    stage.ground(86 + stage.rng.choice((0, 8)), (128, 196, 84), (92, 160, 64))
    for _ in range(16):
        x, y = stage.rng.randrange(0, 128, 4), stage.rng.randrange(98, 126, 4)
        stage.oval(x, y, x + 3, y + 3, stage.rng.choice(((250, 230, 90), (245, 245, 245), (240, 140, 170))))


def _desert(stage: Stage) -> None:
    crest = stage.rng.choice((24, 64, 100))
    stage.shape([(crest - 80, 96), (crest, 62), (crest + 90, 96)], (236, 188, 108))
    stage.shape([(crest, 62), (crest + 90, 96), (crest + 10, 96)], (212, 160, 84))
    stage.ground(88 + stage.rng.choice((0, 8)), (232, 184, 104), (214, 160, 84))


def _mountains(stage: Stage) -> None:
    for x in range(stage.rng.randrange(-10, 20, 5), 140, 44):
        peak = stage.rng.choice((14, 24, 34))
        stage.shape([(x - 44, 100), (x, peak), (x + 44, 100)], (118, 124, 140))
        stage.shape([(x - 11, peak + 21), (x, peak), (x + 11, peak + 21), (x, peak + 15)], (240, 244, 250))
    stage.ground(90 + stage.rng.choice((0, 6)), (132, 152, 104), (100, 122, 80))


def _room(stage: Stage) -> None:
    """A wall with a window, in which the sky is seen."""
    left = stage.rng.choice((14, 50, 86))
    sky = stage.image.crop((0, 0, stage.x(28) * stage.zoom, stage.y(34) * stage.zoom))
    wall = stage.rng.choice(((214, 190, 160), (176, 196, 190), (206, 178, 186)))
    stage.box(0, 0, 128, 98, wall)
    stage.box(left - 3, 11, left + 31, 51, (250, 246, 238))
    stage.image.paste(sky, (stage.x(left) * stage.zoom, stage.y(14) * stage.zoom))
    stage.box(left + 13, 14, left + 15, 48, (250, 246, 238))
    stage.box(0, 93, 128, 98, (236, 226, 212))
    stage.ground(97, (168, 118, 78), (136, 92, 60))


_DRAW: dict[str, Callable[[Stage], None]] = {
    "forest": _forest,
    "beach": _beach,
    "city": _city,
    "meadow": _meadow,
    "desert": _desert,
    "mountains": _mountains,
    "room": _room,
}


@lru_cache(maxsize=2048)
def background(place: str, time: str, shape: str, variant: int) -> NDArray[np.uint8]:
    """The empty place as an array (height, width, 3), 0..255; `variant` 0 .. VARIANTS - 1. Not to be written to."""
    return drawn(place, time, shape, variant, 1)


def drawn(place: str, time: str, shape: str, variant: int, zoom: int) -> NDArray[np.uint8]:
    """The same background, `zoom` times as large."""
    width, height = SHAPES[shape][0] * zoom, SHAPES[shape][1] * zoom
    image = Image.new("RGB", (width * SCALE, height * SCALE))
    stage = Stage(image, LIGHTS[time], random.Random(f"{place} {variant}"), zoom)
    _sky(stage, time)
    _DRAW[place](stage)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))
