"""The shipped pixel models on unseen scenes: beside them the drawn truth, doing nothing and untrained weights."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from pentimento.bench import drawings, masks, unguarded
from pentimento.bench.judge import Judge, load_judge
from pentimento.bench.mean import Mean
from pentimento.bench.pixels import Pixels, psnr, quiet
from pentimento.bench.scoring import Rate
from pentimento.bench.untrained import untrained_describer, untrained_enlarger, untrained_parts, untrained_segmenter
from pentimento.starter.pairs import FACTOR, stretched
from pentimento.starter.world.captions import plain_caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import Scene
from pentimento.tools import blip, clipseg, sd
from pentimento.tools.engine import LoadedModels
from pentimento.tools.profile import load_profile


@dataclass(frozen=True)
class Counts:
    """On how many a picture model is measured."""

    prompts: int
    """For square pictures."""
    oblong: int
    """Prompts for wide and tall ones."""
    repeated: int
    """Prompts of which several pictures are compared with each other."""
    pairs: int
    """Edits of each kind."""


PAIRS = 32
"""Edits of each kind."""
MANY = 200
"""With which a share is known to seven points."""
MASKED = 200
DESCRIBED = 200
ENLARGED = 20
UNTRAINED = 20
"""Prompts, questions and captions on which untrained weights are measured: what they miss is no close matter."""
FEW = UNTRAINED // 5
"""Edits of each kind, oblong and enlarged pictures of untrained weights."""


def image_rows(pairs: int) -> dict[str, object]:
    folder, judge = load_profile("starter").path("image"), load_judge()
    counts = Counts(prompts=300, oblong=32, repeated=5, pairs=pairs)
    fewer = Counts(prompts=UNTRAINED, oblong=FEW, repeated=2, pairs=FEW)
    return _named(
        {
            "trained": model_rows(sd.load(folder), judge, counts),
            "drawn truth": true_rows(judge, counts),
            "doing nothing": unguarded.rows(unguarded.nothing, unguarded.holes, judge, pairs),
            "untrained": model_rows(sd.of_parts(untrained_parts(folder)), judge, fewer),
        }
    )


def model_rows(model: sd.StableDiffusion, judge: Judge, counts: Counts) -> dict[str, str]:
    drawn, edited, filled = drawings.drawn_by(model), unguarded.edited_by(model), unguarded.filled_by(model)
    return {
        **drawings.generate_rows(drawn, judge, counts.prompts, counts.oblong),
        **unguarded.rows(edited, filled, judge, counts.pairs),
        "diversity": drawings.diversity_row(drawn, counts.repeated),
    }


def true_rows(judge: Judge, counts: Counts) -> dict[str, str]:
    """What the judge says of what the world draws; how near that is to itself is not worth a word."""
    true = unguarded.truth
    return {
        **drawings.generate_rows(drawings.truth, judge, counts.prompts, counts.oblong),
        **unguarded.rows(true, true, judge, counts.pairs, unguarded.edit_rate),
        "diversity": drawings.diversity_row(drawings.truth_anew, counts.repeated),
    }


def segment_rows() -> dict[str, object]:
    trained = clipseg.load(load_profile("starter").path("segment"))
    untrained = untrained_segmenter(trained)
    return _named(
        {
            "trained": masks.measure(lambda picture, what: clipseg.segment(trained, picture, what), MASKED),
            "untrained": masks.measure(lambda picture, what: clipseg.segment(untrained, picture, what), UNTRAINED),
            "a box in the middle": masks.measure(masks.middle_box, MASKED),
        }
    )


def _named(found: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    return {f"{row}, {whose}": value for whose, rows in found.items() for row, value in rows.items()}


def describe_rows() -> dict[str, object]:
    """Shares of facts that captions say right, and of captions that are right as a whole; what is invented counts as wrong."""
    from pentimento.starter.train_describe import described_scene

    trained = blip.load(load_profile("starter").path("describe"))
    untrained = untrained_describer(trained)
    scenes = [described_scene(random.Random(f"bench describe {index}")) for index in range(DESCRIBED)]
    pictures = [Image.fromarray(draw(scene)) for scene in scenes]
    captions = {
        "trained": [trained.describe(picture) for picture in pictures],
        "another scene's": [plain_caption(scene) for scene in [*scenes[1:], scenes[0]]],
        "untrained": [untrained.describe(picture) for picture in pictures[:UNTRAINED]],
    }
    return _named({whose: captions_row(told, scenes[: len(told)]) for whose, told in captions.items()})


def captions_row(captions: Sequence[str], scenes: Sequence[Scene]) -> dict[str, str]:
    from pentimento.starter.train_describe import right

    shares = [right(told, plain_caption(scene)) for told, scene in zip(captions, scenes, strict=True)]
    whole = Rate(shares.count(1.0), len(shares))
    return {"facts right": str(Mean([100 * share for share in shares], " %")), "all right": str(whole)}


def upscale_rows() -> dict[str, object]:
    """PSNR to the scene drawn four times as large, and what the judge sees in it reduced again, beside the usual filter's."""
    from pentimento.starter.enlarger import enlarged

    models, untrained, judge = LoadedModels(load_profile("starter")), untrained_enlarger(), load_judge()
    wanted = drawings.asked(ENLARGED)
    small, truths = [draw(one.scene) for one in wanted], [draw(one.scene, FACTOR) for one in wanted]
    large = {
        "trained": [np.asarray(models.enlarge(Image.fromarray(one), FACTOR, "", 0, quiet)) for one in small],
        "Lanczos": [stretched(one) for one in small],
        "untrained": [enlarged(untrained, one) for one in small[:FEW]],
    }
    near = {whose: list(map(psnr, made, truths)) for whose, made in large.items()}
    table = {whose: {"PSNR": str(Mean(found, " dB", 2))} for whose, found in near.items()}
    for whose in ("trained", "untrained"):
        table[whose]["above Lanczos"] = gain(near[whose], near["Lanczos"])
    right = {
        whose: {"judged right": judged(made, wanted, judge)} for whose, made in {**large, "drawn truth": truths}.items()
    }
    return _named(table) | _named(right)


def gain(near: Sequence[float], usual: Sequence[float]) -> str:
    """Picture by picture: scenes differ more among themselves than two ways to enlarge one do."""
    return str(Mean([one - other for one, other in zip(near, usual, strict=False)], " dB", 2))


def judged(pictures: Sequence[Pixels], wanted: Sequence[drawings.Asked], judge: Judge) -> str:
    """Of the first of the scenes, as many as there are pictures."""
    seen = [judge.facts(Image.fromarray(picture).reduce(FACTOR)) for picture in pictures]
    return str(Rate(sum(one.shown_in(found) for one, found in zip(wanted, seen, strict=False)), len(seen)))
