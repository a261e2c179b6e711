from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pentimento.tools.outpaint import CONTINUE, MORE, MOST, OUTPAINT, OutpaintArgs, Sides, _blocks
from pentimento.tools.region import Box
from pentimento.tools.types import Cancelled, Progress, Report, ToolError, ToolResult, Unable
from tests.fakes_tools import FakeModels, paint_everything, picture, run_with

SRC = picture(60, 40)
RED = paint_everything((214, 39, 40))


@dataclass
class Listening(FakeModels):
    """Keeps what it was told to draw."""

    told: list[str] = field(default_factory=list)

    def edit(
        self,
        src: Image.Image,
        instruction: str,
        seed: int,
        steps: int,
        guidance: float,
        image_guidance: float,
        report: Report,
        refs: Sequence[Image.Image] = (),
    ) -> Image.Image:
        self.told.append(instruction)
        return super().edit(src, instruction, seed, steps, guidance, image_guidance, report, refs)


def outpaint(models: FakeModels | None = None, src: Image.Image = SRC, **arguments: int | str) -> ToolResult:
    args = OutpaintArgs.model_validate(arguments)
    return OUTPAINT.fn(args, run_with(models or FakeModels(edits=[RED], best_size=32), src))


@pytest.mark.parametrize(
    ("sides", "size", "corner"),
    [
        (Sides.ALL, (90, 60), (15, 10)),
        (Sides.LEFT, (75, 40), (15, 0)),
        (Sides.RIGHT, (75, 40), (0, 0)),
        (Sides.TOP, (60, 50), (0, 10)),
        (Sides.BOTTOM, (60, 50), (0, 0)),
        (Sides.HORIZONTAL, (90, 40), (15, 0)),
        (Sides.VERTICAL, (60, 60), (0, 10)),
    ],
)
def test_the_old_pixels_stay_bit_for_bit_and_the_band_around_them_is_drawn(
    sides: Sides, size: tuple[int, int], corner: tuple[int, int]
) -> None:
    result = outpaint(sides=sides)
    made, (left, top) = result.images[0], corner
    assert made.size == size
    assert made.crop((left, top, left + 60, top + 40)) == SRC
    assert result.mask is not None
    band = np.asarray(result.mask) > 0
    assert band.sum() == size[0] * size[1] - 60 * 40
    assert not band[top : top + 40, left : left + 60].any()
    assert result.measures["changed_outside"] == 0
    assert result.note == ""


@pytest.mark.parametrize("fills", [True, False])
def test_without_a_model_that_fills_in_the_one_that_edits_does_it_and_that_is_said(fills: bool) -> None:
    result = outpaint(FakeModels(edits=[RED], fills=fills, best_size=32))
    assert ("the one that edits continued the picture" in result.note) is not fills
    assert result.measures["changed_outside"] == 0
    assert int(result.measures["changed_inside"]) > 1000


def test_where_no_model_can_do_it_that_is_said() -> None:
    class Draws(FakeModels):
        def edit(self, *_: object, **__: object) -> Image.Image:
            raise Unable("It can't edit.")

    with pytest.raises(ToolError, match=r"^This profile has no model that could continue a picture"):
        outpaint(Draws(fills=False))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(8, 300), st.integers(8, 300), st.integers(1, 300), st.integers(1, 300), st.sampled_from([16, 64, 512])
)
def test_the_blocks_are_the_band_and_none_is_larger_than_what_the_model_sees(
    width: int, height: int, across: int, down: int, best: int
) -> None:
    across, down = min(across, width), min(down, height)
    size, place = (width + 2 * across, height + 2 * down), Box(across, down, across + width, down + height)
    times = np.zeros(size[::-1], dtype=int)
    for block in _blocks(size, place, best):
        times[block.top : block.bottom, block.left : block.right] += 1
        assert max(block.size) <= min(size)
    assert (times[place.top : place.bottom, place.left : place.right] == 0).all()
    times[place.top : place.bottom, place.left : place.right] = 1
    assert (times == 1).all()


def test_its_progress_goes_on_and_it_stops_when_it_is_told_to() -> None:
    told: list[float] = []

    def watch(after: int) -> Report:
        def report(progress: Progress) -> None:
            told.append(progress.fraction)
            if len(told) == after:
                raise Cancelled

        return report

    models = FakeModels(edits=[RED], best_size=32)
    OUTPAINT.fn(OutpaintArgs(), run_with(models, SRC, report=watch(0)))
    assert told == sorted(told)
    assert len(told) > 3
    with pytest.raises(Cancelled):
        OUTPAINT.fn(OutpaintArgs(), run_with(models, SRC, report=watch(len(told) + 2)))


@pytest.mark.parametrize(
    ("size", "problem"),
    [
        ((1, 1), "The picture is 1 × 1 pixels; to go on from it takes 8 a side"),
        ((50_000, 20), "That would be 75000 × 30 pixels; the longest side may be 8192"),
        ((8000, 7), "to go on from it takes 8 a side"),
        ((5000, 8), r"That would take \d+ drawings; crop the picture, or say a smaller share"),
    ],
)
def test_what_can_not_be_continued_is_said_before_anything_is_drawn(size: tuple[int, int], problem: str) -> None:
    models = FakeModels()
    with pytest.raises(ToolError, match=problem):
        outpaint(models, Image.new("RGB", size))
    assert models.seeds == []
    assert MOST == 64


def test_nothing_of_the_mirror_image_is_left_between_the_blocks() -> None:
    dark = FakeModels(edits=[lambda src, _: Image.new("RGB", src.size, (20, 30, 40))], best_size=16)
    made = np.asarray(outpaint(dark, Image.new("RGB", (60, 40), "white"), share=50).images[0])
    beside = np.ones(made.shape[:2], dtype=bool)
    beside[20 - 4 : 60 + 4, 30 - 4 : 90 + 4] = False
    assert made[beside].max() < 70


@pytest.mark.parametrize(("fills", "more"), [(True, MORE), (False, CONTINUE)])
def test_only_what_was_said_or_the_background_is_drawn_there(fills: bool, more: str) -> None:
    models = Listening(edits=[RED], fills=fills, best_size=32)
    # A call of an earlier version holds the words of the picture.
    outpaint(models, words="a fox")
    assert set(models.told) == {more}
    models.told.clear()
    outpaint(models, prompt="a lake")
    assert set(models.told) == {"a lake"}
