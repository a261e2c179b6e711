"""Make the picture larger: true to what is there, or with new detail."""

from enum import StrEnum

from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools.back_projection import back_projected, residual
from pentimento.tools.transform import MAX_SIDE
from pentimento.tools.types import Progress, Run, Tool, ToolError, ToolResult

MAX_PIXELS = 64_000_000
"""Of a picture that can be opened again."""
ALIKE = 0.5
"""Levels; a picture made small again that is nearer to the source everywhere is the same picture."""


class Mode(StrEnum):
    FAITHFUL = "faithful"
    CREATIVE = "creative"


class UpscaleArgs(BaseModel, extra="forbid"):
    """Make the picture two or four times as large."""

    factor: int = Field(default=2, ge=2, le=4, multiple_of=2, description="how many times as large: 2 or 4")
    mode: Mode = Field(
        default=Mode.FAITHFUL, description="faithful: made small again it is the same; creative: as the model draws it"
    )
    prompt: str = Field(default="", max_length=300, description="what is to be seen, if anything is to be said of it")


def upscale(args: UpscaleArgs, run: Run) -> ToolResult:
    src = run.inputs["src"]
    size = src.width * args.factor, src.height * args.factor
    if max(size) > MAX_SIDE or size[0] * size[1] > MAX_PIXELS:
        most = f"{MAX_SIDE} pixels a side and {MAX_PIXELS // 1_000_000} million in all"
        raise ToolError(f"That would be {size[0]} × {size[1]} pixels; at most {most} are made.")
    made, note = _enlarged(args, run, size)
    if args.mode is Mode.FAITHFUL:
        run.report(Progress("comparing with the source", 1.0))
        made = back_projected(made, src, args.factor)
    apart = residual(made, src, args.factor)
    passed = {"passed": apart < ALIKE} if args.mode is Mode.FAITHFUL else {}
    return ToolResult((made,), note=note, measures={**passed, "residual": round(apart, 3)})


def _enlarged(args: UpscaleArgs, run: Run, size: tuple[int, int]) -> tuple[Image.Image, str]:
    """By the model; where there is none by a filter, and a sentence that says so."""
    src = run.inputs["src"]
    if run.models.enlarges:
        return run.models.enlarge(src, args.factor, args.prompt, run.seed, run.report), ""
    note = (
        "There is no model that enlarges pictures in this profile, so a filter did it (Lanczos); no detail was added."
    )
    return src.resize(size, Image.Resampling.LANCZOS), note


UPSCALE = Tool("upscale", UpscaleArgs, upscale, version="2", models=("upscale",))
