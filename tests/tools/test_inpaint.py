import numpy as np
import pytest
from PIL import Image

from pentimento.tools.inpaint import INPAINT, InpaintArgs
from pentimento.tools.types import Run, ToolError, ToolResult
from tests.fakes_tools import FakeModels, do_nothing, paint_everything, picture

SRC = picture(100, 80)
RED = paint_everything((214, 39, 40))


def inpaint(mask: Image.Image | None = None, models: FakeModels | None = None, target: str = "") -> ToolResult:
    inputs = {"src": SRC} | ({} if mask is None else {"mask": mask})
    run = Run(inputs, 7, models or FakeModels(edits=[RED]), lambda _: None)
    return INPAINT.fn(InpaintArgs(prompt="a red fox", target=target), run)


def marked(left: int, top: int, right: int, bottom: int) -> Image.Image:
    mask = Image.new("L", SRC.size)
    mask.paste(255, (left, top, right, bottom))
    return mask


@pytest.mark.parametrize("box", [(30, 20, 70, 60), (0, 0, 25, 80), (98, 78, 100, 80)])
def test_beside_the_mask_nothing_changes(box: tuple[int, int, int, int]) -> None:
    mask = marked(*box)
    result = inpaint(mask)
    outside = np.asarray(mask) == 0
    assert np.array_equal(np.asarray(result.images[0])[outside], np.asarray(SRC)[outside])
    assert result.measures["changed_outside"] == 0
    assert result.mask is None


def test_a_named_thing_is_replaced_where_it_was_found() -> None:
    result = inpaint(target="squirrel")
    assert result.mask is not None
    assert result.measures["changed_outside"] == 0
    assert result.measures["passed"] is True
    red, _, blue = np.asarray(result.images[0])[40, 50].astype(int)
    assert red - blue > 100


def test_where_nothing_came_it_is_tried_again_and_said() -> None:
    models = FakeModels(edits=[do_nothing], best_size=80)
    result = inpaint(marked(30, 20, 70, 60), models)
    assert models.seeds == [7, 8]
    assert result.note == "Nothing visible changed."


def test_a_thing_that_can_not_be_seen_there_is_said() -> None:
    result = inpaint(marked(30, 20, 70, 60), FakeModels(edits=[RED], blind=frozenset({"fox"})))
    assert result.note == "I can't make out the fox there."
    assert result.measures["passed"] is False


@pytest.mark.parametrize(
    ("mask", "target", "problem"),
    [
        (None, "", "Say where: name a thing, or mark a region"),
        (marked(0, 0, 100, 80), "", "The mask covers the whole picture"),
        (marked(0, 0, 0, 0), "", "The mask is empty"),
        (Image.new("L", (5, 5), 255), "", "The mask is 5 × 5 and the picture 100 × 80"),
        (marked(0, 0, 9, 9), "nut", "Leave out either the mask or “nut”"),
    ],
)
def test_where_it_can_not_be_is_said_before_anything_is_drawn(mask: Image.Image, target: str, problem: str) -> None:
    models = FakeModels()
    with pytest.raises(ToolError, match=problem):
        inpaint(mask, models, target)
    assert models.seeds == []
