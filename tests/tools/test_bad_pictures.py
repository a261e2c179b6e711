"""Each tool on pictures of a shape that nobody expects, and with a region that is none."""

import numpy as np
import pytest
from PIL import Image

from pentimento.tools import TOOLS
from pentimento.tools.types import Run, ToolError, ToolResult
from tests.fakes_tools import FakeModels, picture

ARGUMENTS: dict[str, dict[str, str | int]] = {
    "generate": {"prompt": "a fox"},
    "edit": {"instruction": "make the squirrel red", "target": "squirrel"},
    "recolor": {"target": "squirrel", "to": "red"},
    "transform": {"op": "rotate"},
    "inpaint": {"prompt": "a fox", "target": "squirrel"},
    "adjust": {"brightness": 10, "target": "squirrel"},
    "draw_text": {"text": "Hi"},
    "arrange": {"op": "move", "target": "squirrel", "dx": 3},
    "segment": {"what": "squirrel"},
    "verify": {"words": "a squirrel"},
}
"""Where a tool can't do without any."""
SHAPES = [(1, 1), (1, 3000), (50_000, 1), (2, 2), (17, 5)]
SCOPES = ("left", "right", "picture", "background", "found", "marked")
CALLS: list[tuple[str, dict[str, str]]] = [
    *((name, {}) for name in TOOLS),
    *(("edit", {"scope": scope}) for scope in SCOPES),
]


def run(tool: str, more: dict[str, str], src: Image.Image, **inputs: Image.Image) -> ToolResult | None:
    """None for what is refused, in one sentence."""
    arguments = TOOLS[tool].args_model.model_validate({**ARGUMENTS.get(tool, {}), **more})
    others = dict.fromkeys(TOOLS[tool].roles, src)
    try:
        return TOOLS[tool].fn(arguments, Run({**others, **inputs}, 7, FakeModels(best_size=32), lambda _: None))
    except ToolError as error:
        said = str(error)
        assert said.endswith(".")
        assert said[0].isupper() or said[0] == "“"
        return None


@pytest.mark.parametrize("size", SHAPES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("tool", "more"), CALLS)
def test_a_picture_of_any_shape_is_worked_on_or_refused(tool: str, more: dict[str, str], size: tuple[int, int]) -> None:
    result = run(tool, more, picture(*size))
    if result is not None and tool in ("edit", "recolor", "adjust", "inpaint", "variations"):
        assert result.images[0].size == size
    assert result is None or all(made.mode == "RGB" for made in result.images)


@pytest.mark.parametrize("mask", ["empty", "full", "another size"])
@pytest.mark.parametrize("tool", [name for name, tool in TOOLS.items() if "mask" in tool.optional])
def test_a_region_that_is_none_is_worked_on_or_refused(tool: str, mask: str) -> None:
    src = picture(40, 30)
    given = {
        "empty": Image.new("L", (40, 30)),
        "full": Image.new("L", (40, 30), 255),
        "another size": Image.new("L", (9, 9), 255),
    }
    without = {"inpaint": {"target": ""}, "adjust": {"target": ""}}.get(tool, {})
    result = run(tool, without, src, mask=given[mask])
    if mask == "another size":
        assert result is None
    elif mask == "empty" and result is not None:
        assert np.array_equal(np.asarray(result.images[0]), np.asarray(src))
