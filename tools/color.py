"""Colours: their names, a perceptual space to compare and repaint in (OKLab, Ottosson 2020), and what colour a region has."""

import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor

from pentimento.tools.types import ToolError

NAMED: dict[str, tuple[int, int, int]] = {
    "red": (214, 39, 40),
    "orange": (245, 130, 25),
    "yellow": (245, 215, 45),
    "green": (60, 170, 70),
    "blue": (50, 105, 220),
    "purple": (135, 70, 190),
    "pink": (245, 130, 190),
    "white": (240, 240, 240),
    "black": (25, 25, 25),
    "gray": (128, 128, 128),
    "brown": (125, 80, 45),
}
"""The basic colour terms of Berlin and Kay (1969) and what they look like, sRGB."""

_SHADES = (0.55, 1.0)
"""A thing of one colour shows it in shadow and in full light; highlights are told by `_LIGHT`."""
_LIGHT = 0.3
_NEUTRALS = {"white": (195.0, 240.0), "black": (0.0, 25.0, 50.0), "gray": (85.0, 128.0)}
"""Levels at which the colours without hue are seen."""
_SPREAD = 0.2
"""Spread of lightness (Oklab) up to which a thing keeps all of its light and shade."""
_ROOM = 0.35
"""Lightness on either side of a colour that a thing's light and shade take in full."""
_AT_ONCE = 1 << 16
"""Pixels that are named at once, so that a large picture takes little memory."""
_RGB_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LMS_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Shares of linear red, green and blue in luminance (ITU-R BT.709)."""

Pixels = NDArray[np.float64]


def parse_color(text: str) -> tuple[int, int, int]:
    """sRGB of a basic colour term, an HTML name or #rrggbb; `ToolError` when it is none."""
    wanted = text.strip().lower()
    if wanted in NAMED:
        return NAMED[wanted]
    try:
        red, green, blue, *_ = ImageColor.getrgb(wanted)
    except ValueError as error:
        raise ToolError(
            f'"{text}" is no colour I know; give a name such as red, or a value such as #ff6600.'
        ) from error
    return red, green, blue


def color_in(text: str) -> str | None:
    """The last basic colour term in a sentence: "turn the white cat red" → "red"."""
    found = re.findall(rf"\b({'|'.join(NAMED)}|grey)\b", text.lower())
    return (found[-1].replace("grey", "gray")) if found else None


def without_color(words: str) -> str:
    """A noun phrase without its colours: "the red squirrel" → "the squirrel"."""
    return " ".join(word for word in words.split() if color_in(word) is None)


def to_linear(rgb: Pixels) -> Pixels:
    """sRGB 0..255 → linear light 0..1."""
    unit = np.asarray(rgb, dtype=np.float64) / 255
    return np.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)


def from_linear(light: Pixels) -> Pixels:
    """Linear light → sRGB 0..255, clipped to the gamut."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def to_oklab(rgb: Pixels) -> Pixels:
    """sRGB 0..255, (..., 3) → OKLab, lightness 0..1 and two opponent axes of about ±0.4."""
    lab: Pixels = np.cbrt(to_linear(rgb) @ _RGB_TO_LMS.T) @ _LMS_TO_LAB.T
    return lab


def from_oklab(lab: Pixels) -> Pixels:
    """OKLab → sRGB 0..255, clipped to the gamut."""
    return from_linear((lab @ np.linalg.inv(_LMS_TO_LAB).T) ** 3 @ np.linalg.inv(_RGB_TO_LMS).T)


def _samples() -> tuple[list[str], Pixels]:
    names, colors = [], []
    for name, rgb in NAMED.items():
        pure = np.array(rgb, dtype=np.float64)
        shades = [*(pure * shade for shade in _SHADES), pure + (255 - pure) * _LIGHT]
        shades = [np.full(3, level) for level in _NEUTRALS[name]] if name in _NEUTRALS else shades
        names += [name] * len(shades)
        colors += shades
    return names, to_oklab(np.array(colors))


_SAMPLE_NAMES, _SAMPLES = _samples()


def color_shares(image: Image.Image, mask: NDArray[np.bool_]) -> dict[str, float]:
    """Share of the region's pixels that have each colour's name, the commonest first; `mask` is (height, width)."""
    pixels = np.asarray(image.convert("RGB"))[mask]
    counts = np.zeros(len(_SAMPLES), dtype=np.int64)
    for start in range(0, len(pixels), _AT_ONCE):
        counts += np.bincount(_nearest(pixels[start : start + _AT_ONCE]), minlength=len(_SAMPLES))
    shares: dict[str, float] = {}
    for name, count in zip(_SAMPLE_NAMES, counts, strict=True):
        shares[name] = shares.get(name, 0.0) + int(count) / max(len(pixels), 1)
    return {name: shares[name] for name in sorted(shares, key=shares.__getitem__, reverse=True) if shares[name]}


def _nearest(pixels: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Index of the sample nearest to each pixel, (n, 3)."""
    nearest: NDArray[np.intp] = _distance(to_oklab(pixels.astype(np.float64))[:, None], _SAMPLES).argmin(axis=1)
    return nearest


def _distance(lab: Pixels, other: Pixels) -> Pixels:
    # Lightness counts half: a shaded red is still red.
    distance: Pixels = np.linalg.norm((lab - other) * np.array([0.5, 1.0, 1.0]), axis=-1)
    return distance


def distance_to(image: Image.Image, mask: NDArray[np.bool_], color: tuple[int, int, int]) -> float:
    """How far a region's middle pixel is from a colour, OKLab units; 0.05 is near, 0.2 another colour."""
    pixels = to_oklab(np.asarray(image.convert("RGB"))[mask].astype(np.float64))
    return float(np.median(_distance(pixels, to_oklab(np.array(color, dtype=np.float64)))))


def repaint(image: Image.Image, mask: NDArray[np.float64], to: tuple[int, int, int]) -> Image.Image:
    """Give a region one hue and chroma and keep its drawing; its mean lightness moves to the colour's.

    `mask` is (height, width), 0..1; where it is 0 the pixels stay bit for bit.
    """
    before = np.asarray(image.convert("RGB"))
    touched = mask > 0
    pixels, weights = before[touched].astype(np.float64), mask[touched]
    lab, goal = to_oklab(pixels), to_oklab(np.array(to, dtype=np.float64))
    inside = weights > 0.5
    if inside.any():
        # A colour near black or white leaves less room for light and shade.
        contrast = np.clip(min(goal[0], 1.1 - goal[0]) / _ROOM, 0.35, 1)
        # What is black and white, such as a football, would stay so.
        contrast *= min(1.0, _SPREAD / max(float(lab[inside, 0].std()), _SPREAD))
        lab[:, 0] = np.clip(goal[0] + contrast * (lab[:, 0] - lab[inside, 0].mean()), 0.05, 0.98)
    # Highlights and deep shadows carry less chroma than the middle tones.
    middle = max(min(goal[0], 1.1 - goal[0]), 0.05)
    tone = np.clip(np.minimum(lab[:, 0], 1.1 - lab[:, 0]) / middle, 0, 1)
    lab[:, 1:] = goal[1:] * tone[:, None]
    result = before.copy()
    result[touched] = np.rint(pixels + weights[:, None] * (from_oklab(lab) - pixels)).clip(0, 255)
    return Image.fromarray(result)
