"""Change the picture as told; of an object or a side only that region changes, bit for bit."""

from enum import StrEnum

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.check import ATTEMPTS, Attempt, asks_to_recolor, check_edit, told
from pentimento.tools.local import drawn_in
from pentimento.tools.types import REFERENCES, Run, Tool, ToolError, ToolResult


class Scope(StrEnum):
    OBJECT = "object"
    LEFT = "left"
    RIGHT = "right"
    PICTURE = "picture"


class EditArgs(BaseModel, extra="forbid"):
    """Change the picture by an instruction: recolour, replace, remove or add one thing, or change place, time, weather."""

    instruction: str = Field(min_length=1, max_length=300, description="what to change, one sentence")
    target: str = Field(default="", max_length=80, description="the thing that changes or is added; empty for picture")
    scope: Scope = Field(
        default=Scope.OBJECT, description="object: only the target changes; left, right: add there; picture: all of it"
    )
    steps: int = Field(default=12, ge=1, le=150, json_schema_extra={"planned": False})
    guidance: float = Field(default=2.0, ge=1, le=30, json_schema_extra={"planned": False})
    image_guidance: float = Field(default=1.0, ge=1, le=10, json_schema_extra={"planned": False})


def find_region(args: EditArgs, src: Image.Image, run: Run) -> region.Mask:
    """Which pixels may change; fixed before the model runs. `ToolError` when the target isn't in the picture."""
    if args.scope is Scope.PICTURE:
        return np.ones((src.height, src.width), dtype=bool)
    if args.scope is not Scope.OBJECT:
        return region.side_mask(src.width, src.height, args.scope.value)
    found = find.thing(run, args.target)
    if asks_to_recolor(args.instruction):
        return region.dilate(found, max(2, src.width // 32))
    return region.box_mask(found, 0.15)


def edit_region(args: EditArgs, src: Image.Image, mask: region.Mask, seed: int, run: Run) -> Image.Image:
    """Run the model on a crop around the region and put the result back inside of it."""
    return drawn_in(
        src,
        mask,
        run,
        lambda crop, _: run.models.edit(
            crop, args.instruction, seed, args.steps, args.guidance, args.image_guidance, run.report, run.refs
        ),
    )


def edit_picture(args: EditArgs, src: Image.Image, seed: int, run: Run) -> Image.Image:
    """Run the model on the whole picture, at its own size."""
    side = run.models.best_size
    small = src if src.size == (side, side) else src.resize((side, side), Image.Resampling.LANCZOS)
    made = run.models.edit(
        small, args.instruction, seed, args.steps, args.guidance, args.image_guidance, run.report, run.refs
    )
    return made if made.size == src.size else made.resize(src.size, Image.Resampling.LANCZOS)


def edit(args: EditArgs, run: Run) -> ToolResult:
    """Edit, check, and try once more with the next seed; the better attempt is kept."""
    if args.scope is not Scope.PICTURE and not args.target:
        raise ToolError("Say which thing should change, for example the squirrel.")
    src = run.inputs["src"]
    mask = find_region(args, src, run)
    whole = args.scope is Scope.PICTURE
    attempts: list[Attempt] = []
    for number in range(ATTEMPTS):
        seed = (run.seed + number) % 2**32
        made = edit_picture(args, src, seed, run) if whole else edit_region(args, src, mask, seed, run)
        attempts.append(Attempt(made, check_edit(src, made, mask, args.instruction, args.target, run)))
        if attempts[-1].check.passed:
            break
    best = max(attempts, key=lambda attempt: attempt.check.score)
    note, measures = told(best.check, len(attempts), run.models.unread(args.instruction))
    measures |= region.measured(src, best.picture, mask)
    return ToolResult((best.picture,), None if whole else region.to_image(mask), note, measures)


EDIT = Tool("edit", EditArgs, edit, version="1", optional=REFERENCES, models=("image", "segment"))
