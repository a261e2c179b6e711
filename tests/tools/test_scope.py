from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from pentimento.agent.plan_language import step_schema
from pentimento.tools.check import asks_to_add
from pentimento.tools.color import NAMED
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.scope import asks_for_another_place
from pentimento.tools.types import ToolError, ToolResult
from tests.fakes_tools import BROWN, Drawing, FakeModels, do_nothing, paint_everything, picture, run_with

BEACH = {"instruction": "put it on a beach", "scope": "picture"}
ADD = {"instruction": "add a nut", "target": "nut"}


def edit(models: FakeModels, src: Image.Image, **arguments: object) -> ToolResult:
    return EDIT.fn(EditArgs.model_validate(arguments), run_with(models, src))


def adding(box: tuple[int, int, int, int], grain: int = 3) -> Drawing:
    """An editor that adds a thing, and leaves its grain everywhere."""

    def draw(src: Image.Image, seed: int) -> Image.Image:
        noise = np.random.default_rng(seed).integers(-grain, grain + 1, (src.height, src.width, 1))
        made = Image.fromarray(np.clip(np.asarray(src).astype(int) + noise, 0, 255).astype(np.uint8))
        made.paste(NAMED["red"], box)
        return made

    return draw


def same_outside(src: Image.Image, result: ToolResult) -> bool:
    assert result.mask is not None
    outside = np.asarray(result.mask) == 0
    return bool(np.array_equal(np.asarray(src)[outside], np.asarray(result.images[0])[outside]))


def test_the_planner_is_told_of_the_scopes_that_it_was_taught() -> None:
    properties = step_schema("edit")["properties"]
    assert isinstance(properties, dict)
    scope = properties["scope"]
    assert isinstance(scope, dict)
    assert scope["enum"] == ["object", "left", "right", "picture"]


@pytest.mark.parametrize(
    "said",
    [
        *(
            "add a nut",
            "please add some snow",
            "put a hat on the squirrel",
            "give the squirrel a hat",
            "insert an apple",
        ),
        *("let the fox wear a scarf", "draw another balloon", "make the squirrel wear a hat"),
    ],
)
def test_what_asks_for_something_new(said: str) -> None:
    assert asks_to_add(said)


@pytest.mark.parametrize(
    "said",
    ["make the nut red", "put it in a forest", "remove the hat", "give the house a red color", "move the fox left"],
)
def test_what_asks_for_nothing_new(said: str) -> None:
    assert not asks_to_add(said)


@pytest.mark.parametrize(
    ("said", "elsewhere"),
    [
        *(("put it on a beach", True), ("move the fox to a forest", True), ("change the background to a city", True)),
        *(("put them in the snow", True), ("put the cat and the dog in a room", True)),
        *(("put it at night", False), ("put it in the rain", False), ("make it sunset", False)),
        *(("put it on the left", False), ("in the style of a woodcut", False)),
    ],
)
def test_what_asks_for_another_place_and_what_changes_the_light_too(said: str, *, elsewhere: bool) -> None:
    assert asks_for_another_place(said) is elsewhere


def test_in_another_place_the_things_keep_their_pixels() -> None:
    src = picture(300, 200)
    result = edit(FakeModels(), src, **BEACH)
    assert same_outside(src, result)
    assert result.measures["scope"] == "background"
    assert result.measures["changed_outside"] == 0
    assert result.measures["outside"] == 100 * 67
    assert result.images[0].getpixel((150, 100)) == BROWN


def test_where_the_new_place_is_named_in_place_of_what_stays_all_known_things_stay() -> None:
    src = picture(300, 200)
    models = FakeModels(blind=frozenset({"beach"}))
    result = edit(models, src, **BEACH, target="beach")
    assert same_outside(src, result)
    assert result.measures["scope"] == "background"
    assert models.asked[:2] == ["beach", "squirrel"]


def test_what_stays_may_be_named_and_then_nothing_else_is_looked_for() -> None:
    models = FakeModels()
    edit(models, picture(), instruction="make it a beach", target="squirrel", scope="background")
    assert models.asked == ["squirrel"]


def test_where_there_is_no_thing_the_whole_picture_moves() -> None:
    result = edit(FakeModels(), picture(thing=None), **BEACH)
    assert result.mask is None
    assert "scope" not in result.measures


@pytest.mark.parametrize(
    ("target", "sentence"), [("fox", "I can't find the fox"), ("", "I can't find a thing that could stay")]
)
def test_a_background_needs_something_in_front_of_it(target: str, sentence: str) -> None:
    models = FakeModels(blind=frozenset({"fox", "squirrel", "nut"}))
    with pytest.raises(ToolError, match=sentence):
        edit(models, picture(), instruction="make it a beach", target=target, scope="background")
    assert models.seeds == []


@pytest.mark.parametrize("size", [(64, 64), (96, 64)])
def test_something_new_is_accepted_where_it_came_out_and_nowhere_else(size: tuple[int, int]) -> None:
    src = picture(*size, thing=None)
    result = edit(FakeModels(edits=[adding((40, 40, 54, 54))]), src, **ADD)
    assert same_outside(src, result)
    assert result.mask is not None
    assert result.measures["scope"] == "found"
    assert result.measures["passed"] is True
    left, top, right, bottom = result.mask.getbbox() or (0, 0, 0, 0)
    assert (right - left) * (bottom - top) < 0.35 * src.width * src.height
    assert result.images[0].getpixel((47 * size[0] // 64, 47)) == NAMED["red"]


def test_of_several_changes_that_of_the_thing_is_taken() -> None:
    def draw(src: Image.Image, seed: int) -> Image.Image:
        made = adding((44, 44, 56, 56))(src, seed)
        made.paste((250, 250, 250), (0, 0, 26, 26))
        return made

    src = picture(thing=None)
    result = edit(FakeModels(edits=[draw]), src, **ADD)
    assert result.mask is not None
    assert result.mask.getpixel((50, 50)) == 255
    assert result.mask.getpixel((10, 10)) == 0
    assert same_outside(src, result)


@pytest.mark.parametrize("instruction", ["add a nut beside the squirrel", "put a nut on the squirrel"])
def test_beside_a_thing_the_place_is_known_before(instruction: str) -> None:
    results = [
        edit(FakeModels(edits=[draw]), picture(), instruction=instruction, target="nut")
        for draw in (do_nothing, paint_everything(NAMED["red"]))
    ]
    one, other = (np.asarray(result.mask) for result in results)
    assert np.array_equal(one, other)
    assert all("scope" not in result.measures for result in results)


def test_a_drawing_that_adds_nothing_is_said_to_have_changed_nothing() -> None:
    src = picture()
    result = edit(FakeModels(edits=[do_nothing], blind=frozenset({"nut"})), src, **ADD)
    assert result.note == "Nothing visible changed."
    assert np.array_equal(np.asarray(src), np.asarray(result.images[0]))


def test_a_drawing_that_changes_far_more_than_it_adds_is_tried_again_and_told() -> None:
    def everything(src: Image.Image, seed: int) -> Image.Image:
        return Image.new("RGB", src.size, NAMED["red"])

    result = edit(FakeModels(edits=[everything]), picture(), **ADD)
    assert result.measures["attempts"] == 2
    assert result.note == "It changed 100% of the picture."


def grid(places: Sequence[tuple[int, int]]) -> Image.Image:
    board = picture(thing=None)
    for place in places:
        board.paste(BROWN, (*place, place[0] + 12, place[1] + 12))
    return board


def test_all_things_stay_in_another_place() -> None:
    src = grid([(4, 4), (40, 4), (4, 40), (40, 40)])
    result = edit(FakeModels(), src, **BEACH)
    assert result.measures["outside"] == 4 * 12 * 12
    assert same_outside(src, result)


def test_of_a_region_only_what_the_drawing_changed_is_taken() -> None:
    def draw(src: Image.Image, seed: int) -> Image.Image:
        return adding((48, 30, 58, 40), grain=2)(src, seed)

    src = picture(thing=None)
    result = edit(FakeModels(edits=[draw]), src, instruction="add a nut on the right", target="nut", scope="right")
    unlike = (np.asarray(src) != np.asarray(result.images[0])).any(axis=2)
    assert result.mask is not None
    assert (np.asarray(result.mask) > 0).sum() == 64 * 36
    assert unlike[30:40, 48:58].all()
    assert unlike.sum() < 20 * 20
