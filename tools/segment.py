"""Find a thing and give its region back, so that other steps can use it."""

from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.parts import chosen, pieces
from pentimento.tools.types import Run, Tool, ToolResult
from pentimento.tools.which import Which


class SegmentArgs(BaseModel, extra="forbid"):
    """Mark a thing in the picture and count it; the region is used as `mask` by other steps."""

    what: str = Field(min_length=1, max_length=80, description="the thing")
    which: Which = Field(default=Which.ALL, description="where there are several")


def segment(args: SegmentArgs, run: Run) -> ToolResult:
    found = find.thing(run, args.what)
    parts = pieces(found) or [found]
    if args.which is not Which.ALL:
        found = chosen(parts, args.which)
    count = len(parts)
    note = f"I see {'one' if count == 1 else count} {'region' if count == 1 else 'regions'} for “{args.what}”."
    measures = {"count": count, "share": round(float(found.mean()), 4)}
    return ToolResult((), region.to_image(found), note, measures)


SEGMENT = Tool("segment", SegmentArgs, segment, version="4", models=("segment",))
