"""Lay one picture on another, exactly where it is said."""

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools import region
from pentimento.tools.transform import MAX_SIDE
from pentimento.tools.types import Progress, Run, Tool, ToolError, ToolResult


class CompositeArgs(BaseModel, extra="forbid"):
    """Lay a second picture, or what a mask shows of it, on the first one."""

    x: int = Field(default=0, ge=-MAX_SIDE, le=MAX_SIDE, description="pixels from the left edge to the layer's")
    y: int = Field(default=0, ge=-MAX_SIDE, le=MAX_SIDE, description="pixels from the upper edge to the layer's")
    scale: int = Field(default=100, ge=1, le=1000, description="size of the layer, per cent")


def composite(args: CompositeArgs, run: Run) -> ToolResult:
    base, layer = run.inputs["src"], run.inputs["layer"]
    shown = run.inputs.get("mask", Image.new("L", layer.size, 255)).convert("L")
    if shown.size != layer.size:
        raise ToolError(f"The mask is {_size(shown)} and the layer {_size(layer)}; choose a mask of the layer.")
    run.report(Progress("scaling the layer", 0.0))
    layer, shown = (_scaled(image, args.scale) for image in (layer, shown))
    run.report(Progress("laying it down", 0.5))
    result, covered = base.copy(), Image.new("L", base.size)
    result.paste(layer, (args.x, args.y), shown)
    covered.paste(shown, (args.x, args.y))
    inside = np.asarray(covered) > 0
    if not inside.any():
        raise ToolError("Nothing of the layer would be seen there; choose x and y within the picture.")
    run.report(Progress("measuring", 1.0))
    return ToolResult((result,), measures=region.measured(base, result, inside))


def _scaled(image: Image.Image, scale: int) -> Image.Image:
    if scale == 100:
        return image
    size = (max(1, round(image.width * scale / 100)), max(1, round(image.height * scale / 100)))
    if max(size) > MAX_SIDE:
        raise ToolError(f"The layer would be {size[0]} × {size[1]} pixels; the longest side may be {MAX_SIDE}.")
    return image.resize(size, Image.Resampling.LANCZOS)


def _size(image: Image.Image) -> str:
    return f"{image.width} × {image.height}"


COMPOSITE = Tool(
    "composite", CompositeArgs, composite, version="1", roles=("src", "layer"), optional=("mask",), taught=False
)
