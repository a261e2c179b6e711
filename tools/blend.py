"""Mix two pictures of one size: by a share, or by what a mask shows of the second."""

import numpy as np
from pydantic import BaseModel, Field

from pentimento.tools import find, region
from pentimento.tools.types import Progress, Run, Tool, ToolError, ToolResult


class BlendArgs(BaseModel, extra="forbid"):
    """Mix two pictures."""

    share: int = Field(default=50, ge=0, le=100, description="per cent of the second picture")


def blend(args: BlendArgs, run: Run) -> ToolResult:
    src, other = run.inputs["src"], run.inputs["other"]
    weights = find.given(run)
    if other.size != src.size:
        raise ToolError(
            f"The pictures are {src.width} × {src.height} and {other.width} × {other.height}; resize one of them first."
        )
    if weights is None:
        weights = np.ones((src.height, src.width))
    inside = weights > 0
    weights *= args.share / 100
    run.report(Progress("blending", 0.0))
    result = region.mix(src, other, weights)
    run.report(Progress("measuring", 1.0))
    return ToolResult((result,), measures=region.measured(src, result, inside))


BLEND = Tool("blend", BlendArgs, blend, version="1", roles=("src", "other"), optional=("mask",))
