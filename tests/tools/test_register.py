import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from pentimento.tools import region
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.register import Registered, registered
from tests.fakes_tools import BROWN, FakeModels, picture, run_with

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
