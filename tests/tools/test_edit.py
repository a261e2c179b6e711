from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from pentimento.tools.color import NAMED
from pentimento.tools.edit import EDIT, EditArgs, edit_region
from pentimento.tools.scope import Place, Scope
from pentimento.tools.types import Cancelled, Progress, Run, ToolError, ToolResult
from tests.fakes_tools import FakeModels, do_nothing, paint_everything, picture, run_with

RED, BLUE = paint_everything(NAMED["red"]), paint_everything(NAMED["blue"])
MAKE_RED = {"instruction": "make the squirrel red", "target": "squirrel"}


def edit(models: FakeModels, src: Image.Image, seed: int = 7, **arguments: object) -> ToolResult:
    return EDIT.fn(EditArgs.model_validate(arguments or MAKE_RED), run_with(models, src, seed))


def assert_local(src: Image.Image, result: ToolResult) -> None:
    """Nothing outside of the reported region differs, and what is reported is so."""
    assert result.mask is not None
    before, after, inside = np.asarray(src), np.asarray(result.images[0]), np.asarray(result.mask) > 127
    assert np.array_equal(before[~inside], after[~inside])
    assert result.measures["changed_outside"] == 0
    assert result.measures["outside"] == (~inside).sum()
    assert result.images[0].size == src.size == result.mask.size
    assert result.mask.mode == "L"


@settings(max_examples=25, deadline=None)
@given(
    st.integers(20, 200),
    st.integers(20, 200),
    st.sampled_from(["object", "left", "right"]),
    st.sampled_from(["make the squirrel red", "replace the squirrel with a fox", "remove the squirrel"]),
)
def test_an_edit_changes_nothing_outside_of_its_region(width: int, height: int, scope: str, instruction: str) -> None:
    src = picture(width, height)
    assert_local(src, edit(FakeModels(), src, instruction=instruction, target="squirrel", scope=scope))


@pytest.mark.parametrize("size", [(300, 200), (64, 64), (48, 64), (40, 30), (900, 100)])
def test_pictures_of_any_size_are_edited_in_place(size: tuple[int, int]) -> None:
    src = picture(*size)
    models = FakeModels()
    result = edit(models, src)
    assert_local(src, result)
    assert result.measures["changed_inside"]
    assert set(models.drawn_from) == {(64, 64)}


def test_a_recolored_thing_is_red_and_the_check_says_so() -> None:
    result = edit(FakeModels(), picture(300, 200))
    assert result.note == ""
    assert result.measures["passed"] is True
    assert result.measures["color"] == "red"
    assert result.measures["attempts"] == 1
    assert "other_attempt" not in result.measures
    # The tone of the ring around the region, which is grain here, may differ by a level or two.
    assert np.abs(np.asarray(result.images[0])[100, 150].astype(int) - NAMED["red"]).max() <= 2


def test_the_region_is_known_before_the_model_draws() -> None:
    first, second = edit(FakeModels(edits=[RED]), picture()), edit(FakeModels(edits=[BLUE]), picture())
    assert first.mask is not None
    assert second.mask is not None
    assert np.array_equal(np.asarray(first.mask), np.asarray(second.mask))


def test_recoloring_stays_near_the_thing_and_replacing_takes_its_box() -> None:
    src = picture(thing=None)
    Image.Image.paste(src, NAMED["blue"], (20, 20, 44, 24))
    Image.Image.paste(src, NAMED["blue"], (20, 20, 24, 44))
    tight, box = edit(FakeModels(), src), edit(FakeModels(), src, instruction="remove the squirrel", target="squirrel")
    assert tight.mask is not None
    assert box.mask is not None
    assert tight.mask.getpixel((40, 40)) == 0
    assert box.mask.getpixel((40, 40)) == 255


@pytest.mark.parametrize(("scope", "inside", "outside"), [("left", 2, 61), ("right", 61, 2)])
def test_something_new_is_put_on_its_side(scope: str, inside: int, outside: int) -> None:
    src = picture()
    result = edit(FakeModels(), src, instruction="add a nut", target="nut", scope=scope)
    assert result.mask is not None
    assert result.mask.getpixel((inside, 30)) == 255
    assert result.mask.getpixel((outside, 30)) == 0


def test_a_change_of_the_whole_picture_has_no_region() -> None:
    src = picture(300, 200)
    models = FakeModels()
    result = edit(models, src, instruction="put it at night", scope="picture")
    assert result.mask is None
    assert result.images[0].size == (300, 200)
    assert models.drawn_from == [(64, 64)]
    assert result.measures["outside"] == 0
    assert models.asked == []


def test_a_failed_check_is_tried_once_more_with_the_next_seed() -> None:
    models = FakeModels(edits=[BLUE, RED])
    result = edit(models, picture(), seed=2**32 - 1)
    assert models.seeds == [2**32 - 1, 0]
    assert result.measures["attempts"] == 2
    assert result.measures["passed"] is True
    assert result.measures["color"] == "red"
    assert result.measures["other_attempt"] == "seed 4294967295: The squirrel came out blue rather than red."


@pytest.mark.parametrize("order", [[do_nothing, BLUE], [BLUE, do_nothing]])
def test_of_two_failed_attempts_the_better_one_is_kept_and_said_to_be_failed(order: list[Any]) -> None:
    result = edit(FakeModels(edits=order), picture())
    assert result.note == "The squirrel came out blue rather than red."
    assert result.measures["passed"] is False
    assert result.measures["color"] == "blue"
    assert result.measures["attempts"] == 2


def test_an_edit_that_changes_nothing_is_said_to_be_one() -> None:
    result = edit(FakeModels(edits=[do_nothing]), picture())
    assert result.note == "Nothing visible changed."
    assert result.measures["passed"] is False


def test_the_same_seed_gives_the_same_pixels() -> None:
    first, again, other = (edit(FakeModels(), picture(), seed) for seed in (1, 1, 2))
    assert np.array_equal(np.asarray(first.images[0]), np.asarray(again.images[0]))
    assert not np.array_equal(np.asarray(first.images[0]), np.asarray(other.images[0]))


def test_a_thing_that_is_not_there_is_said_in_one_sentence() -> None:
    models = FakeModels(blind=frozenset({"unicorn"}))
    with pytest.raises(ToolError) as caught:
        edit(models, picture(), instruction="make the unicorn red", target="unicorn")
    assert str(caught.value) == "I can't find the unicorn in this picture; what I can make out is: squirrel."
    assert models.seeds == []


@pytest.mark.parametrize("scope", ["object", "left", "right"])
def test_an_edit_of_a_part_needs_to_know_of_which_thing(scope: str) -> None:
    with pytest.raises(ToolError, match="Say which thing should change, for example the squirrel"):
        edit(FakeModels(), picture(), instruction="make it red", scope=scope)


def test_a_cancellation_comes_through() -> None:
    def stop(progress: Progress) -> None:
        if progress.stage == "painting":
            raise Cancelled

    with pytest.raises(Cancelled):
        EDIT.fn(EditArgs.model_validate(MAKE_RED), run_with(FakeModels(), picture(), report=stop))


def test_what_is_done_is_reported_in_words() -> None:
    stages: list[str] = []
    run = run_with(FakeModels(), picture(), report=lambda progress: stages.append(progress.stage))
    EDIT.fn(EditArgs.model_validate(MAKE_RED), run)
    assert stages == ["finding the squirrel", "painting"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"instruction": ""},
        {"instruction": "x" * 301},
        {"instruction": "x", "target": "y" * 81},
        {"instruction": "x", "scope": "somewhere"},
        {"instruction": "x", "steps": 0},
        {"instruction": "x", "mask": "n2"},
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EditArgs.model_validate(arguments)


@pytest.mark.parametrize("size", [(256, 64), (64, 256), (900, 100)])
def test_a_region_longer_than_the_short_side_is_drawn_from_end_to_end(size: tuple[int, int]) -> None:
    src = picture(*size, None)
    mask = np.zeros(size[::-1], dtype=bool)
    mask[8:-8, 8:-8] = True
    models = FakeModels(edits=[lambda crop, _: Image.new("RGB", crop.size, "blue")])
    args = EditArgs(instruction="make the squirrels blue", target="squirrel")
    made = edit_region(args, src, Place(Scope.MARKED, mask), 7, run_with(models, src)).picture
    changed = (np.asarray(made) != np.asarray(src)).any(axis=2)
    assert np.array_equal(changed, mask)
    assert models.drawn_from == [(64, 64)]


def marked(src: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", src.size)
    mask.paste(255, box)
    return mask


def edit_marked(models: FakeModels, src: Image.Image, mask: Image.Image, **arguments: object) -> ToolResult:
    args = EditArgs.model_validate({"instruction": "make it red", **arguments})
    return EDIT.fn(args, Run({"src": src, "mask": mask}, 7, models, lambda _: None))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.integers(0, 40), st.integers(1, 60), st.integers(1, 40), st.sampled_from(Scope))
def test_in_a_region_of_ones_own_an_edit_changes_nothing_beside_it(
    left: int, top: int, width: int, height: int, scope: Scope
) -> None:
    src = picture(100, 80)
    mask = marked(src, (left, top, left + width, top + height))
    models = FakeModels(edits=[RED])
    result = edit_marked(models, src, mask, scope=scope)
    before, after, inside = np.asarray(src), np.asarray(result.images[0]), np.asarray(mask) > 0
    assert np.array_equal(before[~inside], after[~inside])
    assert (result.measures["changed_outside"], result.measures["outside"]) == (0, (~inside).sum())
    assert result.mask is None
    assert models.asked == []


def test_a_thing_that_is_named_beside_a_region_is_looked_for_in_what_came_of_it() -> None:
    src = picture(300, 200)
    models = FakeModels()
    result = edit_marked(models, src, marked(src, (90, 60, 210, 140)), **MAKE_RED)
    assert (result.measures["color"], result.measures["passed"]) == ("red", True)
    assert models.asked == ["squirrel"]


@pytest.mark.parametrize(
    ("mask", "problem"),
    [
        (Image.new("L", (64, 64)), "The mask is empty"),
        (Image.new("L", (64, 64), 255), "The mask covers the whole picture"),
        (Image.new("L", (5, 5), 255), "The mask is 5 × 5 and the picture 64 × 64"),
    ],
)
def test_a_region_that_is_no_part_of_the_picture_is_refused_before_anything_is_drawn(
    mask: Image.Image, problem: str
) -> None:
    models = FakeModels()
    with pytest.raises(ToolError, match=problem):
        edit_marked(models, picture(), mask)
    assert (models.seeds, models.asked) == ([], [])


def test_a_region_that_is_to_be_given_is_missed() -> None:
    with pytest.raises(ToolError, match="mark it with segment"):
        edit(FakeModels(), picture(), instruction="make it red", scope="marked")
