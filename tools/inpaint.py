"""Draw something anew within a region that was marked or named; nothing outside of it changes."""

from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.attempts import ATTEMPTS, Attempt, best_of
from pentimento.tools.check import check_fill
from pentimento.tools.effort import Attempts, Guidance, Steps
from pentimento.tools.local import Draw, registered_in, settled
from pentimento.tools.told import Rewritten
from pentimento.tools.types import Run, Tool, ToolError, ToolResult

_OUTLINE = 1 / 12
"""Of a named thing's longer side: so much around it is drawn anew, for its outline would be left otherwise."""


class InpaintArgs(BaseModel, extra="forbid"):
    """Draw what the words say into a marked region, or in place of a thing."""

    prompt: str = Field(min_length=1, max_length=300, description="what is to be seen there")
    target: str = Field(
        default="", max_length=80, description="the thing that it takes the place of; empty with a mask"
    )
    rewritten: Rewritten = ""
    steps: Steps = 12
    guidance: Guidance = 2.0
    attempts: Attempts = ATTEMPTS


def inpaint(args: InpaintArgs, run: Run) -> ToolResult:
    """Draw, check, and draw once more with the next seed when what was asked for isn't seen."""
    src, mask = run.inputs["src"], find.part(run, args.target)
    if mask is None:
        raise ToolError("Say where: name a thing, or mark a region with segment and give it as mask.")
    if args.target:
        mask = region.dilate(mask, max(1, round(_OUTLINE * max(region.bounding_box(mask).size))))
    found = region.to_image(mask) if args.target else None

    def draw(seed: int) -> Attempt:
        drawn = registered_in(src, mask, run, _filling(args, seed, run))
        made = drawn.picture
        check = settled(check_fill(src, made, mask, args.prompt, run), drawn)
        return Attempt(seed, made, check, found, region.measured(src, made, mask) | drawn.measures)

    return best_of(args.attempts, args.prompt, run, draw, args.rewritten)


def _filling(args: InpaintArgs, seed: int, run: Run) -> Draw:
    told = args.rewritten or args.prompt
    return lambda crop, inside: run.models.inpaint(crop, inside, told, seed, args.steps, args.guidance, run.report)


INPAINT = Tool(
    "inpaint",
    InpaintArgs,
    inpaint,
    version="6",
    taught=False,
    optional=("mask",),
    models=("image", "segment", "scorer"),
    finds="target",
)
