import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from pentimento.tools.back_projection import back_projected, residual
from pentimento.tools.types import Progress, ToolError, ToolResult
from pentimento.tools.upscale import UPSCALE, UpscaleArgs
from tests.fakes_tools import FakeModels, picture, run_with

SRC = picture(40, 30)


def upscale(models: FakeModels | None = None, src: Image.Image = SRC, **arguments: int | str) -> ToolResult:
    return UPSCALE.fn(UpscaleArgs.model_validate(arguments), run_with(models or FakeModels(), src))


def made_small(picture: Image.Image, factor: int) -> Image.Image:
    means = np.asarray(picture, dtype=np.float64).reshape(picture.height // factor, factor, -1, factor, 3).mean((1, 3))
    return Image.fromarray(np.rint(means).astype(np.uint8))


@pytest.mark.parametrize("enlarges", [False, True])
@pytest.mark.parametrize("factor", [2, 4])
def test_a_faithful_enlargement_that_is_made_small_again_is_the_source(factor: int, enlarges: bool) -> None:
    result = upscale(FakeModels(enlarges=enlarges), factor=factor)
    assert result.images[0].size == (40 * factor, 30 * factor)
    assert made_small(result.images[0], factor) == SRC
    assert result.measures["passed"] is True
    assert float(result.measures["residual"]) < 0.5


def test_a_creative_one_is_what_the_model_drew_and_how_far_it_is_from_the_source_is_told() -> None:
    result = upscale(FakeModels(enlarges=True), mode="creative")
    assert result.images[0] == SRC.point(lambda level: min(255, level + 1)).resize((80, 60), Image.Resampling.NEAREST)
    assert result.measures == {"residual": 1.0}
    assert result.note == ""


def test_without_a_model_it_is_a_filter_and_that_is_said() -> None:
    result = upscale(mode="creative")
    assert result.images[0] == SRC.resize((80, 60), Image.Resampling.LANCZOS)
    assert "so a filter did it (Lanczos); no detail was added" in result.note


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 90), st.integers(1, 90), st.sampled_from([2, 4]), st.booleans())
def test_any_drawing_becomes_faithful(seed: int, width: int, height: int, factor: int, hard: bool) -> None:
    random = np.random.default_rng(seed)
    levels = [0, 255] if hard else [*range(256)]
    small = Image.fromarray(random.choice(levels, (height, width, 3)).astype(np.uint8))
    large = Image.fromarray(random.integers(0, 256, (height * factor, width * factor, 3), dtype=np.uint8))
    made = back_projected(large, small, factor)
    assert residual(made, small, factor) < 0.5
    assert made_small(made, factor) == small


def test_a_block_that_rounding_would_move_by_half_a_level_is_faithful_too() -> None:
    random = np.random.default_rng(63194)
    small = Image.fromarray(random.choice([*range(256)], (1, 1, 3)).astype(np.uint8))
    large = Image.fromarray(random.integers(0, 256, (2, 2, 3), dtype=np.uint8))
    assert residual(back_projected(large, small, 2), small, 2) < 0.5


def test_a_faithful_drawing_stays_as_it_is() -> None:
    large = picture(80, 64)
    exact = made_small(large, 2).resize(large.size, Image.Resampling.NEAREST)
    assert back_projected(exact, made_small(large, 2), 2) == exact


@pytest.mark.parametrize(
    ("size", "factor", "problem"),
    [
        ((50_000, 1), 2, "That would be 100000 × 2 pixels; at most 8192 pixels a side and 64 million in all"),
        ((4096, 4000), 2, "That would be 8192 × 8000 pixels; at most"),
        ((2049, 1), 4, "That would be 8196 × 4 pixels"),
    ],
)
def test_what_would_be_too_large_is_said_before_anything_is_drawn(
    size: tuple[int, int], factor: int, problem: str
) -> None:
    told: list[Progress] = []
    with pytest.raises(ToolError, match=problem):
        UPSCALE.fn(UpscaleArgs(factor=factor), run_with(FakeModels(), Image.new("RGB", size), report=told.append))
    assert told == []


@pytest.mark.parametrize("factor", [0, 1, 3, 8])
def test_it_is_two_or_four_times(factor: int) -> None:
    with pytest.raises(ValidationError):
        UpscaleArgs(factor=factor)


def test_a_picture_of_one_pixel_is_enlarged() -> None:
    src = Image.new("RGB", (1, 1), (10, 200, 30))
    assert upscale(src=src, factor=4).images[0].getcolors() == [(16, (10, 200, 30))]
