import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from pentimento.tools.transform import MAX_SIDE, TRANSFORM, TransformArgs
from pentimento.tools.types import ToolError
from tests.fakes_tools import FakeModels, run_with


def noise(width: int, height: int) -> Image.Image:
    random = np.random.default_rng(width * 1000 + height)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def transformed(image: Image.Image, **arguments: object) -> Image.Image:
    result = TRANSFORM.fn(TransformArgs.model_validate(arguments), run_with(FakeModels(), image))
    (made,) = result.images
    assert result.measures == {"width": made.width, "height": made.height}
    return made


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["horizontal", "vertical"]))
def test_flipped_twice_is_the_same(width: int, height: int, axis: str) -> None:
    image = noise(width, height)
    once = transformed(image, op="flip", axis=axis)
    assert np.array_equal(pixels(transformed(once, op="flip", axis=axis)), pixels(image))


def test_a_flip_swaps_left_and_right_unless_told_otherwise() -> None:
    image = noise(7, 5)
    assert np.array_equal(pixels(transformed(image, op="flip")), pixels(image)[:, ::-1])
    assert np.array_equal(pixels(transformed(image, op="flip", axis="vertical")), pixels(image)[::-1])


@pytest.mark.parametrize(("degrees", "quarters"), [(90, -1), (180, 2), (270, 1)])
def test_turning_is_clockwise(degrees: int, quarters: int) -> None:
    image = noise(7, 5)
    assert np.array_equal(pixels(transformed(image, op="rotate", degrees=degrees)), np.rot90(pixels(image), quarters))


def test_a_turn_is_a_quarter_unless_told_otherwise() -> None:
    image = noise(6, 3)
    assert np.array_equal(pixels(transformed(image, op="rotate")), np.rot90(pixels(image), -1))


@pytest.mark.parametrize(
    ("size", "ratio", "cropped"),
    [
        ((64, 64), "16:9", (64, 36)),
        ((64, 64), "9:16", (36, 64)),
        ((300, 200), "1:1", (200, 200)),
        ((300, 200), "3:2", (300, 200)),
        ((300, 200), "", (200, 200)),
        ((64, 64), "1:999", (1, 64)),
        ((1, 1), "16:9", (1, 1)),
    ],
)
def test_a_crop_is_the_largest_centred_part(size: tuple[int, int], ratio: str, cropped: tuple[int, int]) -> None:
    image = noise(*size)
    made = transformed(image, op="crop", ratio=ratio)
    assert made.size == cropped
    left, top = (size[0] - cropped[0]) // 2, (size[1] - cropped[1]) // 2
    assert np.array_equal(pixels(made), pixels(image)[top : top + cropped[1], left : left + cropped[0]])


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 99), st.integers(1, 99))
def test_a_crop_never_leaves_the_picture(width: int, height: int, across: int, down: int) -> None:
    made = transformed(noise(width, height), op="crop", ratio=f"{across}:{down}")
    assert made.width == width or made.height == height
    assert 1 <= made.width <= width
    assert 1 <= made.height <= height


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ({"width": 30}, (30, 20)),
        ({"height": 50}, (75, 50)),
        ({"width": 17, "height": 5}, (17, 5)),
        ({"width": 1}, (1, 1)),
        ({"width": 600}, (600, 400)),
    ],
)
def test_one_side_follows_from_the_other(wanted: dict[str, int], size: tuple[int, int]) -> None:
    assert transformed(noise(300, 200), op="resize", **wanted).size == size


def test_resizing_to_the_same_size_changes_nothing() -> None:
    image = noise(30, 20)
    assert np.array_equal(pixels(transformed(image, op="resize", width=30)), pixels(image))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"op": "crop", "ratio": "0:5"}, '"0:5" is no proportion; give width and height such as 16:9.'),
        ({"op": "crop", "ratio": "5:0"}, '"5:0" is no proportion; give width and height such as 16:9.'),
        ({"op": "resize"}, "Say how large the picture should be, for example 800 pixels wide."),
        ({"op": "resize", "width": 8192}, f"That would be 8192 × 16384 pixels; the longest side may be {MAX_SIDE}."),
    ],
)
def test_what_can_not_be_done_is_said_in_one_sentence(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(ToolError) as caught:
        transformed(noise(20, 40), **arguments)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "arguments",
    [
        {"op": "shear"},
        {"op": "rotate", "degrees": 45},
        {"op": "rotate", "degrees": 360},
        {"op": "flip", "axis": "diagonal"},
        {"op": "crop", "ratio": "wide"},
        {"op": "resize", "width": 9000},
        {"op": "resize", "width": -1},
        {"op": "flip", "pixels": 1},
    ],
)
def test_arguments_that_mean_nothing_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TransformArgs.model_validate(arguments)


def test_a_transformation_depends_on_no_model() -> None:
    assert TRANSFORM.models == ()
    assert TRANSFORM.roles == ("src",)
