"""Sprites from the atlas, in any size and colour."""

from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.starter.words import COLORS, KINDS

ATLAS = Path(__file__).parent.parent / "atlas" / "sprites.png"
CELL = 96
"""Side of a sprite in the atlas, pixels."""
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@cache
def _atlas() -> Image.Image:
    return Image.open(ATLAS).convert("RGBA")


@cache
def cell(kind: str) -> Image.Image:
    """A thing as the atlas has it, RGBA, CELL × CELL, standing on the lower edge."""
    columns = _atlas().width // CELL
    row, column = divmod(list(KINDS).index(kind), columns)
    return _atlas().crop((column * CELL, row * CELL, (column + 1) * CELL, (row + 1) * CELL))


@cache
def top_of(kind: str) -> float:
    """Height of the empty space above a thing, as a share of its square."""
    box = cell(kind).getchannel("A").getbbox()
    return 0.0 if box is None else box[1] / CELL


@lru_cache(maxsize=4096)
def sprite(kind: str, color: str | None, side: int) -> NDArray[np.float32]:
    """A thing as an array (side, side, 4): RGB 0..255, alpha 0..1, standing on the lower edge."""
    return drawn(kind, color, side)


def drawn(kind: str, color: str | None, side: int) -> NDArray[np.float32]:
    """The same, drawn afresh: large ones would fill the memory if they were kept."""
    image = cell(kind).resize((side, side), Image.Resampling.LANCZOS)
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
    # White, gray and black differ by nothing but their shade: in as deep a shadow as a red thing a white one would be gray.
    deep, bright = (0.3, 0.15) if np.ptp(pure) < 20 else (0.55, 0.35)
    dark, light = pure * (1 - deep), pure + (255 - pure) * bright
    painted: NDArray[np.float32] = np.where(
        shade < 0.6, dark + (pure - dark) * shade / 0.6, pure + (light - pure) * (shade - 0.6) / 0.4
    )
    return painted
