import random

import numpy as np
import pytest
from PIL import Image

from pentimento.bench import drawings
from pentimento.bench.judge import Judge, load_judge
from pentimento.starter.world.drawing import draw

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge()


def test_the_drawn_truth_is_right_and_noise_is_not(judge: Judge) -> None:
    wanted = drawings.asked(12)
    true = drawings.generate_rates(lambda *_: [Image.fromarray(draw(one.scene)) for one in wanted], judge, wanted)
    assert true["all"].successes >= 11
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    false = drawings.generate_rates(lambda words, _: [Image.fromarray(noise)] * len(words), judge, wanted)
    assert false["all"].successes == 0


@pytest.mark.parametrize("kind", ["recolor", "remove", "place", "resize"])
def test_an_edit_that_was_made_succeeds_and_doing_nothing_does_not(judge: Judge, kind: str) -> None:
    edits = drawings.unseen_edits(kind, 8)
    assert drawings.edit_rate(drawings.truth(edits), edits, judge).successes >= 7
    assert drawings.edit_rate(drawings.nothing(edits), edits, judge).successes <= 1


def test_a_hole_that_stays_gray_is_no_success(judge: Judge) -> None:
    edits = drawings.unseen_edits("add", 8)
    assert drawings.edit_rate(drawings.truth(edits), edits, judge, drawings.filled_facts).successes >= 7
    assert drawings.edit_rate(drawings.holes(edits), edits, judge, drawings.filled_facts).successes <= 1


def test_prompts_and_pairs_are_the_same_every_time_and_square() -> None:
    assert drawings.asked(5) == drawings.asked(5)
    assert all(edit.before.size == (128, 128) for edit in drawings.unseen_edits("move", 5))
    assert drawings.unseen_edits("move", 5) == drawings.unseen_edits("move", 5)


def test_the_same_picture_again_and_again_is_not_diverse() -> None:
    picture = Image.fromarray(draw(drawings.asked(1)[0].scene))
    other = Image.effect_noise((128, 128), random.Random(0).uniform(50, 90)).convert("RGB")
    assert drawings.diversity([picture] * 3) == 0
    assert drawings.diversity([picture, other]) > 20
