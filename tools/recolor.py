"""Give one thing an exact colour and keep its light and shade; no picture model, only the mask is found."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pydantic import BaseModel, Field

from pentimento.tools import region
from pentimento.tools.check import PRESENT, share_of
from pentimento.tools.color import color_shares, distance_to, parse_color, repaint
from pentimento.tools.types import Measures, Progress, Run, Tool, ToolError, ToolResult

NEAR = 0.15
"""Distance from the colour asked for (`color.distance_to`) that counts as that colour."""


class RecolorArgs(BaseModel, extra="forbid"):
    """Repaint one thing in an exact colour, by name or #rrggbb."""

    target: str = Field(min_length=1, max_length=80, description="the thing")
    to: str = Field(min_length=1, max_length=40, description="the colour, #ff6600 or a name")


def soft_edge(mask: region.Mask) -> NDArray[np.float64]:
    """Weights 0..1: 1 inside, fading over one pixel at the edge, 0 outside of the mask grown by one pixel."""
    return np.asarray(region.to_image(mask).filter(ImageFilter.BoxBlur(1)), dtype=np.float64) / 255


def recolor(args: RecolorArgs, run: Run) -> ToolResult:
    src, color = run.inputs["src"], parse_color(args.to)
    run.report(Progress(f"finding the {args.target}", 0.0))
    found = region.to_mask(run.models.segment(src, args.target))
    if share_of(found) < PRESENT:
        raise ToolError(f"I can't find the {args.target} in this picture; name something that is in it.")
    weights = soft_edge(found)
    allowed = weights > 0
    painted: Image.Image = repaint(src, weights, color)
    distance, seen = distance_to(painted, found, color), next(iter(color_shares(painted, found)))
    measures: Measures = {
        "passed": distance <= NEAR,
        "color": seen,
        "color_distance": round(distance, 3),
        "changed_outside": region.changed_pixels(src, painted, ~allowed),
        "changed_inside": region.changed_pixels(src, painted, allowed),
        "outside": int((~allowed).sum()),
    }
    note = "" if distance <= NEAR else f"The {args.target} came out {seen} rather than {args.to}."
    return ToolResult((painted,), region.to_image(allowed), note, measures)


RECOLOR = Tool("recolor", RecolorArgs, recolor, version="1", models=("segment",))
