import random

import numpy as np
import pytest
from PIL import Image

from pentimento.bench import drawings, starter_models
from pentimento.bench.judge import load_judge
from pentimento.bench.untrained import untrained_describer, untrained_enlarger
from pentimento.starter.enlarger import enlarged
from pentimento.starter.pairs import FACTOR, stretched
from pentimento.starter.train_describe import described_scene
from pentimento.starter.world.captions import plain_caption
from pentimento.starter.world.drawing import draw
from pentimento.tools import blip
from pentimento.tools.profile import load_profile

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SCENES = [described_scene(random.Random(f"rows {index}")) for index in range(4)]


def test_facts_right_are_a_mean_with_its_interval_and_all_right_a_share() -> None:
    captions = [plain_caption(scene) for scene in SCENES]
    row = starter_models.captions_row([*captions[:3], ""], SCENES)
    assert row["facts right"].startswith("75.0 % (")
    assert row["facts right"].endswith(", n=4)")
    assert row["all right"].startswith("75 % (")


def test_what_nobody_has_taught_describes_nothing() -> None:
    untrained = untrained_describer(blip.load(load_profile("starter").path("describe")))
    captions = [untrained.describe(Image.fromarray(draw(scene))) for scene in SCENES[:2]]
    assert starter_models.captions_row(captions, SCENES[:2])["all right"].startswith("0 %")


def test_an_enlarger_that_nobody_has_taught_is_about_the_usual_filter() -> None:
    small = draw(drawings.asked(1)[0].scene)
    made, usual = enlarged(untrained_enlarger(), small), stretched(small)
    assert made.shape == (128 * FACTOR, 128 * FACTOR, 3)
    assert np.abs(made.astype(int) - usual).mean() < 8


def test_a_gain_is_measured_picture_by_picture() -> None:
    assert starter_models.gain([31.5, 21.5, 41.5], [30.0, 20.0, 40.0, 50.0]) == "1.50 dB (1.50 to 1.50, n=3)"


def test_scenes_drawn_large_are_judged_right() -> None:
    wanted = drawings.asked(3)
    large = [draw(one.scene, FACTOR) for one in wanted[:2]]
    assert starter_models.judged(large, wanted, load_judge()).startswith("100 % (")
