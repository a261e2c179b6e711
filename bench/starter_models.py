"""The shipped picture and mask models on unseen scenes: beside them the drawn truth, doing nothing and untrained weights."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from pentimento.bench import drawings, masks
from pentimento.bench.judge import Judge, load_judge
from pentimento.bench.pixels import psnr, quiet
from pentimento.bench.scoring import Rate
from pentimento.bench.untrained import untrained_parts, untrained_segmenter
from pentimento.starter.pairs import FACTOR, stretched
from pentimento.starter.world.captions import plain_caption
from pentimento.starter.world.drawing import draw
from pentimento.tools import clipseg, sd
from pentimento.tools.engine import load_engine
from pentimento.tools.profile import load_profile

PROMPTS = 300
PAIRS = 32
"""Edits of each kind."""
MANY = 200
"""With which a share is known to seven points."""
UNTRAINED = 25
"""Prompts, and a fifth as many edits of each kind, on which untrained weights are measured."""
MASKED = 200
DESCRIBED = 200
ENLARGED = 20


def image_rows(pairs: int) -> dict[str, object]:
    folder, judge = load_profile("starter").path("image"), load_judge()
    return _named(
        {
            "trained": drawings.rows(sd.load(folder), judge, PROMPTS, pairs),
            **drawings.baselines(judge, PROMPTS, pairs),
            "untrained": drawings.rows(sd.of_parts(untrained_parts(folder)), judge, UNTRAINED, UNTRAINED // 5),
        }
    )


def segment_rows() -> dict[str, object]:
    trained = clipseg.load(load_profile("starter").path("segment"))
    untrained = untrained_segmenter(trained)
    return _named(
        {
            "trained": masks.measure(lambda picture, what: clipseg.segment(trained, picture, what), MASKED),
            "untrained": masks.measure(lambda picture, what: clipseg.segment(untrained, picture, what), MASKED),
            "a box in the middle": masks.measure(masks.middle_box, MASKED),
        }
    )


def _named(found: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    return {f"{row}, {whose}": value for whose, rows in found.items() for row, value in rows.items()}


def describe_rows() -> dict[str, object]:
    """Shares of facts that captions say right, and of captions that are right as a whole; what is invented counts as wrong."""
    from pentimento.starter.train_describe import described_scene, right

    models = load_engine("starter").models
    scenes = [described_scene(random.Random(f"bench describe {index}")) for index in range(DESCRIBED)]
    captions_of = {
        "trained": [models.describe(Image.fromarray(draw(scene))) for scene in scenes],
        "another scene's": [plain_caption(scene) for scene in [*scenes[1:], scenes[0]]],
    }
    truths = [plain_caption(scene) for scene in scenes]
    shares = {
        whose: [right(caption, truth) for caption, truth in zip(captions, truths, strict=True)]
        for whose, captions in captions_of.items()
    }
    return _named(
        {
            whose: {"facts right": f"{np.mean(found):.1%}", "all right": str(Rate(found.count(1.0), len(found)))}
            for whose, found in shares.items()
        }
    )


def upscale_rows() -> dict[str, object]:
    """PSNR to the scene drawn four times as large, and what the judge sees in it reduced again, beside the usual filter's."""
    models, judge = load_engine("starter").models, load_judge()
    wanted = drawings.asked(ENLARGED)
    small = [Image.fromarray(draw(one.scene)) for one in wanted]
    large = {
        "trained": [models.enlarge(picture, FACTOR, "", 0, quiet) for picture in small],
        "Lanczos": [Image.fromarray(stretched(np.asarray(picture))) for picture in small],
        "drawn truth": [Image.fromarray(draw(one.scene, FACTOR)) for one in wanted],
    }
    return _named({whose: _enlarged_row(pictures, wanted, judge) for whose, pictures in large.items()})


def _enlarged_row(pictures: Sequence[Image.Image], wanted: Sequence[drawings.Asked], judge: Judge) -> dict[str, str]:
    pairs = list(zip(pictures, wanted, strict=True))
    near = [psnr(np.asarray(picture), draw(one.scene, FACTOR)) for picture, one in pairs]
    seen = [(judge.facts(picture.reduce(FACTOR)), one) for picture, one in pairs]
    good = sum(one.shown_in(found) for found, one in seen)
    return {"dB": str(round(float(np.mean(near)), 2)), "judged right": str(Rate(good, len(pairs)))}
