"""Composite and blend: one picture on another, to the pixel."""

import numpy as np
import pytest
from PIL import Image

from pentimento.tools.blend import BLEND, BlendArgs
from pentimento.tools.composite import COMPOSITE, CompositeArgs
from pentimento.tools.types import Run, ToolError, ToolResult
from tests.fakes_tools import FakeModels, picture

BASE = picture(60, 40)
LAYER = Image.new("RGB", (20, 10), (10, 200, 30))


def composite(mask: Image.Image | None = None, layer: Image.Image = LAYER, **arguments: int) -> ToolResult:
    inputs = {"src": BASE, "layer": layer} | ({} if mask is None else {"mask": mask})
    return COMPOSITE.fn(CompositeArgs(**arguments), Run(inputs, 0, FakeModels(), lambda _: None))


def blend(other: Image.Image, mask: Image.Image | None = None, share: int = 50) -> ToolResult:
    inputs = {"src": BASE, "other": other} | ({} if mask is None else {"mask": mask})
    return BLEND.fn(BlendArgs(share=share), Run(inputs, 0, FakeModels(), lambda _: None))


@pytest.mark.parametrize("corner", [(0, 0), (7, 3), (-5, -2), (50, 35)])
def test_a_layer_lies_where_it_was_put(corner: tuple[int, int]) -> None:
    x, y = corner
    wanted = np.asarray(BASE).copy()
    wanted[max(y, 0) : y + 10, max(x, 0) : x + 20] = (10, 200, 30)
    result = composite(x=x, y=y)
    assert np.array_equal(np.asarray(result.images[0]), wanted)
    assert result.measures["changed_outside"] == 0


def test_a_mask_of_the_layer_says_what_of_it_is_seen() -> None:
    mask = Image.new("L", LAYER.size)
    mask.paste(255, (0, 0, 10, 10))
    after, before = np.asarray(composite(mask, x=4, y=4).images[0]), np.asarray(BASE)
    assert (after[4:14, 4:14] == (10, 200, 30)).all()
    assert np.array_equal(after[4:14, 14:24], before[4:14, 14:24])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_picture_of_any_mode_may_be_the_mask(mode: str) -> None:
    white = composite(Image.new("RGB", LAYER.size, "white").convert(mode))
    assert white.images == composite().images


def test_a_layer_may_be_laid_on_larger() -> None:
    result = composite(scale=200)
    assert result.measures["outside"] == 60 * 40 - 40 * 20
    assert (np.asarray(result.images[0])[:20, :40] == (10, 200, 30)).all()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"x": 60}, "Nothing of the layer would be seen"),
        ({"scale": 1000, "layer": picture(900, 9)}, "9000 × 90 pixels"),
    ],
)
def test_a_layer_that_can_not_be_laid_is_refused(arguments: dict[str, int], problem: str) -> None:
    with pytest.raises(ToolError, match=problem):
        composite(**arguments)  # type: ignore[arg-type]


def test_a_mask_of_another_size_than_the_layer_is_refused() -> None:
    with pytest.raises(ToolError, match="The mask is 60 × 40 and the layer 20 × 10"):
        composite(Image.new("L", BASE.size, 255))


@pytest.mark.parametrize("share", [0, 30, 100])
def test_a_blend_has_that_share_of_the_second_picture(share: int) -> None:
    other = Image.effect_noise(BASE.size, 80).convert("RGB")
    before, after = np.asarray(BASE).astype(float), np.asarray(other).astype(float)
    wanted = np.rint(before + share / 100 * (after - before))
    assert np.array_equal(np.asarray(blend(other, share=share).images[0]), wanted)


def test_a_blend_by_a_mask_takes_the_second_picture_there_alone() -> None:
    other, mask = Image.new("RGB", BASE.size, (9, 8, 7)), Image.new("L", BASE.size)
    mask.paste(255, (0, 0, 30, 40))
    after = np.asarray(blend(other, mask, 100).images[0])
    assert (after[:, :30] == (9, 8, 7)).all()
    assert np.array_equal(after[:, 30:], np.asarray(BASE)[:, 30:])


def test_pictures_of_two_sizes_are_not_blended() -> None:
    with pytest.raises(ToolError, match="60 × 40 and 20 × 10; resize one of them first"):
        blend(LAYER)
