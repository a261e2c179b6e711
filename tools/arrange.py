"""Move, copy or resize a thing as it is: its own pixels, cut out and laid down again; where it was is filled by the model."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.attempts import ATTEMPTS
from pentimento.tools.check import PRESENT, share_of
from pentimento.tools.edit import EditArgs, edit_region
from pentimento.tools.effort import Guidance, ImageGuidance, Steps
from pentimento.tools.scope import Place, Scope
from pentimento.tools.transform import MAX_SIDE
from pentimento.tools.types import Measures, Progress, Run, Tool, ToolError, ToolResult

_EDGE = 0.03
"""Share of the picture's side that stays free where a thing is moved to a side."""
_AROUND = 2
"""Pixels around a thing that are filled with it: its edge is mixed with what is behind it."""


class Op(StrEnum):
    MOVE = "move"
    DUPLICATE = "duplicate"
    SCALE = "scale"


class To(StrEnum):
    NOWHERE = ""
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"
    CENTER = "center"


class ArrangeArgs(BaseModel, extra="forbid"):
    """Move, duplicate or resize one thing in the picture; its pixels stay what they are."""

    op: Op = Field(description="what to do")
    target: str = Field(min_length=1, max_length=80, description="the thing")
    to: To = Field(default=To.NOWHERE, description="move, duplicate: side of the picture where it goes")
    dx: int = Field(default=0, ge=-MAX_SIDE, le=MAX_SIDE, description="move, duplicate: pixels to the right")
    dy: int = Field(default=0, ge=-MAX_SIDE, le=MAX_SIDE, description="move, duplicate: pixels down")
    scale: int = Field(default=100, ge=10, le=1000, description="scale: size, per cent")
    steps: Steps = 12
    guidance: Guidance = 2.0
    image_guidance: ImageGuidance = 1.0


@dataclass(frozen=True)
class Cut:
    """A thing that was cut out."""

    picture: Image.Image
    mask: Image.Image
    """Mode L, with an edge of one pixel that is mixed."""
    left: int
    top: int
    """Where it is to be laid down, pixels."""


def arrange(args: ArrangeArgs, run: Run) -> ToolResult:
    """Cut the thing out, fill its place (not for a copy), lay it down where it was told to go."""
    src = run.inputs["src"]
    mask = find.thing(run, args.target)
    cut = _laid(args, _cut_out(src, mask), src)
    base, note, touched = src, "", np.zeros_like(mask)
    if args.op is not Op.DUPLICATE:
        touched = region.dilate(mask, _AROUND)
        base, note = _filled(args, mask, touched, run)
    result, covered = base.copy(), Image.new("L", src.size)
    result.paste(cut.picture, (cut.left, cut.top), cut.mask)
    covered.paste(cut.mask, (cut.left, cut.top))
    touched |= np.asarray(covered) > 0
    # A copy takes the place of nothing, and so there is nothing to look for.
    passed: Measures = {} if args.op is Op.DUPLICATE else {"passed": not note}
    measures: Measures = {**passed, **region.measured(src, result, touched)}
    return ToolResult((result,), region.to_image(touched), note, measures)


def _cut_out(src: Image.Image, mask: region.Mask) -> Cut:
    soft = Image.fromarray(np.rint(255 * region.soft_edge(mask)).astype(np.uint8))
    box = region.bounding_box(np.asarray(soft) > 0)
    corners = (box.left, box.top, box.right, box.bottom)
    return Cut(src.crop(corners), soft.crop(corners), box.left, box.top)


def _laid(args: ArrangeArgs, cut: Cut, src: Image.Image) -> Cut:
    """Where the arguments put it. `ToolError` when that is nowhere, or nothing is to be done."""
    laid = _scaled(cut, args.scale) if args.op is Op.SCALE else _moved(args, cut, src)
    if laid == cut:
        wanted = (
            "how large, for example scale=200" if args.op is Op.SCALE else "where to, for example to=right or dx=40"
        )
        raise ToolError(f"Say {wanted}.")
    if not (-laid.picture.width < laid.left < src.width and -laid.picture.height < laid.top < src.height):
        raise ToolError(f"The {args.target} would lie outside of the picture; move it less far.")
    return laid


def _scaled(cut: Cut, scale: int) -> Cut:
    """About its middle."""
    size = (max(1, round(cut.picture.width * scale / 100)), max(1, round(cut.picture.height * scale / 100)))
    if scale == 100:
        return cut
    if max(size) > MAX_SIDE:
        raise ToolError(f"It would be {size[0]} × {size[1]} pixels; the longest side may be {MAX_SIDE}.")
    picture, mask = (image.resize(size, Image.Resampling.LANCZOS) for image in (cut.picture, cut.mask))
    return Cut(
        picture, mask, cut.left + (cut.picture.width - size[0]) // 2, cut.top + (cut.picture.height - size[1]) // 2
    )


def _moved(args: ArrangeArgs, cut: Cut, src: Image.Image) -> Cut:
    margin = round(_EDGE * min(src.size))
    across = {To.LEFT: margin, To.RIGHT: src.width - margin - cut.picture.width}
    down = {To.TOP: margin, To.BOTTOM: src.height - margin - cut.picture.height}
    left, top = across.get(args.to, cut.left), down.get(args.to, cut.top)
    if args.to is To.CENTER:
        left, top = (src.width - cut.picture.width) // 2, (src.height - cut.picture.height) // 2
    return Cut(cut.picture, cut.mask, left + args.dx, top + args.dy)


def _filled(args: ArrangeArgs, mask: region.Mask, hole: region.Mask, run: Run) -> tuple[Image.Image, str]:
    """The picture without the thing, changed in the hole alone; a sentence where the thing is still seen there."""
    src, words = run.inputs["src"], f"remove the {args.target}"
    drawn = args.model_dump(include={"steps", "guidance", "image_guidance"})
    wanted = EditArgs(instruction=words, target=args.target, **drawn)
    around = Place(Scope.OBJECT, region.box_mask(mask, 0.15), hole)
    attempts: list[tuple[float, Image.Image]] = []
    for number in range(ATTEMPTS):
        made = edit_region(wanted, src, around, (run.seed + number) % 2**32, run).picture
        empty = Image.composite(made, src, region.to_image(hole))
        run.report(Progress(f"looking for the {args.target}", 1.0))
        attempts.append((share_of(region.to_mask(run.models.segment(empty, args.target)) & hole), empty))
        if attempts[-1][0] < PRESENT:
            break
    left, best = min(attempts, key=lambda attempt: attempt[0])
    return best, "" if left < PRESENT else f"I still see the {args.target} where it was."


ARRANGE = Tool("arrange", ArrangeArgs, arrange, version="5", models=("image", "segment"))
