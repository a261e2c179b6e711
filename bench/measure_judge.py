"""What the judge is worth, on unseen drawn scenes: facts right, true claims accepted, wrong ones and pictures of nothing refused.

Usage: python -m pentimento.bench.measure_judge [--count SCENES] [--weights FILE]
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pentimento.bench.by_eye import agreement
from pentimento.bench.judge import (
    COLOR_NAMES,
    WEIGHTS,
    Facts,
    Judge,
    JudgeError,
    Relation,
    claim,
    load_judge,
    said,
    shows,
)
from pentimento.bench.scoring import Rate
from pentimento.starter.questions import worn
from pentimento.starter.words import KINDS, PLACES, STYLES, TIMES, WEATHERS
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw, visible
from pentimento.starter.world.scene import Scene, random_scene

Pixels = NDArray[np.uint8]


def _other_kind(facts: Facts, rng: random.Random) -> Facts:
    old = rng.choice(facts.kinds())
    new = rng.choice([kind for kind in KINDS if kind not in facts.kinds()])
    relations = [
        replace(one, first=new if one.first == old else one.first, second=new if one.second == old else one.second)
        for one in facts.relations
    ]
    things = [replace(thing, kind=new) if thing.kind == old else thing for thing in facts.things]
    return replace(facts, things=tuple(things), relations=tuple(relations))


def _other_color(facts: Facts, rng: random.Random) -> Facts:
    kind, color = rng.choice(facts.kinds()), rng.choice(COLOR_NAMES)
    changed = [replace(thing, color=color) if thing.kind == kind else thing for thing in facts.things]
    return replace(facts, things=tuple(changed))


def _other_number(facts: Facts, rng: random.Random) -> Facts:
    """One more, or one less where there are several."""
    at = rng.randrange(len(facts.things))
    before, thing, after = facts.things[:at], facts.things[at], facts.things[at + 1 :]
    several = len(facts.of(thing.kind)) > 1
    one_less = several and (len(facts.of(thing.kind)) == 3 or rng.random() < 0.5)
    return replace(facts, things=(*before, *(() if one_less else (thing, thing)), *after))


def _other_order(facts: Facts, rng: random.Random) -> Facts:
    """Two neighbours have changed places; a thing alone is at the other side."""
    row = facts.row()
    if len(row) < 2:
        return replace(facts, things=tuple(replace(thing, x=1 - thing.x) for thing in reversed(facts.things)))
    at = rng.randrange(len(row) - 1)
    one, other = row[at], row[at + 1]
    apart = facts.middle(other) - facts.middle(one)
    moved = [replace(thing, x=thing.x + {one: apart, other: -apart}.get(thing.kind, 0.0)) for thing in facts.things]
    return replace(facts, things=tuple(sorted(moved, key=lambda thing: thing.x)))


def _other_relation(facts: Facts, rng: random.Random) -> Facts:
    """Another one, or side by side."""
    if not facts.relations:
        return facts
    at = rng.randrange(len(facts.relations))
    old = facts.relations[at]
    names = [name for name in ("wearing", "on", "behind", "") if name != old.name]
    name = rng.choice(names)
    new = (Relation(old.first, name, old.second),) if name else ()
    return replace(facts, relations=(*facts.relations[:at], *new, *facts.relations[at + 1 :]))


def _other_value(now: str, values: Iterable[str], rng: random.Random) -> str:
    return rng.choice([value for value in values if value != now])


CHANGES: dict[str, Callable[[Facts, random.Random], Facts]] = {
    "kind": _other_kind,
    "color": _other_color,
    "count": _other_number,
    "order": _other_order,
    "relation": _other_relation,
    "place": lambda facts, rng: replace(facts, place=_other_value(facts.place, PLACES, rng)),
    "time": lambda facts, rng: replace(facts, time=_other_value(facts.time, TIMES, rng)),
    "weather": lambda facts, rng: replace(facts, weather=_other_value(facts.weather, WEATHERS, rng)),
    "style": lambda facts, rng: replace(facts, style=_other_value(facts.style, STYLES, rng)),
}
"""What of a claim is made wrong → how."""


def wrong_claims(facts: Facts, rng: random.Random) -> Iterator[tuple[str, Facts]]:
    """The claim with one thing wrong, once for each of CHANGES that changes a fact."""
    if not facts.things:
        return
    for name, change in CHANGES.items():
        wrong = change(facts, rng)
        if wrong.named() != facts.named():
            yield name, wrong


def _blank(scene: Scene, rng: random.Random) -> Pixels:
    width, height = scene.size
    return np.full((height, width, 3), [rng.randrange(256) for _ in range(3)], dtype=np.uint8)


def _noise(scene: Scene, rng: random.Random) -> Pixels:
    """Fine or coarse."""
    (width, height), size = scene.size, rng.choice((1, 2, 4, 8, 16))
    grain = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (height // size, width // size, 3), np.uint8)
    return np.asarray(
        Image.fromarray(grain).resize((width, height), rng.choice((Image.Resampling.BOX, Image.Resampling.BICUBIC)))
    )


def _blurred(scene: Scene, rng: random.Random) -> Pixels:
    return blurred(draw(scene), rng)


def _smeared(scene: Scene, rng: random.Random) -> Pixels:
    return smeared(draw(scene), visible(scene, lambda _: True), rng)


def blurred(picture: Pixels, rng: random.Random) -> Pixels:
    """So far that things are blots."""
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(rng.uniform(5, 14))))


def smeared(picture: Pixels, where: NDArray[np.bool_], rng: random.Random) -> Pixels:
    """The picture with blots where things were, as a model draws that has learned the places and not yet the things."""
    cover = (
        Image.fromarray(where).convert("L").filter(ImageFilter.GaussianBlur(4)).point(lambda level: min(4 * level, 255))
    )
    return np.asarray(Image.composite(Image.fromarray(blurred(picture, rng)), Image.fromarray(picture), cover))


NOTHING: dict[str, Callable[[Scene, random.Random], Pixels]] = {
    "blank": _blank,
    "noise": _noise,
    "blurred": _blurred,
    "smeared": _smeared,
}
"""Pictures in which no thing can be told."""


class Tally:
    """Successes and trials by name."""

    def __init__(self) -> None:
        self._right, self._tried = Counter[str](), Counter[str]()

    def add(self, name: str, right: bool) -> None:
        self._tried[name] += 1
        self._right[name] += right

    def shares(self) -> dict[str, Rate]:
        return {name: Rate(self._right[name], count, digits=2) for name, count in self._tried.items()}


def unseen(count: int) -> Iterator[tuple[Scene, random.Random]]:
    """Scenes that training has not drawn: it has other seeds."""
    for index in range(count):
        rng = random.Random(f"judged {index}")
        yield random_scene(rng), rng


def measure(judge: Judge, count: int) -> dict[str, Rate]:
    """Every scene as it is drawn and, as a model may have drawn it, worn."""
    tally = Tally()
    for scene, rng in unseen(count):
        claimed, picture = claim(scene), draw(scene)
        names = said(caption(scene, rng), claimed)
        for how, pixels in (("drawn", picture), ("worn", worn(picture, rng))):
            seen = judge.facts(Image.fromarray(pixels))
            _add_right(tally, how, seen, claimed, names)
            _add_wrong(tally, how, seen, claimed, rng)
        for name, picture_of in NOTHING.items():
            tally.add(f"{name} accepted", judge.accepts(claimed, Image.fromarray(picture_of(scene, rng)), names))
    return tally.shares()


def _add_right(tally: Tally, how: str, seen: Facts, claimed: Facts, names: Collection[str]) -> None:
    found = seen.named()
    for name, value in claimed.named().items():
        right = found.get(name) == value
        tally.add(f"{how}: facts right", right)
        tally.add(f"{how}:   {name.partition(' ')[0]}", right)
    tally.add(f"{how}: true claims accepted", shows(seen, claimed))
    tally.add(f"{how}: true captions accepted", shows(seen, claimed, names))


def _add_wrong(tally: Tally, how: str, seen: Facts, claimed: Facts, rng: random.Random) -> None:
    for name, wrong in wrong_claims(claimed, rng):
        accepted = shows(seen, wrong)
        tally.add(f"{how}: one wrong fact accepted", accepted)
        tally.add(f"{how}:   wrong {name}", accepted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600, help="scenes")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    try:
        judge = load_judge(arguments.weights)
    except JudgeError as error:
        sys.exit(str(error))
    for name, share in sorted({**measure(judge, arguments.count), **agreement(judge)}.items()):
        print(f"{name:34s} {share}")


if __name__ == "__main__":
    main()
