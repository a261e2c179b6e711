import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pentimento.tools.color import NAMED
from pentimento.tools.recolor import RECOLOR, RecolorArgs
from pentimento.tools.types import Cancelled, Progress, ToolError, ToolResult
from tests.fakes_tools import FakeModels, picture, run_with


def recolor(src: Image.Image, to: str, models: FakeModels | None = None, target: str = "squirrel") -> ToolResult:
    return RECOLOR.fn(RecolorArgs(target=target, to=to), run_with(models or FakeModels(), src))


@settings(max_examples=25, deadline=None)
@given(st.integers(12, 120), st.integers(12, 120), st.integers(0, 0xFFFFFF))
def test_recoloring_changes_nothing_outside_of_its_region(width: int, height: int, value: int) -> None:
    src = picture(width, height)
    result = recolor(src, f"#{value:06x}")
    assert result.mask is not None
    before, after, inside = np.asarray(src), np.asarray(result.images[0]), np.asarray(result.mask) > 127
    assert np.array_equal(before[~inside], after[~inside])
    assert result.measures["changed_outside"] == 0
    assert result.measures["outside"] == (~inside).sum()


@pytest.mark.parametrize("name", NAMED)
def test_a_named_color_comes_out_as_named(name: str) -> None:
    result = recolor(picture(300, 200), name)
    assert result.measures["color"] == name
    assert result.measures["passed"] is True
    assert result.note == ""
    assert result.images[0].size == (300, 200)


def test_an_even_surface_gets_the_very_value() -> None:
    made = recolor(picture(), "#ff6600").images[0]
    assert np.abs(np.array(made.getpixel((32, 32))) - (255, 102, 0)).max() <= 1


def test_a_thing_too_fine_to_be_painted_is_said_to_have_failed() -> None:
    src = Image.new("RGB", (64, 64), (128, 128, 128))
    for row in range(0, 64, 8):
        src.paste((0, 200, 0), (0, row, 64, row + 1))
    result = recolor(src, "red")
    assert result.measures["passed"] is False
    assert result.note.startswith("The squirrel came out ")


def test_a_thing_that_is_not_there_is_said_in_one_sentence() -> None:
    with pytest.raises(
        ToolError, match=r"I can't find the unicorn in this picture; what I can make out is: squirrel\."
    ):
        recolor(picture(), "red", FakeModels(blind=frozenset({"unicorn"})), "unicorn")


def test_an_unknown_color_is_said_before_anything_is_looked_for() -> None:
    models = FakeModels()
    with pytest.raises(ToolError, match="is no colour I know"):
        recolor(picture(), "sparkly", models)
    assert models.asked == []


def test_the_seed_plays_no_part() -> None:
    args = RecolorArgs(target="squirrel", to="red")
    one, two = (RECOLOR.fn(args, run_with(FakeModels(), picture(), seed)).images[0] for seed in (1, 2))
    assert np.array_equal(np.asarray(one), np.asarray(two))


def test_a_cancellation_comes_through() -> None:
    def stop(_: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        RECOLOR.fn(RecolorArgs(target="squirrel", to="red"), run_with(FakeModels(), picture(), report=stop))
