"""The shipped picture and mask models on unseen scenes: beside them the drawn truth, doing nothing and untrained weights."""

from collections.abc import Mapping

from pentimento.bench import drawings, masks
from pentimento.bench.judge import load_judge
from pentimento.bench.untrained import untrained_parts, untrained_segmenter
from pentimento.tools import clipseg, sd
from pentimento.tools.profile import load_profile

PROMPTS = 300
PAIRS = 60
"""Edits of each kind."""
UNTRAINED = 60
"""Prompts, and a fifth as many edits of each kind, on which untrained weights are measured."""
MASKED = 200


def image_rows() -> dict[str, object]:
    folder, judge = load_profile("starter").path("image"), load_judge()
    return _named(
        {
            "trained": drawings.rows(sd.load(folder), judge, PROMPTS, PAIRS),
            **drawings.baselines(judge, PROMPTS, PAIRS),
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
