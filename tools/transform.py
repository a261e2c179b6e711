"""Exact geometry: flip, rotate, crop, resize. No model, every pixel accounted for."""

from enum import StrEnum

from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools.types import Run, Tool, ToolError, ToolResult

MAX_SIDE = 8192
"""Pixels; a larger result is refused."""


class Op(StrEnum):
    FLIP = "flip"
    ROTATE = "rotate"
    CROP = "crop"
    RESIZE = "resize"


class Axis(StrEnum):
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class TransformArgs(BaseModel, extra="forbid"):
    """Flip, rotate, crop or resize the picture exactly."""

    op: Op = Field(description="what to do")
    axis: Axis = Field(default=Axis.HORIZONTAL, description="flip: horizontal swaps left and right")
    degrees: int = Field(default=90, multiple_of=90, ge=90, le=270, description="rotate: clockwise, 90, 180 or 270")
    ratio: str = Field(default="", pattern=r"^(\d{1,3}:\d{1,3})?$", description='crop: width to height, "16:9"')
    width: int = Field(default=0, ge=0, le=MAX_SIDE, description="resize: pixels; 0 keeps the proportions")
    height: int = Field(default=0, ge=0, le=MAX_SIDE, description="resize: pixels; 0 keeps the proportions")


_FLIP = {Axis.HORIZONTAL: Image.Transpose.FLIP_LEFT_RIGHT, Axis.VERTICAL: Image.Transpose.FLIP_TOP_BOTTOM}
_ROTATE = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def crop_to_ratio(image: Image.Image, ratio: str) -> Image.Image:
    """The largest centred part with the proportions "W:H"."""
    across, down = (int(part) for part in (ratio or "1:1").split(":"))
    if not across or not down:
        raise ToolError(f'"{ratio}" is no proportion; give width and height such as 16:9.')
    width = min(image.width, max(1, round(image.height * across / down)))
    height = min(image.height, max(1, round(image.width * down / across)))
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """To width × height pixels; one of them may be 0 and follows from the proportions."""
    if not width and not height:
        raise ToolError("Say how large the picture should be, for example 800 pixels wide.")
    width = width or max(1, round(image.width * height / image.height))
    height = height or max(1, round(image.height * width / image.width))
    if max(width, height) > MAX_SIDE:
        raise ToolError(f"That would be {width} × {height} pixels; the longest side may be {MAX_SIDE}.")
    return image.resize((width, height), Image.Resampling.LANCZOS)


def transform(args: TransformArgs, run: Run) -> ToolResult:
    image = run.inputs["src"]
    match args.op:
        case Op.FLIP:
            result = image.transpose(_FLIP[args.axis])
        case Op.ROTATE:
            result = image.transpose(_ROTATE[args.degrees])
        case Op.CROP:
            result = crop_to_ratio(image, args.ratio)
        case Op.RESIZE:
            result = resize(image, args.width, args.height)
    return ToolResult((result,), measures={"width": result.width, "height": result.height})


TRANSFORM = Tool("transform", TransformArgs, transform, version="1")
