import numpy as np
import pytest
from PIL import Image

from pentimento.tools.types import Report, ToolError, ToolResult, Unable
from pentimento.tools.variations import SAME, VARIATIONS, VariationsArgs
from tests.fakes_tools import FakeModels, do_nothing, picture, run_with

SRC = picture(60, 40)


class Listening(FakeModels):
    """Keeps what it was told, and may be without a model that edits."""

    def edit(
        self,
        src: Image.Image,
        instruction: str,
        seed: int,
        steps: int,
        guidance: float,
        image_guidance: float,
        report: Report,
        refs: object = (),
    ) -> Image.Image:
        self.asked.append(instruction)
        if not self.fills:
            raise Unable("It can't edit.")
        return super().edit(src, instruction, seed, steps, guidance, image_guidance, report)


def vary(models: FakeModels, strength: str = "subtle", prompt: str = "a fox", seed: int = 7) -> ToolResult:
    args = VariationsArgs.model_validate({"strength": strength, "prompt": prompt})
    return VARIATIONS.fn(args, run_with(models, SRC, seed))


def test_a_subtle_one_is_the_picture_redrawn_by_the_model_that_edits() -> None:
    models = Listening()
    first, other = vary(models), vary(models, seed=8)
    # Its words would undo what was done to it since it was drawn.
    assert models.asked == [SAME, SAME]
    VARIATIONS.fn(VariationsArgs(prompt="a fox", words="a fox"), run_with(models, SRC))
    assert models.asked[2:] == ["a fox"]
    assert first.images[0].size == SRC.size
    assert not np.array_equal(np.asarray(first.images[0]), np.asarray(other.images[0]))
    assert 0 < float(first.measures["structure"]) < 1


def test_a_strong_one_is_drawn_anew_from_the_words_and_that_is_said() -> None:
    models = Listening()
    result = vary(models, "strong")
    assert models.asked == []
    assert result.note == "Drawn anew from “a fox”; the picture itself was not looked at."
    assert vary(Listening(wide=(96, 64)), "strong").images[0].size == (96, 64)


def test_without_the_words_a_strong_one_is_edited_and_that_is_said() -> None:
    models = Listening()
    result = vary(models, "strong", prompt="")
    assert models.asked == [SAME]
    assert result.note == "Its words are not known, so the model that edits varied it."


def test_without_a_model_that_edits_it_is_drawn_anew_or_refused_in_a_sentence() -> None:
    anew = vary(Listening(fills=False))
    assert anew.note.startswith("Drawn anew from “a fox”")
    assert anew.measures["drawn_anew"] is True
    with pytest.raises(ToolError, match=r"^This picture was not drawn from words that I know, .* say prompt=WORDS\.$"):
        vary(Listening(fills=False), prompt="")


def test_one_that_came_out_the_same_is_said_to_be() -> None:
    small = FakeModels(edits=[do_nothing], best_size=60)
    result = VARIATIONS.fn(VariationsArgs(prompt="a fox"), run_with(small, picture(60, 60)))
    assert result.note == "It came out the same; say strength=strong."
