import numpy as np
import pytest
import torch
from PIL import Image

from pentimento.bench import drawings
from pentimento.bench.judge import Judge, load_judge
from pentimento.tools.sd import StableDiffusion

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge()


def test_the_drawn_truth_is_right_and_noise_is_not(judge: Judge) -> None:
    wanted = drawings.asked(12)
    true = drawings.generate_rates(drawings.truth, judge, wanted)
    assert true["all"].successes >= 11
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    false = drawings.generate_rates(lambda asked, _: [Image.fromarray(noise)] * len(asked), judge, wanted)
    assert false["all"].successes == 0


def test_two_things_stand_apart_from_one_and_from_several_whatever_joins_them(judge: Judge) -> None:
    wanted = drawings.asked(40)
    rates = drawings.generate_rates(drawings.truth, judge, wanted)
    two = [one for one in wanted if len(list(one.scene.things())) == 2]
    assert rates["all, two things"].count == len(two)
    assert {len(one.scene.groups) for one in two} == {1, 2}


def test_wide_and_tall_pictures_are_asked_for_and_judged(judge: Judge) -> None:
    wanted = drawings.asked(12, drawings.OBLONG)
    assert {one.scene.size for one in wanted} == {(160, 96), (96, 160)}
    assert not {one.words for one in wanted} & {one.words for one in drawings.asked(12)}
    assert drawings.generate_rates(drawings.truth, judge, wanted)["all"].successes >= 11
    assert drawings.generate_rows(drawings.truth, judge, 4, 6)["generate: all, wide or tall"].endswith("n=6)")


class Blank:
    """In place of a picture model: black pictures of the size that is asked for, the seed as their red."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(
        self, words: list[str], *, height: int, width: int, generator: list[torch.Generator], **_: float
    ) -> "Blank":
        self.batches.append(len(words))
        self.images = [Image.new("RGB", (width, height), (source.initial_seed(), 0, 0)) for source in generator]
        return self


def test_each_picture_has_its_scene_s_size_and_its_own_seed_whatever_batch_it_was_in() -> None:
    blank = Blank()
    wanted = drawings.asked(40, (*drawings.SQUARE, *drawings.OBLONG))
    drawn = drawings.drawn_by(StableDiffusion(blank, None, None))(wanted, range(100, 140))
    assert [picture.size for picture in drawn] == [one.scene.size for one in wanted]
    assert [picture.getpixel((0, 0)) for picture in drawn] == [(seed, 0, 0) for seed in range(100, 140)]
    assert max(blank.batches) == drawings.BATCH


def test_prompts_are_the_same_every_time_and_square() -> None:
    assert drawings.asked(5) == drawings.asked(5)
    assert all(one.scene.size == (128, 128) for one in drawings.asked(5))
