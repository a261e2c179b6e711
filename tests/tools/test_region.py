import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pentimento.tools import region

Seeds = st.integers(0, 2**32 - 1)
Sides = st.integers(1, 70)


def random_mask(seed: int, width: int, height: int) -> NDArray[np.bool_]:
    """One to three blocks, never empty."""
    random = np.random.default_rng(seed)
    mask = np.zeros((height, width), dtype=bool)
    for _ in range(random.integers(1, 4)):
        top, left = random.integers(0, height), random.integers(0, width)
        mask[top : top + random.integers(1, 20), left : left + random.integers(1, 20)] = True
    return mask


def noise(seed: int, width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def chebyshev(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """Dilation spelled out: any pixel of the mask in the window around it."""
    padded = np.pad(mask, pixels)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(windows.any(axis=(2, 3)))


@settings(max_examples=60, deadline=None)
@given(Seeds, Sides, Sides, st.floats(0.2, 6))
def test_what_is_mixed_in_changes_no_pixel_outside_of_the_region(
    seed: int, width: int, height: int, radius: float
) -> None:
    mask = random_mask(seed, width, height)
    source, made = noise(seed + 1, width, height), noise(seed + 2, width, height)
    result = region.mix(source, made, region.feather(mask, radius))
    assert np.array_equal(np.asarray(result)[~mask], np.asarray(source)[~mask])
    assert region.changed_pixels(source, result, ~mask) == 0
    assert result.mode == "RGB"
    assert result.size == source.size


@settings(max_examples=40, deadline=None)
@given(Seeds, Sides, Sides, st.floats(0.2, 6))
def test_feathering_reaches_no_further_than_the_region(seed: int, width: int, height: int, radius: float) -> None:
    mask = random_mask(seed, width, height)
    weights = region.feather(mask, radius)
    assert (weights[~mask] == 0).all()
    assert weights[mask].min() >= 0.25
    assert weights.max() <= 1


def test_feathering_is_full_deep_inside() -> None:
    mask = np.zeros((64, 64), dtype=bool)
    mask[8:56, 8:56] = True
    weights = region.feather(mask, 1.3)
    assert (weights[14:50, 14:50] == 1).all()
    assert weights[8, 30] < weights[10, 30] <= 1


@settings(max_examples=40, deadline=None)
@given(Seeds, Sides, Sides, st.integers(0, 30))
def test_dilation_is_every_pixel_within_the_distance(seed: int, width: int, height: int, pixels: int) -> None:
    mask = random_mask(seed, width, height)
    assert np.array_equal(region.dilate(mask, pixels), chebyshev(mask, pixels) if pixels else mask)


def test_dilation_agrees_with_a_maximum_filter() -> None:
    mask = random_mask(5, 64, 48)
    filtered = np.asarray(region.to_image(mask).filter(ImageFilter.MaxFilter(5))) > 127
    assert np.array_equal(region.dilate(mask, 2), filtered)


def test_a_photograph_is_dilated_in_a_moment() -> None:
    mask = np.zeros((3000, 4000), dtype=bool)
    mask[1000:2000, 1000:2000] = True
    start = time.process_time()
    grown = region.dilate(mask, 125)
    assert time.process_time() - start < 5
    assert grown.sum() == 1250**2


@settings(max_examples=80, deadline=None)
@given(Seeds, Sides, Sides, st.integers(1, 90))
def test_the_working_box_is_inside_of_the_picture_and_holds_the_mask(
    seed: int, width: int, height: int, least: int
) -> None:
    mask = random_mask(seed, width, height)
    box, around = region.working_box(mask, least), region.bounding_box(mask)
    assert 0 <= box.left <= around.left
    assert around.right <= box.right <= width
    assert 0 <= box.top <= around.top
    assert around.bottom <= box.bottom <= height
    assert min(box.size) >= min(least, width, height)
    if max(around.size) <= min(width, height):
        assert box.size[0] == box.size[1]


@settings(max_examples=40, deadline=None)
@given(Seeds, Sides, Sides, st.floats(0, 1))
def test_a_box_mask_is_a_rectangle_that_holds_the_mask(seed: int, width: int, height: int, share: float) -> None:
    mask = random_mask(seed, width, height)
    filled = region.box_mask(mask, share)
    box = region.bounding_box(filled)
    assert filled[mask].all()
    assert filled.sum() == box.size[0] * box.size[1]


@pytest.mark.parametrize(("side", "inside", "outside"), [("left", 5, 60), ("right", 60, 5)])
def test_a_side_is_half_of_the_picture(side: str, inside: int, outside: int) -> None:
    mask = region.side_mask(64, 40, side)
    assert mask[:, inside].all()
    assert not mask[:, outside].any()
    assert 0.5 <= mask.mean() <= 0.6


def test_a_mask_survives_being_a_picture() -> None:
    mask = random_mask(3, 33, 21)
    assert np.array_equal(region.to_mask(region.to_image(mask)), mask)


def test_the_tone_is_matched_on_the_ring_and_moves_at_most_24_levels() -> None:
    mask = np.zeros((32, 32), dtype=bool)
    mask[10:20, 10:20] = True
    source = Image.new("RGB", (32, 32), (100, 100, 100))
    near, far = Image.new("RGB", (32, 32), (110, 90, 100)), Image.new("RGB", (32, 32), (200, 100, 100))
    assert region.match_tone(near, source, mask).getpixel((0, 0)) == (100, 100, 100)
    assert region.match_tone(far, source, mask).getpixel((0, 0)) == (176, 100, 100)


def test_without_a_ring_the_tone_stays() -> None:
    made = noise(1, 16, 16)
    assert region.match_tone(made, noise(2, 16, 16), np.ones((16, 16), dtype=bool)) is made


def test_changed_pixels_are_counted_above_the_tolerance() -> None:
    before = Image.new("RGB", (4, 4), (50, 50, 50))
    after = before.copy()
    after.putpixel((0, 0), (50, 55, 50))
    after.putpixel((1, 0), (50, 50, 70))
    everywhere = np.ones((4, 4), dtype=bool)
    assert region.changed_pixels(before, after, everywhere) == 2
    assert region.changed_pixels(before, after, everywhere, tolerance=8) == 1


def peak_of(work: Callable[[], object]) -> int:
    """Bytes that Python and NumPy hold at once while it runs."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_what_is_computed_with_a_large_picture_takes_a_few_times_its_own_memory() -> None:
    width, height = 2000, 1000
    source, other = noise(1, width, height), noise(2, width, height)
    mask = np.zeros((height, width), dtype=bool)
    mask[10:-10, 10:-10] = True
    weights = mask * 0.3
    own = 3 * width * height
    assert peak_of(lambda: region.mix(source, other, weights)) < 6 * own
    assert peak_of(lambda: region.changed_pixels(source, other, mask)) < 6 * own
    assert peak_of(lambda: region.match_tone(source, other, mask)) < 8 * own
