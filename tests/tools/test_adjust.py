import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from pentimento.tools.adjust import ADJUST, AdjustArgs
from pentimento.tools.color import to_linear, to_oklab
from pentimento.tools.types import Cancelled, Progress, Run, ToolError, ToolResult
from tests.fakes_tools import FakeModels, colorful, picture, run_with

GRAIN = Image.fromarray(np.random.default_rng(3).integers(0, 256, (70, 300, 3), dtype=np.uint8))


def adjust(src: Image.Image, mask: Image.Image | None = None, /, **changes: int | str) -> ToolResult:
    inputs = {"src": src} | ({} if mask is None else {"mask": mask})
    return ADJUST.fn(AdjustArgs.model_validate(changes), Run(inputs, 0, FakeModels(), lambda _: None))


def levels(result: ToolResult) -> NDArray[np.float64]:
    return np.asarray(result.images[0]).astype(np.float64)


@pytest.mark.parametrize("brightness", [-100, -40, 10, 300])
def test_brightness_multiplies_every_level(brightness: int) -> None:
    wanted = np.rint((np.asarray(GRAIN) * (1 + brightness / 100)).clip(0, 255))
    assert np.array_equal(levels(adjust(GRAIN, brightness=brightness)), wanted)


@pytest.mark.parametrize("contrast", [-100, -30, 25])
def test_contrast_moves_every_level_from_the_middle(contrast: int) -> None:
    wanted = np.rint((127.5 + (np.asarray(GRAIN) - 127.5) * (1 + contrast / 100)).clip(0, 255))
    assert np.array_equal(levels(adjust(GRAIN, contrast=contrast)), wanted)


def test_a_negative_of_a_negative_is_the_picture() -> None:
    negative = adjust(GRAIN, invert=True).images[0]
    assert negative == ImageOps.invert(GRAIN)
    assert adjust(negative, invert=True).images[0] == GRAIN


def test_a_stop_is_twice_the_light() -> None:
    dark = Image.fromarray(np.random.default_rng(1).integers(30, 180, (40, 40, 3), dtype=np.uint8))
    light = to_linear(levels(adjust(dark, exposure=100))) / to_linear(np.asarray(dark).astype(np.float64))
    assert light.mean() == pytest.approx(2, abs=0.01)


def test_gray_has_no_color_and_the_same_lightness() -> None:
    before, after = to_oklab(np.asarray(GRAIN).astype(np.float64)), to_oklab(levels(adjust(GRAIN, grayscale=True)))
    assert np.abs(after[..., 1:]).max() < 0.002
    assert np.abs(after[..., 0] - before[..., 0]).max() < 0.004
    assert adjust(GRAIN, saturation=-100).images[0] == adjust(GRAIN, grayscale=True).images[0]


def test_a_hue_turns_by_the_degrees_that_were_said() -> None:
    src = Image.new("RGB", (8, 8), (150, 110, 90))
    before, after = to_oklab(np.asarray(src).astype(np.float64))[0, 0], to_oklab(levels(adjust(src, hue=90)))[0, 0]
    turned = np.rad2deg(np.arctan2(after[2], after[1]) - np.arctan2(before[2], before[1])) % 360
    assert turned == pytest.approx(90, abs=1.5)
    assert after[0] == pytest.approx(before[0], abs=0.003)


def test_warmer_is_redder_and_as_light() -> None:
    gray = Image.new("RGB", (8, 8), (120, 120, 120))
    red, green, blue = (int(level) for level in levels(adjust(gray, temperature=30))[0, 0])
    assert red > green > blue
    lightness = to_oklab(np.array([[120.0] * 3, [red, green, blue]]))[:, 0]
    assert lightness[0] == pytest.approx(lightness[1], abs=0.02)


@pytest.mark.parametrize("change", [{"blur": 3}, {"sharpen": 80}, {"sepia": True}])
def test_other_changes_are_seen(change: dict[str, int | bool]) -> None:
    result = adjust(GRAIN, **change)
    assert result.images[0].size == GRAIN.size
    assert int(result.measures["changed_inside"]) > 0.9 * GRAIN.width * GRAIN.height


@settings(max_examples=20, deadline=None)
@given(st.integers(12, 90), st.integers(12, 90), st.integers(-100, 100), st.integers(-180, 180))
def test_nothing_changes_beside_a_thing_that_was_named(width: int, height: int, brightness: int, hue: int) -> None:
    src = picture(width, height)
    result = adjust(src, target="squirrel", brightness=brightness or 5, hue=hue)
    assert result.mask is not None
    inside = np.asarray(result.mask) > 0
    assert np.array_equal(np.asarray(src)[~inside], levels(result)[~inside])
    assert result.measures["changed_outside"] == 0
    assert (inside & colorful(src)).sum() == colorful(src).sum()


def test_a_mask_says_how_much_of_the_change_each_pixel_takes() -> None:
    mask = Image.new("L", GRAIN.size)
    mask.paste(255, (0, 0, 100, 70))
    mask.paste(51, (100, 0, 200, 70))
    before, after, whole = (np.asarray(i).astype(float) for i in (GRAIN, *_masked(mask)))
    assert np.array_equal(after[:, :100], whole[:, :100])
    assert np.array_equal(after[:, 200:], before[:, 200:])
    assert np.array_equal(after[:, 100:200], np.rint(before + 0.2 * (whole - before))[:, 100:200])


def _masked(mask: Image.Image) -> tuple[Image.Image, Image.Image]:
    return adjust(GRAIN, mask, invert=True).images[0], adjust(GRAIN, invert=True).images[0]


@pytest.mark.parametrize(
    ("mask", "changes", "problem"),
    [
        (None, {}, "Say what to adjust"),
        (Image.new("L", (3, 3), 255), {"blur": 2}, "The mask is 3 × 3 and the picture 300 × 70"),
        (Image.new("L", GRAIN.size), {"blur": 2}, "The mask is empty"),
        (Image.new("L", GRAIN.size, 255), {"blur": 2, "target": "nut"}, "Leave out either the mask or “nut”"),
    ],
)
def test_what_can_not_be_done_is_said(mask: Image.Image | None, changes: dict[str, int | str], problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        adjust(GRAIN, mask, **changes)


def test_a_call_depends_on_a_model_where_a_thing_is_named() -> None:
    assert ADJUST.models_of({"brightness": 10}) == ()
    assert ADJUST.models_of({"brightness": 10, "target": "nut"}) == ("segment",)


def test_a_large_picture_can_be_stopped_between_its_strips() -> None:
    fractions: list[float] = []

    def stop(progress: Progress) -> None:
        fractions.append(progress.fraction)
        if progress.fraction >= 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        ADJUST.fn(AdjustArgs(hue=40, blur=200), run_with(FakeModels(), picture(8, 1024), report=stop))
    assert fractions == [0.0, 0.25, 0.5]
