"""A new picture from words."""

from enum import StrEnum

from pydantic import BaseModel, Field

from pentimento.tools.check import ATTEMPTS, Attempt, check_generate, told
from pentimento.tools.types import Run, Tool, ToolResult


class Ratio(StrEnum):
    SQUARE = "square"
    WIDE = "wide"
    TALL = "tall"


class GenerateArgs(BaseModel, extra="forbid"):
    """Paint a new picture from a description."""

    prompt: str = Field(min_length=1, max_length=300, description="what is to be seen")
    n: int = Field(default=1, ge=1, le=8, description="how many pictures", json_schema_extra={"of_call": False})
    ratio: Ratio = Field(default=Ratio.SQUARE, description="of width to height", json_schema_extra={"taught": False})
    steps: int = Field(default=12, ge=1, le=150, json_schema_extra={"planned": False})
    guidance: float = Field(default=3.0, ge=1, le=30, json_schema_extra={"planned": False})


def generate(args: GenerateArgs, run: Run) -> ToolResult:
    """Draw once, check, and draw once more with the next seed when something asked for is missing."""
    size = run.models.size_of(args.ratio.value)
    attempts: list[Attempt] = []
    for number in range(ATTEMPTS):
        seed = (run.seed + number) % 2**32
        picture = run.models.generate(args.prompt, seed, args.steps, args.guidance, run.report, size)
        attempts.append(Attempt(picture, check_generate(picture, args.prompt, run)))
        if attempts[-1].check.passed:
            break
    best = max(attempts, key=lambda attempt: attempt.check.score)
    note, measures = told(best.check, len(attempts), run.models.unread(args.prompt))
    return ToolResult((best.picture,), note=note, measures=measures)


GENERATE = Tool("generate", GenerateArgs, generate, version="2", roles=(), models=("image", "segment"))
