"""Make the canvas larger and continue the picture on it; the old pixels stay bit for bit.

The new band is drawn block by block, from the picture outwards: each block is seen by the model with what is already there.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from itertools import pairwise

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field, JsonValue, model_validator

from pentimento.tools import region
from pentimento.tools.effort import Guidance, ImageGuidance, Steps
from pentimento.tools.local import drawn_in
from pentimento.tools.region import Box, Mask
from pentimento.tools.transform import MAX_SIDE
from pentimento.tools.types import Progress, Report, Run, Tool, ToolError, ToolResult, Unable

LEAST = 8
"""Pixels of a side that there must be to go on from."""
MOST = 64
"""Blocks that are drawn at most."""
MORE = "more of the same background"
"""What is drawn where nothing is said: by the words of the picture its things would be drawn a second time."""
CONTINUE = "continue the background to the edges"
"""The same, as it is told to a model that edits."""
_STRIPS = "This profile has no model that fills in, so the one that edits continued the picture; look at the seams."

Paint = Callable[[Image.Image, Mask, Run], Image.Image]
"""The canvas, what of it may change, and the run → the canvas with that drawn."""


class Sides(StrEnum):
    ALL = "all"
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"
    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


_OF = {
    Sides.ALL: ("left", "right", "top", "bottom"),
    Sides.HORIZONTAL: ("left", "right"),
    Sides.VERTICAL: ("top", "bottom"),
}


class OutpaintArgs(BaseModel, extra="forbid"):
    """Continue the picture beyond its edges; what there is stays as it is."""

    sides: Sides = Field(default=Sides.ALL, description="where; horizontal: left and right")
    share: int = Field(default=25, ge=1, le=100, description="how far on each side, per cent of the picture")
    prompt: str = Field(
        default="", max_length=300, description="what is to be seen there, if not more of the background"
    )
    steps: Steps = 12
    guidance: Guidance = 2.0
    image_guidance: ImageGuidance = 1.0

    @model_validator(mode="before")
    @classmethod
    def without_words(cls, given: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Calls of versions 1 and 2 hold the words of the picture, too."""
        return {name: value for name, value in given.items() if name != "words"}


def outpaint(args: OutpaintArgs, run: Run) -> ToolResult:
    src = run.inputs["src"]
    canvas, place = _canvas(args, src)
    blocks = list(_blocks(canvas.size, place, run.models.best_size))
    if len(blocks) > MOST:
        raise ToolError(f"That would take {len(blocks)} drawings; crop the picture, or say a smaller share.")
    result, note = _continued(args, canvas, place, blocks, run)
    # What a model drew ends at the old picture's edge, whatever it did.
    result.paste(src, (place.left, place.top))
    band = np.ones((canvas.height, canvas.width), dtype=bool)
    band[place.top : place.bottom, place.left : place.right] = False
    measures = {"width": result.width, "height": result.height, **region.measured(canvas, result, band)}
    return ToolResult((result,), region.to_image(band), note, measures)


def _canvas(args: OutpaintArgs, src: Image.Image) -> tuple[Image.Image, Box]:
    """The larger picture, its band a mirror image of what lies beside it, and where the source is in it."""
    if min(src.size) < LEAST:
        raise ToolError(f"The picture is {src.width} × {src.height} pixels; to go on from it takes {LEAST} a side.")
    sides = _OF.get(args.sides, (args.sides.value,))
    across, down = (max(1, round(side * args.share / 100)) for side in src.size)
    left, right = across * ("left" in sides), across * ("right" in sides)
    top, bottom = down * ("top" in sides), down * ("bottom" in sides)
    size = src.width + left + right, src.height + top + bottom
    if max(size) > MAX_SIDE:
        raise ToolError(f"That would be {size[0]} × {size[1]} pixels; the longest side may be {MAX_SIDE}.")
    mirrored = np.pad(np.asarray(src), ((top, bottom), (left, right), (0, 0)), mode="symmetric")
    return Image.fromarray(mirrored), Box(left, top, left + src.width, top + src.height)


def _blocks(size: tuple[int, int], place: Box, best: int) -> Iterator[Box]:
    """The band in blocks, each next to what is there: left and right of the picture, then above and below all that."""
    half = max(1, min(size) // 2)
    for start, end in _layers(place.left, half):
        yield from _row((place.left - end, place.left - start), (place.top, place.bottom), half, best)
    for start, end in _layers(size[0] - place.right, half):
        yield from _row((place.right + start, place.right + end), (place.top, place.bottom), half, best)
    for start, end in _layers(place.top, half):
        yield from _column((place.top - end, place.top - start), size[0], half, best)
    for start, end in _layers(size[1] - place.bottom, half):
        yield from _column((place.bottom + start, place.bottom + end), size[0], half, best)


def _layers(depth: int, deep: int) -> Iterator[tuple[int, int]]:
    """So many pixels from the picture outwards, from and to."""
    return ((start, min(start + deep, depth)) for start in range(0, depth, deep))


def _row(columns: tuple[int, int], rows: tuple[int, int], half: int, best: int) -> Iterator[Box]:
    for top, bottom in _pieces(*rows, columns[1] - columns[0], half, best):
        yield Box(columns[0], top, columns[1], bottom)


def _column(rows: tuple[int, int], width: int, half: int, best: int) -> Iterator[Box]:
    for left, right in _pieces(0, width, rows[1] - rows[0], half, best):
        yield Box(left, rows[0], right, rows[1])


def _pieces(start: int, end: int, deep: int, half: int, best: int) -> Iterator[tuple[int, int]]:
    """A length in parts of about the same size, none so long that the model would not see what lies around it."""
    # A picture that the model sees all of needs no seams along its side.
    longest = 2 * half if 2 * half <= best else max(deep, best // 2)
    longest = min(2 * half, longest)
    count = -(-(end - start) // longest)
    edges = [start + round(number * (end - start) / count) for number in range(count + 1)]
    return pairwise(edges)


def _continued(
    args: OutpaintArgs, canvas: Image.Image, place: Box, blocks: list[Box], run: Run
) -> tuple[Image.Image, str]:
    """By the model that fills in; where there is none, by the one that edits. `ToolError` where there is neither."""
    try:
        return _painted(canvas, place, blocks, run, _filling(args)), ""
    except Unable:
        pass
    try:
        return _painted(canvas, place, blocks, run, _editing(args)), _STRIPS
    except Unable as error:
        raise ToolError(
            "This profile has no model that could continue a picture; make one larger with upscale."
        ) from error


def _painted(canvas: Image.Image, place: Box, blocks: list[Box], run: Run, paint: Paint) -> Image.Image:
    for number, block in enumerate(blocks):
        mask = _around(canvas.size, place, block)
        within = Run(run.inputs, (run.seed + number) % 2**32, run.models, _of_all(run.report, number, len(blocks)))
        canvas = paint(canvas, mask, within)
    return canvas


def _around(size: tuple[int, int], place: Box, block: Box) -> Mask:
    """A block and a little of the band beside it, so that blocks run into each other; nothing of the picture itself."""
    more = min(block.size) // 8
    mask = np.zeros((size[1], size[0]), dtype=bool)
    rows = slice(max(0, block.top - more), block.bottom + more)
    mask[rows, max(0, block.left - more) : block.right + more] = True
    mask[place.top : place.bottom, place.left : place.right] = False
    return mask


def _filling(args: OutpaintArgs) -> Paint:
    words = args.prompt or MORE
    return lambda canvas, mask, run: drawn_in(
        canvas,
        mask,
        run,
        lambda crop, hole: run.models.inpaint(crop, hole, words, run.seed, args.steps, args.guidance, run.report),
    )


def _editing(args: OutpaintArgs) -> Paint:
    words = args.prompt or CONTINUE
    return lambda canvas, mask, run: drawn_in(
        canvas,
        mask,
        run,
        lambda crop, _: run.models.edit(
            crop, words, run.seed, args.steps, args.guidance, args.image_guidance, run.report
        ),
    )


def _of_all(report: Report, number: int, count: int) -> Report:
    def told(progress: Progress) -> None:
        stage = progress.stage if count == 1 else f"{progress.stage}, part {number + 1} of {count}"
        report(Progress(stage, (number + progress.fraction) / count, progress.preview))

    return told


OUTPAINT = Tool("outpaint", OutpaintArgs, outpaint, version="5", models=("image",), like="edit")
