import numpy as np
import pytest
from PIL import Image

from pentimento.tools.arrange import ARRANGE, ArrangeArgs, Op
from pentimento.tools.types import ToolError, ToolResult
from tests.fakes_tools import BROWN, FakeModels, colorful, do_nothing, picture, run_with

SRC = picture()
INSIDE = (slice(22, 41), slice(22, 41))
"""The thing without its edge, which is mixed."""


def paint_over(src: Image.Image, seed: int) -> Image.Image:
    return Image.new("RGB", src.size, (140, 140, 140))


def arrange(models: FakeModels | None = None, /, **arguments: int | str) -> ToolResult:
    args = ArrangeArgs.model_validate({"target": "squirrel", **arguments})
    return ARRANGE.fn(args, run_with(models or FakeModels(edits=[paint_over]), SRC))


def thing() -> Image.Image:
    return Image.fromarray(np.asarray(SRC)[INSIDE])


@pytest.mark.parametrize("by", [(12, 0), (-15, 9), (3, -18)])
def test_a_thing_that_is_moved_keeps_its_pixels(by: tuple[int, int]) -> None:
    result = arrange(op="move", dx=by[0], dy=by[1])
    after = np.asarray(result.images[0])
    rows, columns = (slice(part.start + shift, part.stop + shift) for part, shift in zip(INSIDE, by[::-1], strict=True))
    assert np.array_equal(after[rows, columns], np.asarray(SRC)[INSIDE])
    assert result.measures["passed"] is True


@pytest.mark.parametrize(
    "arguments", [{"op": "move", "dx": 12}, {"op": "scale", "scale": 150}, {"op": "duplicate", "dy": 20}]
)
def test_beside_the_thing_and_its_new_place_nothing_changes(arguments: dict[str, int | str]) -> None:
    result = arrange(**arguments)
    assert result.mask is not None
    outside = np.asarray(result.mask) == 0
    assert np.array_equal(np.asarray(result.images[0])[outside], np.asarray(SRC)[outside])
    assert result.measures["changed_outside"] == 0


def test_what_was_behind_a_moved_thing_is_filled() -> None:
    assert not colorful(arrange(op="move", to="right").images[0])[INSIDE[0], :40].any()


def test_a_copy_leaves_the_first_one_and_asks_no_picture_model() -> None:
    models = FakeModels()
    result = arrange(models, op="duplicate", dx=21)
    after = np.asarray(result.images[0])
    assert "passed" not in result.measures
    assert np.array_equal(after[INSIDE], np.asarray(SRC)[INSIDE])
    assert np.array_equal(after[22:41, 43:62], np.asarray(SRC)[INSIDE])
    assert models.seeds == []


def test_twice_as_large_is_twice_as_large_about_its_middle() -> None:
    result = arrange(op="scale", scale=200)
    brown = np.abs(np.asarray(result.images[0]).astype(int) - BROWN).max(axis=2) < 12
    rows, columns = np.flatnonzero(brown.any(axis=1)), np.flatnonzero(brown.any(axis=0))
    assert abs(len(rows) - 42) <= 4
    assert abs(len(columns) - 42) <= 4
    assert abs(rows.mean() - 31.5) <= 1.5


def test_what_can_not_be_filled_is_said_and_tried_twice() -> None:
    models = FakeModels(edits=[do_nothing])
    result = arrange(models, op="move", dx=30)
    assert result.note == "I still see the squirrel where it was."
    assert result.measures["passed"] is False
    assert models.seeds == [7, 8]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"op": "move"}, "Say where to, for example to=right"),
        ({"op": "scale"}, "Say how large, for example scale=200"),
        ({"op": "move", "dx": 500}, "would lie outside of the picture"),
    ],
)
def test_what_can_not_be_arranged_is_said_before_anything_is_drawn(
    arguments: dict[str, int | str], problem: str
) -> None:
    models = FakeModels(edits=[paint_over])
    with pytest.raises(ToolError, match=problem):
        arrange(models, **arguments)
    assert models.seeds == []


def test_a_thing_can_not_be_made_larger_than_a_picture_may_be() -> None:
    wide = picture(2700, 30)
    args = ArrangeArgs(op=Op.SCALE, target="squirrel", scale=1000)
    with pytest.raises(ToolError, match=r"^It would be 9\d\d0 × 1[12]0 pixels; the longest side may be 8192\.$"):
        ARRANGE.fn(args, run_with(FakeModels(), wide))
