"""Say in words what the picture shows: by the model that does so, and by what is known of how it was made."""

from pydantic import BaseModel, Field

from pentimento.tools import find
from pentimento.tools.color import color_shares
from pentimento.tools.region import to_mask
from pentimento.tools.types import Progress, Run, Tool, ToolResult


class DescribeArgs(BaseModel, extra="forbid"):
    """Say what the picture shows."""

    known: str = Field(
        default="",
        max_length=2000,
        description="how it was made, which the program writes",
        json_schema_extra={"planned": False, "lineage": "story"},
    )


def describe(args: DescribeArgs, run: Run) -> ToolResult:
    run.report(Progress("looking at the picture", 0.0))
    said = run.models.describe(run.inputs["src"]).strip(" .")
    if said:
        seen = f"I see {said[0].lower()}{said[1:]}."
    else:
        things = [_with_color(what, run) for what in find.seen(run, run.models.things)]
        seen = f"I can make out: {', '.join(things)}." if things else ""
        seen = f"This profile has no model that describes pictures. {seen}".strip()
    return with_story(seen, args, described=bool(said))


def with_story(seen: str, args: DescribeArgs, *, described: bool) -> ToolResult:
    """What is to be seen, and behind it what is known; `described` by a model."""
    made = f"It was made so: {args.known}." if args.known else ""
    return ToolResult((), note=" ".join(filter(None, (seen, made))), measures={"described": described})


def _with_color(what: str, run: Run) -> str:
    src = run.inputs["src"]
    shares = color_shares(src, to_mask(run.models.segment(src, what)))
    return f"{next(iter(shares))} {what}" if shares else what


DESCRIBE = Tool("describe", DescribeArgs, describe, version="1", models=("describe", "segment"), answers=True)
