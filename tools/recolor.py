"""Give one thing an exact colour and keep its light and shade; no picture model, only the mask is found."""

from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.color import color_shares, distance_to, parse_color, repaint
from pentimento.tools.types import Measures, Run, Tool, ToolResult

NEAR = 0.15
"""Distance from the colour asked for (`color.distance_to`) that counts as that colour."""


class RecolorArgs(BaseModel, extra="forbid"):
    """Repaint one thing in an exact colour, by name or #rrggbb."""

    target: str = Field(min_length=1, max_length=80, description="the thing")
    to: str = Field(min_length=1, max_length=40, description="the colour, #ff6600 or a name")


def recolor(args: RecolorArgs, run: Run) -> ToolResult:
    src, color = run.inputs["src"], parse_color(args.to)
    found = find.thing(run, args.target)
    weights = region.soft_edge(found)
    allowed = weights > 0
    painted: Image.Image = repaint(src, weights, color)
    distance, seen = distance_to(painted, found, color), next(iter(color_shares(painted, found)))
    measures: Measures = {
        "passed": distance <= NEAR,
        "color": seen,
        "color_distance": round(distance, 3),
        **region.measured(src, painted, allowed),
    }
    note = "" if distance <= NEAR else f"The {args.target} came out {seen} rather than {args.to}."
    return ToolResult((painted,), region.to_image(allowed), note, measures)


RECOLOR = Tool("recolor", RecolorArgs, recolor, version="3", models=("segment",))
