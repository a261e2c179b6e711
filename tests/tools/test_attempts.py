"""Which of two attempts is kept where a model tells how well they agree with the words."""

import pytest
from PIL import Image

from pentimento.tools.color import NAMED
from pentimento.tools.edit import EDIT, EditArgs
from pentimento.tools.generate import GENERATE, GenerateArgs
from pentimento.tools.inpaint import INPAINT, InpaintArgs
from pentimento.tools.types import Run, ToolResult
from tests.fakes_tools import FakeModels, do_nothing, paint_everything, picture, run_with

EMPTY, BLUE, RED = picture(thing=None), picture(thing=NAMED["blue"]), picture(thing=NAMED["red"])


def redness(image: Image.Image) -> float:
    red, _, blue = image.resize((3, 3)).getpixel((1, 1))  # type: ignore[misc]
    return (red - blue) / 255


def generate(models: FakeModels) -> ToolResult:
    return GENERATE.fn(GenerateArgs(prompt="a squirrel"), run_with(models))


@pytest.mark.parametrize("order", [[RED, BLUE], [BLUE, RED]])
def test_where_the_checks_find_no_difference_the_one_that_agrees_more_is_kept(order: list[Image.Image]) -> None:
    unseen = frozenset({"squirrel"})
    result = generate(FakeModels(generated=order, blind=unseen, agrees=redness))
    assert result.images == (RED,)
    assert result.measures["agreement"] == round(redness(RED), 4)
    (other,) = result.others
    assert other.result.measures["agreement"] == round(redness(BLUE), 4)
    assert generate(FakeModels(generated=order, blind=unseen)).images == (order[0],)


def test_what_was_looked_for_outweighs_how_well_it_agrees() -> None:
    models = FakeModels(generated=[EMPTY, BLUE], agrees=lambda image: -redness(image) if image == BLUE else 1.0)
    assert generate(models).images == (BLUE,)


def test_of_a_change_it_is_measured_before_and_after() -> None:
    mask = Image.new("L", BLUE.size)
    mask.paste(255, (20, 20, 44, 44))
    models = FakeModels(edits=[paint_everything(NAMED["red"])], agrees=redness)
    run = Run({"src": BLUE, "mask": mask}, 7, models, lambda _: None)
    edited = EDIT.fn(EditArgs(instruction="make the squirrel red", target="squirrel"), run)
    filled = INPAINT.fn(InpaintArgs(prompt="a red fox"), run)
    for result in (edited, filled):
        assert result.measures["agreement_before"] == round(redness(BLUE), 4)
        assert result.measures["agreement"] == round(redness(result.images[0]), 4) > 0


def test_without_a_model_that_tells_nothing_is_measured() -> None:
    result = EDIT.fn(
        EditArgs(instruction="make the squirrel red", target="squirrel"), run_with(FakeModels(edits=[do_nothing]), BLUE)
    )
    assert not [name for name in result.measures if name.startswith("agreement")]


def test_the_model_hears_the_rewritten_words_and_the_check_asks_for_the_planned_ones() -> None:
    args = {"instruction": "make the squirrel red", "target": "squirrel", "attempts": 1}
    told = EditArgs.model_validate({**args, "rewritten": "Make the squirrel blue." + " Keep all." * 40})
    result = EDIT.fn(told, run_with(FakeModels(), BLUE))
    assert result.measures["passed"] is False
    assert str(result.measures["unread"]).endswith("Keep all.")
    assert EDIT.fn(EditArgs.model_validate(args), run_with(FakeModels(), BLUE)).measures["passed"] is True


def test_words_that_the_picture_model_never_learned_are_told() -> None:
    models = FakeModels(unfamiliar=frozenset({"shiny", "teal"}))
    result = EDIT.fn(EditArgs(instruction="make the squirrel shiny teal", target="squirrel"), run_with(models, BLUE))
    assert result.note.endswith("The picture model does not know “shiny”, “teal”.")
    assert result.measures["unknown"] == "shiny, teal"
