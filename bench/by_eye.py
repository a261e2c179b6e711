"""Does the judge agree with a person? A hundred pictures that the picture model drew, labelled by eye whether all that was said is there.

`eye/samples.webp` has them in rows of ten, prompts 300 to 399 of the benchmark with these seeds, nothing selected; the labels were
written before the judge saw them.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from pentimento.bench.drawings import SIDE, Asked, asked
from pentimento.bench.judge import Judge
from pentimento.bench.scoring import Rate

FOLDER = Path(__file__).parent / "eye"
FIRST, COUNT, ROW = 300, 100, 10


def labelled() -> Iterator[tuple[Image.Image, Asked, bool]]:
    """Picture, what was asked for, and whether the picture shows what was said."""
    sheet = Image.open(FOLDER / "samples.webp").convert("RGB")
    labels = json.loads((FOLDER / "labels.json").read_text(encoding="utf-8"))
    for index, (one, label) in enumerate(zip(asked(FIRST + COUNT)[FIRST:], labels, strict=True)):
        if one.words != label["words"]:
            raise ValueError(f"{FOLDER} is of other scenes; draw and label them again.")
        left, top = index % ROW * SIDE, index // ROW * SIDE
        yield sheet.crop((left, top, left + SIDE, top + SIDE)), one, label["right"]


def agreement(judge: Judge) -> dict[str, Rate]:
    """How often the judge says the same, and of what is right and what is wrong by eye how much it accepts."""
    found = [(one.shown_in(judge.facts(picture)), right) for picture, one, right in labelled()]
    good = [accepted for accepted, right in found if right]
    bad = [accepted for accepted, right in found if not right]
    return {
        "by eye: the same verdict": Rate(sum(accepted == right for accepted, right in found), len(found)),
        "by eye: right accepted": Rate(sum(good), len(good)),
        "by eye: wrong accepted": Rate(sum(bad), len(bad)),
    }
