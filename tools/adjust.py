"""Exact changes of light and colour, of the whole picture or of one region. No picture model; a thing that is named is found."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.color import LUMINANCE, from_linear, from_oklab, to_linear, to_oklab
from pentimento.tools.types import Progress, Report, Run, Tool, ToolError, ToolResult

Pixels = NDArray[np.float64]

_ROWS = 256
"""Rows that are computed at once, so that a large picture takes little memory."""
_MIDDLE = 127.5
_STOP = 100
"""Units of exposure, and of temperature, that double the light."""
_SEPIA = 0.05
"""Chroma of a sepia print, OKLab."""


class AdjustArgs(BaseModel, extra="forbid"):
    """Change light and colour exactly: of the picture, or of one thing in it."""

    brightness: int = Field(default=0, ge=-100, le=300, description="per cent more or less of every level")
    contrast: int = Field(default=0, ge=-100, le=300, description="per cent more or less distance from middle gray")
    saturation: int = Field(
        default=0, ge=-100, le=300, description="per cent more or less colour; -100 is black and white"
    )
    temperature: int = Field(default=0, ge=-100, le=100, description="warmer above 0, colder below")
    hue: int = Field(default=0, ge=-180, le=180, description="degrees by which all hues turn")
    exposure: int = Field(default=0, ge=-500, le=500, description="hundredths of a stop; 100 is twice the light")
    blur: int = Field(default=0, ge=0, le=200, description="radius in pixels")
    sharpen: int = Field(default=0, ge=0, le=300, description="per cent")
    grayscale: bool = Field(default=False, description="black and white")
    sepia: bool = Field(default=False, description="brown, like an old photo")
    invert: bool = Field(default=False, description="a negative")
    target: str = Field(default="", max_length=80, description="the thing; empty for the whole picture")


def adjust(args: AdjustArgs, run: Run) -> ToolResult:
    """Light first, then levels, then colour, then sharpness; where the region ends the source's own bytes begin."""
    changes = args.model_dump(exclude={"target"}, exclude_defaults=True)
    if not changes:
        raise ToolError("Say what to adjust, for example brightness=20 or grayscale=true.")
    src = run.inputs["src"]
    weights = find.chosen(run, args.target)
    adjusted = _sharpened(args, _mapped(args, src, run.report), run.report)
    run.report(Progress("measuring", 1.0))
    if weights is None:
        return ToolResult((adjusted,), measures=region.measured(src, adjusted, region.everywhere(src)))
    result, inside = region.mix(src, adjusted, weights), weights > 0
    found = region.to_image(inside) if args.target else None
    return ToolResult((result,), found, measures=region.measured(src, result, inside))


def _mapped(args: AdjustArgs, src: Image.Image, report: Report) -> Image.Image:
    """Every pixel by itself."""
    before = np.asarray(src)
    result = np.empty_like(before)
    for top in range(0, src.height, _ROWS):
        report(Progress("adjusting", top / src.height))
        strip = before[top : top + _ROWS].astype(np.float64)
        result[top : top + _ROWS] = np.rint(_colored(args, _levelled(args, _lit(args, strip))).clip(0, 255))
    return Image.fromarray(result)


def _lit(args: AdjustArgs, pixels: Pixels) -> Pixels:
    """Exposure and temperature multiply linear light; the temperature keeps the luminance of white."""
    if not args.exposure and not args.temperature:
        return pixels
    warm = 2 ** (args.temperature / _STOP / 2)
    gains = np.array([warm, 1.0, 1 / warm])
    gains *= 2 ** (args.exposure / _STOP) / (gains @ LUMINANCE)
    return from_linear(np.clip(to_linear(pixels) * gains, 0, 1))


def _levelled(args: AdjustArgs, pixels: Pixels) -> Pixels:
    if args.brightness:
        pixels = np.clip(pixels * (1 + args.brightness / 100), 0, 255)
    if args.contrast:
        pixels = np.clip(_MIDDLE + (pixels - _MIDDLE) * (1 + args.contrast / 100), 0, 255)
    return 255 - pixels if args.invert else pixels


def _colored(args: AdjustArgs, pixels: Pixels) -> Pixels:
    """Saturation and hue in OKLab, so that lightness stays."""
    gray = args.grayscale or args.saturation == -100
    if not gray and not args.sepia and not args.saturation and not args.hue:
        return pixels
    lab = to_oklab(pixels)
    turn = np.deg2rad(args.hue)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    lab[..., 1:] = 0 if gray or args.sepia else (lab[..., 1:] @ rotation) * (1 + args.saturation / 100)
    if args.sepia:
        lab[..., 1:] = np.array([0.25, 0.97]) * _SEPIA
    return from_oklab(lab)


def _sharpened(args: AdjustArgs, image: Image.Image, report: Report) -> Image.Image:
    report(Progress("adjusting", 1.0))
    if args.blur:
        image = image.filter(ImageFilter.GaussianBlur(args.blur))
        report(Progress("adjusting", 1.0))
    return image.filter(ImageFilter.UnsharpMask(2, args.sharpen, 0)) if args.sharpen else image


ADJUST = Tool("adjust", AdjustArgs, adjust, version="2", optional=("mask",), finds="target")
