"""New pictures near the one there is: changed a little by the model that edits, or drawn again from the same words."""

from enum import StrEnum

from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools.compare import difference
from pentimento.tools.effort import Guidance, ImageGuidance, Steps
from pentimento.tools.types import Measures, Run, Tool, ToolError, ToolResult, Unable

SAME = "a slightly different version of the same picture"
"""What the model that edits is told where the words of the picture would undo what was done to it since it was drawn."""


class Strength(StrEnum):
    SUBTLE = "subtle"
    STRONG = "strong"


class VariationsArgs(BaseModel, extra="forbid"):
    """Make several pictures that are like this one but not the same."""

    strength: Strength = Field(
        default=Strength.SUBTLE, description="subtle: near the picture; strong: drawn again from the same words"
    )
    n: int = Field(default=4, ge=1, le=8, description="how many pictures", json_schema_extra={"of_call": False})
    prompt: str = Field(
        default="", max_length=300, json_schema_extra={"planned": False, "lineage": "prompt"}, description="its words"
    )
    words: str = Field(
        default="",
        max_length=300,
        json_schema_extra={"planned": False, "lineage": "untouched"},
        description="if they still hold",
    )
    steps: Steps = 12
    guidance: Guidance = 3.0
    image_guidance: ImageGuidance = 1.0


def variations(args: VariationsArgs, run: Run) -> ToolResult:
    src = run.inputs["src"]
    if args.strength is Strength.STRONG and args.prompt:
        made, note, anew = *_drawn_again(args, run), True
    else:
        made, note, anew = _edited(args, run)
    apart = difference(src, made)
    measures: Measures = {
        **({} if apart is None else {"structure": round(apart.structure, 3)}),
        **({"drawn_anew": True} if anew else {}),
    }
    if apart is not None and apart.box is None:
        note = "It came out the same; say strength=strong."
    return ToolResult((made,), note=note, measures=measures)


def _drawn_again(args: VariationsArgs, run: Run) -> tuple[Image.Image, str]:
    size = run.inputs["src"].size
    ratio = "square" if size[0] == size[1] else "wide" if size[0] > size[1] else "tall"
    try:
        wanted = run.models.size_of(ratio)
    except ToolError:
        wanted = run.models.size_of("square")
    made = run.models.generate(args.prompt, run.seed, args.steps, args.guidance, run.report, wanted)
    return made, f"Drawn anew from “{args.prompt}”; the picture itself was not looked at."


def _edited(args: VariationsArgs, run: Run) -> tuple[Image.Image, str, bool]:
    """By the model that edits; where there is none, drawn again from the words, if they are known, and true."""
    src, side = run.inputs["src"], run.models.best_size
    small = src if src.size == (side, side) else src.resize((side, side), Image.Resampling.LANCZOS)
    try:
        made = run.models.edit(
            small, args.words or SAME, run.seed, args.steps, args.guidance, args.image_guidance, run.report
        )
    except Unable as error:
        if not args.prompt:
            raise ToolError(
                "This picture was not drawn from words that I know, and there is no model that edits; say prompt=WORDS."
            ) from error
        return *_drawn_again(args, run), True
    made = made if made.size == src.size else made.resize(src.size, Image.Resampling.LANCZOS)
    unknown = args.strength is Strength.STRONG
    return made, "Its words are not known, so the model that edits varied it." if unknown else "", False


VARIATIONS = Tool("variations", VariationsArgs, variations, version="3", models=("image",), like="generate")
