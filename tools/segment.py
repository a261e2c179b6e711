"""Find a thing and give its region back, so that other steps can use it."""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.check import PRESENT
from pentimento.tools.types import Run, Tool, ToolResult

CRUMB = 1 / 16
"""Share of the largest part below which another one is a bit of it that came off in the finding."""


class Which(StrEnum):
    ALL = "all"
    LARGEST = "largest"
    SMALLEST = "smallest"
    LEFTMOST = "leftmost"
    RIGHTMOST = "rightmost"
    TOPMOST = "topmost"
    BOTTOMMOST = "bottommost"


class SegmentArgs(BaseModel, extra="forbid"):
    """Mark a thing in the picture and count it; the region is used as `mask` by other steps."""

    what: str = Field(min_length=1, max_length=80, description="the thing")
    which: Which = Field(default=Which.ALL, description="where there are several")


def _middle(mask: region.Mask, axis: int) -> float:
    return float(np.nonzero(mask)[axis].mean())


_BEST: dict[Which, Callable[[region.Mask], float]] = {
    Which.LARGEST: lambda mask: float(mask.sum()),
    Which.SMALLEST: lambda mask: -float(mask.sum()),
    Which.LEFTMOST: lambda mask: -_middle(mask, 1),
    Which.RIGHTMOST: lambda mask: _middle(mask, 1),
    Which.TOPMOST: lambda mask: -_middle(mask, 0),
    Which.BOTTOMMOST: lambda mask: _middle(mask, 0),
}


def pieces(mask: region.Mask) -> list[region.Mask]:
    """The parts that hang together (corners count), largest first; specks and crumbs that are no thing are left out."""
    from scipy import ndimage

    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())[1:]
    order = sorted(range(len(sizes)), key=lambda index: -sizes[index])
    least = max(PRESENT * mask.size, CRUMB * max(sizes, default=0))
    return [labels == index + 1 for index in order if sizes[index] >= least]


def segment(args: SegmentArgs, run: Run) -> ToolResult:
    found = find.thing(run, args.what)
    parts = pieces(found) or [found]
    if args.which is not Which.ALL:
        found = max(parts, key=_BEST[args.which])
    count = len(parts)
    note = f"I see {'one' if count == 1 else count} {'region' if count == 1 else 'regions'} for “{args.what}”."
    measures = {"count": count, "share": round(float(found.mean()), 4)}
    return ToolResult((), region.to_image(found), note, measures)


SEGMENT = Tool("segment", SegmentArgs, segment, version="2", models=("segment",))
