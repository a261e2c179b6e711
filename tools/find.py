"""Which pixels are meant: the mask that was given, or the thing that was named."""

import numpy as np

from pentimento.tools.check import PRESENT, share_of
from pentimento.tools.region import Mask, Weights, soft_edge, to_mask
from pentimento.tools.types import Progress, Run, ToolError


def thing(run: Run, what: str) -> Mask:
    """Where the thing is in the picture. Raises `ToolError` when it isn't there."""
    run.report(Progress(f"finding the {what}", 0.0))
    found = to_mask(run.models.segment(run.inputs["src"], what))
    if share_of(found) < PRESENT:
        raise ToolError(f"I can't find the {what} in this picture; name something that is in it.")
    return found


def given(run: Run) -> Weights | None:
    """The mask that came with the call, None without one. Raises `ToolError` when it can't belong to the picture."""
    mask, src = run.inputs.get("mask"), run.inputs["src"]
    if mask is None:
        return None
    if mask.size != src.size:
        raise ToolError(
            f"The mask is {mask.width} × {mask.height} and the picture {src.width} × {src.height}; they must be alike."
        )
    weights = np.asarray(mask.convert("L"), dtype=np.float64) / 255
    if not weights.any():
        raise ToolError("The mask is empty; mark what is meant.")
    return weights


def chosen(run: Run, target: str) -> Weights | None:
    """The given mask or the named thing; None where neither is, i.e. where the whole picture is meant."""
    if not target:
        return given(run)
    if "mask" in run.inputs:
        raise ToolError(f"Leave out either the mask or “{target}”; both say what is meant.")
    return soft_edge(thing(run, target))
