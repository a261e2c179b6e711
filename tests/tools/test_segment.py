import numpy as np
import pytest
from PIL import Image

from pentimento.tools.parts import pieces, whole
from pentimento.tools.segment import SEGMENT, SegmentArgs
from pentimento.tools.types import ToolError, ToolResult
from pentimento.tools.which import Which, said
from tests.fakes_tools import BROWN, FakeModels, picture, run_with

BOXES = {"large": (4, 30, 24, 50), "left": (2, 4, 8, 10), "low": (40, 50, 50, 60), "right": (54, 20, 62, 28)}


def scene() -> Image.Image:
    made = picture(thing=None)
    for box in BOXES.values():
        made.paste(BROWN, box)
    return made


def segment(src: Image.Image, which: Which = Which.ALL, blind: str = "") -> ToolResult:
    return SEGMENT.fn(SegmentArgs(what="nut", which=which), run_with(FakeModels(blind=frozenset({blind})), src))


def box_of(result: ToolResult) -> tuple[int, int, int, int] | None:
    assert result.mask is not None
    return result.mask.getbbox()


@pytest.mark.parametrize(
    ("which", "name"),
    [
        (Which.LARGEST, "large"),
        (Which.SMALLEST, "left"),
        (Which.LEFTMOST, "left"),
        (Which.RIGHTMOST, "right"),
        (Which.TOPMOST, "left"),
        (Which.BOTTOMMOST, "low"),
    ],
)
def test_one_of_several_is_chosen(which: Which, name: str) -> None:
    assert box_of(segment(scene(), which)) == BOXES[name]


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("left nut", "left"),
        ("the right nut", "right"),
        ("biggest nut", "large"),
        ("lower nut", "low"),
        ("middle nut", "low"),
        ("nut on the right", "right"),
        ("nut at the bottom", "low"),
        ("Left-hand nut", "left"),
    ],
)
def test_words_say_which_one_is_meant(what: str, name: str) -> None:
    result = SEGMENT.fn(SegmentArgs(what=what), run_with(FakeModels(), scene()))
    assert box_of(result) == BOXES[name]
    assert result.measures["count"] == 1


def test_the_only_one_is_the_left_one_too() -> None:
    assert box_of(segment_words(picture(), "left nut")) == box_of(segment_words(picture(), "nut"))


def segment_words(src: Image.Image, what: str) -> ToolResult:
    return SEGMENT.fn(SegmentArgs(what=what), run_with(FakeModels(), src))


@pytest.mark.parametrize("what", ["nut", "left", "leftover nut", "all nut", "top hat"])
def test_other_words_are_a_part_of_the_name(what: str) -> None:
    assert said(what) == (Which.ALL, what)


def test_all_of_them_are_marked_and_counted_and_no_picture_is_made() -> None:
    result = segment(scene())
    assert result.images == ()
    assert result.measures["count"] == 4
    assert result.note == "I see 4 regions for “nut”."
    assert box_of(result) == (2, 4, 62, 60)


def test_specks_are_no_things() -> None:
    mask = np.zeros((64, 64), dtype=bool)
    mask[10:20, 10:20] = mask[40, 40] = True
    assert [int(piece.sum()) for piece in pieces(mask)] == [100]
    mask[30:60, 0:20] = mask[0:5, 40:47] = True
    assert [int(piece.sum()) for piece in pieces(mask)] == [600, 100]
    assert int(whole(mask).sum()) == 700


def test_however_small_the_birds_of_a_flock_are_they_are_birds() -> None:
    mask = np.zeros((256, 256), dtype=bool)
    for number in range(10):
        mask[20 * number : 20 * number + 15, 30:47] = True
    mask[100:120, 200:220] = True
    mask[250, 250] = True
    assert int(whole(mask).sum()) == 10 * 255 + 400


def test_where_there_are_only_specks_they_are_what_was_found() -> None:
    mask = np.zeros((64, 64), dtype=bool)
    assert not whole(mask).any()
    mask[3, 4] = mask[40, 40] = True
    assert np.array_equal(whole(mask), mask)


def test_a_thing_that_is_not_there_is_said() -> None:
    with pytest.raises(ToolError, match="I can't find the nut"):
        segment(scene(), blind="nut")
