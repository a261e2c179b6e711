"""A new picture from words."""

from dataclasses import replace
from enum import StrEnum

from pydantic import BaseModel, Field

from pentimento.tools.attempts import ATTEMPTS, Attempt, best_of
from pentimento.tools.check import check_generate
from pentimento.tools.effort import Attempts, Guidance, Steps
from pentimento.tools.told import Rewritten
from pentimento.tools.types import Run, Tool, ToolResult, Unable
from pentimento.tools.wanted import listed


class Ratio(StrEnum):
    SQUARE = "square"
    WIDE = "wide"
    TALL = "tall"


class GenerateArgs(BaseModel, extra="forbid"):
    """Paint a new picture from a description."""

    prompt: str = Field(min_length=1, max_length=300, description="what is to be seen")
    n: int = Field(default=1, ge=1, le=8, description="how many pictures", json_schema_extra={"of_call": False})
    ratio: Ratio = Field(default=Ratio.SQUARE, description="of width to height")
    avoid: str = Field(
        default="", max_length=100, description="what should not be in it", json_schema_extra={"planned": False}
    )
    rewritten: Rewritten = ""
    steps: Steps = 12
    guidance: Guidance = 3.0
    attempts: Attempts = ATTEMPTS


def generate(args: GenerateArgs, run: Run) -> ToolResult:
    """Draw once, check, and draw once more with the next seed when something asked for is missing."""
    told = args.rewritten or args.prompt
    size, square = _size(args.ratio, run)

    def draw(seed: int) -> Attempt:
        picture = run.models.generate(told, seed, args.steps, args.guidance, run.report, size, args.avoid)
        return Attempt(seed, picture, check_generate(picture, args.prompt + _without(args.avoid), run))

    made = best_of(args.attempts, args.prompt, run, draw, args.rewritten)
    unheard = run.models.cannot_avoid(args.guidance) if args.avoid else ""
    return replace(made, note=" ".join(filter(None, (square, unheard, made.note))))


def _size(ratio: Ratio, run: Run) -> tuple[tuple[int, int], str]:
    """Width and height, and what is to be said where the model has no such shape."""
    try:
        return run.models.size_of(ratio.value), ""
    except Unable as error:
        return run.models.size_of(Ratio.SQUARE.value), str(error)


def _without(avoid: str) -> str:
    """As a prompt says it: ", without people, without text"."""
    return "".join(f", without {one}" for one in listed(avoid))


GENERATE = Tool("generate", GenerateArgs, generate, version="3", roles=(), models=("image", "segment", "scorer"))
