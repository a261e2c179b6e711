"""Sprites from the atlas, in any size and colour."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.starter.first.words import COLORS, KINDS

ATLAS = Path(__file__).parent.parent / "atlas" / "sprites.png"
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@cache
def _atlas() -> Image.Image:
    return Image.open(ATLAS).convert("RGBA")


@cache
def sprite(kind: str, color: str | None, size: int) -> NDArray[np.float32]:
    """A thing as an array (size, size, 4): RGB 0..255, alpha 0..1, standing on the lower edge."""
    cell = _atlas().height
    left = list(KINDS).index(kind) * cell
    image = _atlas().crop((left, 0, left + cell, cell)).resize((size, size), Image.Resampling.LANCZOS)
    pixels = np.asarray(image, dtype=np.float32).copy()
    pixels[..., 3] /= 255
    if color is not None:
        pixels[..., :3] = tint(pixels[..., :3], pixels[..., 3], COLORS[color])
    return pixels


def tint(rgb: NDArray[np.float32], alpha: NDArray[np.float32], color: tuple[int, int, int]) -> NDArray[np.float32]:
    """Repaint in one colour and keep the drawing: shade by shade, from a dark tone over the colour to a light tone."""
    luma = rgb @ LUMA
    inside = luma[alpha > 0.5]
    low, high = np.percentile(inside, (3, 97))
    shade = np.clip((luma - low) / max(high - low, 1.0), 0, 1)[..., None]
    pure = np.array(color, dtype=np.float32)
    # A white thing in as deep a shadow as a red one would be a gray thing.
    dark, light = pure * (0.7 if pure.min() > 200 else 0.45), pure + (255 - pure) * 0.35
    painted: NDArray[np.float32] = np.where(
        shade < 0.6, dark + (pure - dark) * shade / 0.6, pure + (light - pure) * (shade - 0.6) / 0.4
    )
    return painted
