import pytest
from PIL import Image

from pentimento.tools.color import NAMED
from pentimento.tools.generate import GENERATE, GenerateArgs
from pentimento.tools.types import Cancelled, Progress, ToolResult
from tests.fakes_tools import FakeModels, picture, run_with

EMPTY, HALF, WHOLE = picture(thing=None), picture(thing=NAMED["blue"]), picture(thing=NAMED["red"])


def generate(models: FakeModels, prompt: str = "a squirrel", seed: int = 7) -> ToolResult:
    return GENERATE.fn(GenerateArgs(prompt=prompt), run_with(models, seed=seed))


def test_a_picture_that_shows_what_was_asked_for_is_drawn_once() -> None:
    models = FakeModels(generated=[WHOLE])
    result = generate(models)
    assert result.images == (WHOLE,)
    assert result.mask is None
    assert result.note == ""
    assert models.seeds == [7]
    assert result.measures == {"passed": True, "things_found": 1, "things_asked": 1, "attempts": 1}


def test_a_picture_that_lacks_something_is_drawn_once_more() -> None:
    models = FakeModels(generated=[EMPTY, WHOLE])
    result = generate(models, seed=2**32 - 1)
    assert result.images == (WHOLE,)
    assert models.seeds == [2**32 - 1, 0]
    assert result.measures["attempts"] == 2
    assert result.measures["passed"] is True


@pytest.mark.parametrize("order", [[EMPTY, HALF], [HALF, EMPTY]])
def test_of_two_failed_pictures_the_better_one_is_kept_and_said_to_be_failed(order: list[Image.Image]) -> None:
    class Colored(FakeModels):
        def known_things(self, words: str) -> list[str]:
            return ["red squirrel"]

    result = generate(Colored(generated=order), "a red squirrel")
    assert result.images == (HALF,)
    assert result.note == "I can't make out the red squirrel in it."
    assert result.measures["passed"] is False


def test_a_cancellation_comes_through() -> None:
    def stop(_: Progress) -> None:
        raise Cancelled

    models = FakeModels()
    with pytest.raises(Cancelled):
        GENERATE.fn(GenerateArgs(prompt="a squirrel"), run_with(models, report=stop))
    assert len(models.seeds) == 1


def test_a_new_picture_needs_no_source() -> None:
    assert GENERATE.roles == ()


def test_what_is_avoided_is_told_to_the_model_and_must_not_be_seen() -> None:
    models = FakeModels()
    args = GenerateArgs(prompt="a squirrel", avoid="nuts, a fox and rain")
    result = GENERATE.fn(args, run_with(models))
    assert models.avoided == ["nuts, a fox and rain"] * 2
    assert {"squirrel", "nut", "fox"} <= set(models.asked)
    assert result.measures["passed"] is False
    blind = FakeModels(blind=frozenset({"nut", "fox"}))
    assert GENERATE.fn(args, run_with(blind)).measures["passed"] is True


def test_a_model_that_can_not_be_told_what_to_avoid_says_so() -> None:
    models = FakeModels(
        generated=[WHOLE], cannot="It can't be told what to avoid; describe what should be there instead."
    )
    told = GENERATE.fn(GenerateArgs(prompt="a squirrel", avoid="rain"), run_with(models))
    assert told.note == "It can't be told what to avoid; describe what should be there instead."
    assert told.measures["passed"] is True
    assert generate(models).note == ""
