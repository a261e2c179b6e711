import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from pentimento.tools import region
from pentimento.tools.color import NAMED
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.register import Registered, registered
from pentimento.tools.types import Run, ToolResult
from tests.fakes_tools import BROWN, Drawing, FakeModels, picture, run_with

Shift = tuple[float, float]


def scene(seed: int, width: int = 72, height: int = 60) -> Image.Image:
    """Soft shapes of three sizes, as in a photograph."""
    random = np.random.default_rng(seed)
    layers = [ndimage.gaussian_filter(random.normal(size=(height, width, 3)), (s, s, 0)) * s for s in (1.5, 4, 10)]
    levels = np.sum(layers, axis=0)
    levels = 128 + 80 * levels / np.abs(levels).max()
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))


def shifted(image: Image.Image, right: float, down: float) -> Image.Image:
    levels = ndimage.shift(np.asarray(image, dtype=np.float64), (down, right, 0), order=3, mode="nearest")
    return Image.fromarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8))


def grained(image: Image.Image, seed: int, amount: float = 4) -> Image.Image:
    grain = np.random.default_rng(seed).normal(0, amount, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.rint(np.asarray(image) + grain), 0, 255).astype(np.uint8))


def without_the_middle(image: Image.Image) -> region.Mask:
    where = region.everywhere(image)
    height, width = where.shape
    where[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = False
    return where


def found(made: Image.Image, source: Image.Image) -> Registered:
    return registered(made, source, region.everywhere(source))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 500), st.integers(-4, 4), st.integers(-4, 4))
def test_whole_pixels_are_found_and_taken_back(seed: int, right: int, down: int) -> None:
    source = scene(seed)
    laid = found(grained(shifted(source, right, down), seed), source)
    assert (laid.right, laid.down) == (right, down)


@pytest.mark.parametrize("shift", [(0.5, 0.0), (-1.5, 0.5), (2.5, -1.5), (0.0, 3.5)])
def test_parts_of_a_pixel_are_found_to_half_of_one(shift: Shift) -> None:
    source = scene(3)
    laid = found(shifted(source, *shift), source)
    assert abs(laid.right - shift[0]) <= 0.5
    assert abs(laid.down - shift[1]) <= 0.5
    before, after = (
        np.abs(np.asarray(image, dtype=float) - np.asarray(source))[8:-8, 8:-8].mean()
        for image in (shifted(source, *shift), laid.picture)
    )
    assert after < 0.5 * before


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 500), st.sampled_from([0.0, 2.0, 12.0]))
def test_a_picture_that_is_not_shifted_is_not_touched(seed: int, grain: float) -> None:
    source = scene(seed)
    made = grained(source, seed, grain)
    laid = found(made, source)
    assert laid.picture is made
    assert laid.measures == {}


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (64, 3), (72, 60)])
def test_other_pictures_flat_ones_and_tiny_ones_stay(size: tuple[int, int]) -> None:
    source, other = scene(1, *size), Image.new("RGB", size, BROWN)
    assert found(other, source).picture is other
    assert found(other, other).picture is other


def test_a_picture_of_something_else_stays() -> None:
    made = scene(8)
    assert found(made, scene(9)).picture is made


def test_what_lies_in_the_region_has_no_say() -> None:
    source = scene(5)
    made = shifted(source, 2, 0)
    made.paste(scene(6).crop((24, 20, 48, 40)), (26, 20))
    laid = registered(made, source, without_the_middle(source))
    assert (laid.right, laid.down) == (2, 0)
    assert laid.words == "2 px right"


def test_too_little_around_a_region_tells_nothing() -> None:
    source = scene(5)
    made, where = shifted(source, 2, 0), region.everywhere(source)
    where[6:] = False
    assert registered(made, source, where).picture is made


def test_a_large_picture_is_moved_back_in_a_second() -> None:
    source = scene(2).resize((1024, 1024), Image.Resampling.BICUBIC)
    made = Image.fromarray(np.roll(np.asarray(source), (-4, 6), axis=(0, 1)))
    began = time.process_time()
    laid = found(made, source)
    assert time.process_time() - began < 2
    assert (laid.right, laid.down) == (6, -4)


def test_a_shifted_edit_is_moved_back_before_it_is_pasted_and_that_is_told() -> None:
    def draw(src: Image.Image, seed: int) -> Image.Image:
        made = np.asarray(src).copy()
        made[40:48, 40:48] = BROWN
        return Image.fromarray(np.roll(made, (1, 3), axis=(0, 1)))

    src = picture(thing=BROWN)
    arguments = EditArgs(instruction="replace the squirrel with a fox", target="squirrel")
    straight, moved = (
        EDIT.fn(arguments, run_with(FakeModels(edits=[one]), src))
        for one in (lambda image, seed: Image.fromarray(np.roll(np.asarray(draw(image, seed)), (-1, -3), (0, 1))), draw)
    )
    assert "shift" not in straight.measures
    assert moved.measures["shift"] == "3 px right, 1 px down"
    assert np.array_equal(np.asarray(straight.images[0]), np.asarray(moved.images[0]))


def view(seed: int, right: int, down: int) -> Image.Image:
    """A part of a larger scene, so that what comes into sight is as new as in a drawing."""
    return scene(seed, 384, 384).crop((96 - right, 96 - down, 288 - right, 288 - down))


@pytest.mark.parametrize("shift", [(28, 0), (-40, 30), (0, -50)])
def test_a_scene_that_came_too_far_to_be_put_back_is_told_and_not_touched(shift: tuple[int, int]) -> None:
    source, made = view(4, 0, 0), grained(view(4, *shift), 1)
    laid = registered(made, source, without_the_middle(source))
    assert laid.too_far
    assert laid.picture is made
    assert np.abs(np.subtract((laid.right, laid.down), shift)).max() <= 1
    assert laid.measures == {"moved_too_far": laid.words}


def test_of_pictures_of_something_else_none_is_taken_for_a_scene_that_moved() -> None:
    sources = [scene(seed, 96, 96) for seed in range(12)]
    assert not any(found(made, source).too_far for made in sources for source in sources)


def redrawn(right: int) -> Drawing:
    """An editor that moves the whole scene, and makes the thing red."""

    def draw(src: Image.Image, seed: int) -> Image.Image:
        made = view(4, right, 0)
        made.paste(NAMED["red"], (64, 64, 128, 128))
        return made

    return draw


def edit_of_a_view(*shifts: int, attempts: int = 2) -> tuple[ToolResult, FakeModels]:
    src = view(4, 0, 0)
    src.paste(NAMED["blue"], (64, 64, 128, 128))
    models = FakeModels(edits=[redrawn(shift) for shift in shifts], best_size=192)
    arguments = EditArgs(instruction="make the squirrel red", target="squirrel", attempts=attempts)
    run = Run({"src": src, "mask": marked(src)}, 7, models, lambda _: None)
    return EDIT.fn(arguments, run), models


def marked(src: Image.Image) -> Image.Image:
    mask = Image.new("L", src.size)
    mask.paste(255, (64, 64, 128, 128))
    return mask


def test_where_the_whole_scene_moved_too_far_it_is_drawn_once_more_and_that_is_told() -> None:
    result, models = edit_of_a_view(40, 0)
    assert models.seeds == [7, 8]
    assert (result.note, result.measures["seed"], result.measures["passed"]) == ("", 8, True)
    assert str(result.measures["other_attempt"]).startswith("seed 7: The whole scene came out 40 px right")
    assert result.measures["changed_outside"] == 0


def test_the_one_retry_is_not_spent_twice() -> None:
    result, models = edit_of_a_view(40, -40, 0)
    assert models.seeds == [7, 8]
    assert result.note.startswith("The whole scene came out 40 px")
    assert (result.measures["passed"], result.measures["changed_outside"]) == (False, 0)


def test_with_one_attempt_it_is_told_alone() -> None:
    result, models = edit_of_a_view(40, attempts=1)
    assert models.seeds == [7]
    assert "moved_too_far" in result.measures
