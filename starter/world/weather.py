"""Rain, snow and fog over an empty place. Things are drawn in front of them, so that their colours stay what was said."""

import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pentimento.starter.world.scene import SHAPES, Scene

Veil = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Opacity (height, width, 1), 0..1, and brightness (height, width, 1), 0..255, before the light of the hour."""
_BRIGHT = {"day": (1.0, 1.0, 1.0), "sunset": (0.92, 0.74, 0.70), "night": (0.46, 0.50, 0.66)}
_HORIZON = 0.70


def under(weather: str, place: NDArray[np.uint8], scene: Scene, zoom: int = 1) -> NDArray[np.float32]:
    """A fresh copy of the place (height, width, 3), 0..255, `zoom` times as large, in the scene's weather and light."""
    canvas = place.astype(np.float32)
    if weather == "clear":
        return canvas
    veil = _veil if zoom == 1 else _drawn
    opacity, brightness = veil(weather, scene.shape, scene.variant, zoom)
    canvas += opacity * (brightness * np.array(_BRIGHT[scene.time], dtype=np.float32) - canvas)
    return canvas


def _drawn(weather: str, shape: str, variant: int, zoom: int) -> Veil:
    return _VEILS[weather](shape, variant, zoom)


_veil = lru_cache(maxsize=256)(_drawn)


def _marks(shape: str, marks: list[tuple[int, int, int, int]], thick: int, zoom: int) -> NDArray[np.float32]:
    """Opacity of lines, (height, width, 1)."""
    width, height = SHAPES[shape][0] * zoom, SHAPES[shape][1] * zoom
    image = Image.new("L", (width * 2, height * 2))
    draw = ImageDraw.Draw(image)
    for line in marks:
        draw.line([end * zoom + zoom // 2 for end in line], fill=255, width=thick * zoom)
    small = image.resize((width, height), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float32)[..., None] / np.float32(255)


def _rain(shape: str, variant: int, zoom: int) -> Veil:
    """Everything darker and grayer, with slanting streaks."""
    rng = random.Random(f"rain {variant}")
    width, height = SHAPES[shape][0] * 2, SHAPES[shape][1] * 2
    starts = [(rng.randrange(0, width + 40, 8), rng.randrange(-20, height, 8)) for _ in range(70)]
    streaks = _marks(shape, [(x, y, x - 9, y + 26) for x, y in starts], 3, zoom)
    return 0.42 + 0.43 * streaks, 112 + 100 * streaks


def _snow(shape: str, variant: int, zoom: int) -> Veil:
    """White ground, a pale sky, and flakes."""
    rng = random.Random(f"snow {variant}")
    width, height = SHAPES[shape]
    flakes = [(rng.randrange(0, 2 * width, 8), rng.randrange(0, round(1.5 * height), 8)) for _ in range(60)]
    falling = _marks(shape, [(x, y, x + 4, y) for x, y in flakes], 5, zoom)
    rows = np.arange(height * zoom) / zoom - (zoom - 1) / (2 * zoom)
    low = np.clip((rows / height - _HORIZON + 0.04) / 0.08, 0, 1).astype(np.float32)[:, None, None]
    ground = 0.22 + 0.66 * low
    return np.maximum(ground, falling * 0.95), np.broadcast_to(np.float32(246), falling.shape)


def _fog(shape: str, _variant: int, zoom: int) -> Veil:
    """Thick in the distance, thinner near by."""
    width, height = SHAPES[shape][0] * zoom, SHAPES[shape][1] * zoom
    depth = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    opacity = np.clip(0.72 - 0.9 * np.clip(depth - _HORIZON, 0, 1), 0, 1)
    return np.broadcast_to(opacity, (height, width, 1)), np.broadcast_to(np.float32(206), (height, width, 1))


_VEILS = {"rain": _rain, "snow": _snow, "fog": _fog}
