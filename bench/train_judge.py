"""Recipe of the judge: drawn scenes of every kind, often worn, and what is seen in each of their cells, exactly.

Some things are smeared into blots and some pictures show nothing at all: there the judge learns to see nothing.

Usage: python -m pentimento.bench.train_judge [--minutes CORE_MINUTES] [--out FILE]
"""

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch.nn import functional as F

from pentimento.bench.judge import COLOR_NAMES, NATURAL, ROLES, SETTINGS, WEIGHTS, Eye, Judge, Maps
from pentimento.bench.measure_judge import NOTHING, Pixels, measure, smeared
from pentimento.starter.pictures import to_tensor
from pentimento.starter.questions import asking_scene, worn
from pentimento.starter.training import Loop, Tensors
from pentimento.starter.words import KINDS, STYLES, TIMES, WEATHERS
from pentimento.starter.world.drawing import draw, mask, visible
from pentimento.starter.world.edits import random_edit
from pentimento.starter.world.layout import Placed, placed
from pentimento.starter.world.scene import GRID, Scene, random_scene

BATCH = 24
SHIFT = 4
"""Pixels by which a picture may be moved: models do not keep to the world's grid."""
COVERED = 0.25
"""Share of a cell that a thing must cover to be what is seen there, where the cell is not its best."""
IGNORED = -100
MIDDLES = 0.5
"""Weight of the middles' loss, which is a sum over the picture."""
WATCHED = ("worn: facts right", "worn: true claims accepted", "worn: one wrong fact accepted", "smeared accepted")
"""Figures in the log."""
_SHAPES = ("square",) * 8 + ("wide", "tall")
_DEPENDENT = {("wearing", 1): "worn", ("on", 0): "rider", ("behind", 1): "back"}
"""Relation and which thing of the group → the role of that thing."""


@dataclass(frozen=True)
class Labels:
    """What there is to see in a picture; rows and columns are of cells."""

    middle: NDArray[np.int8]
    """(kinds, rows, columns), 1 where a thing of the kind has its middle, -1 around it: either will do."""
    cells: NDArray[np.int64]
    """(3, rows, columns), kind from 1, colour and role of what is seen; 0 and IGNORED where there is nothing."""
    setting: NDArray[np.int64]
    """(4), one for each of SETTINGS."""


@dataclass(frozen=True)
class _Visible:
    """A thing of which something can be seen."""

    told: tuple[int, int, int]
    """Kind, colour and role as numbers, the kind from 0."""
    row: int
    """Of the cell with its middle."""
    column: int
    share: NDArray[np.float64]
    """(rows, columns), of each cell that it covers, 0..1."""


def labels(scene: Scene, right: int = 0, down: int = 0, without: int | None = None) -> Labels:
    """Of the scene moved by some pixels; `without` is the number of a group of which nothing can be told."""
    things = [thing for number, thing in _visible(scene, right, down) if number != without]
    width, height = scene.size
    middle = np.zeros((len(KINDS), height // GRID, width // GRID), dtype=np.int8)
    for thing in things:
        rows, columns = slice(max(thing.row - 1, 0), thing.row + 2), slice(max(thing.column - 1, 0), thing.column + 2)
        middle[thing.told[0], rows, columns] = -1
    for thing in things:
        middle[thing.told[0], thing.row, thing.column] = 1
    setting = [values.index(getattr(scene, name)) for name, values in SETTINGS.items()]
    return Labels(middle, _cells(things, middle.shape[1:]), np.array(setting))


def _visible(scene: Scene, right: int, down: int) -> Iterator[tuple[int, _Visible]]:
    """The number of its group, and the thing."""
    width, height = scene.size
    for one in placed(scene):
        seen = shifted(visible(scene, one.__eq__), right, down)
        share = seen.reshape(height // GRID, GRID, width // GRID, GRID).mean((1, 3))
        if seen.any():
            row = _cell_of(one.top + one.side / 2 + down, height)
            column = _cell_of(one.left + one.side / 2 + right, width)
            yield one.group, _Visible(_told(scene, one), row, column, share)


def _cell_of(pixel: float, length: int) -> int:
    return min(max(int(pixel) // GRID, 0), length // GRID - 1)


def _told(scene: Scene, one: Placed) -> tuple[int, int, int]:
    role = _DEPENDENT.get((scene.groups[one.group].relation, one.index), "")
    color = COLOR_NAMES.index(one.thing.color or NATURAL)
    return list(KINDS).index(one.thing.kind), color, list(ROLES).index(role)


def _cells(things: list[_Visible], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The smaller thing has a cell that two share, and each has at least the one that it covers most."""
    cells = np.full((3, *shape), IGNORED, dtype=np.int64)
    cells[0] = 0
    largest_first = sorted(things, key=lambda thing: -thing.share.sum())
    shared = [(thing, thing.share >= COVERED) for thing in largest_first]
    best = [(thing, thing.share == thing.share.max()) for thing in largest_first]
    for thing, where in (*shared, *best):
        kind, color, role = thing.told
        cells[:, where] = np.array((1 + kind, color, role))[:, None]
    return cells


def shifted(seen: NDArray[Any], right: int, down: int) -> NDArray[Any]:
    """Moved; the edges are drawn out to fill the gap."""
    height, width = seen.shape[:2]
    rows, columns = np.arange(height) - down, np.arange(width) - right
    moved: NDArray[Any] = seen[rows.clip(0, height - 1)][:, columns.clip(0, width - 1)]
    return moved


def perfect(seen: Labels) -> Maps:
    """What a judge without fault would say."""
    kind, color, role = (
        (part == np.arange(count)[:, None, None]).astype(np.float32)
        for part, count in zip(seen.cells, Eye.cell_parts[1:], strict=True)
    )
    setting = {name: values[int(at)] for (name, values), at in zip(SETTINGS.items(), seen.setting, strict=True)}
    return Maps((seen.middle == 1).astype(np.float64), kind, color, role, setting)


def nothing(scene: Scene) -> Labels:
    empty = labels(replace(scene, groups=()))
    return replace(empty, setting=np.zeros_like(empty.setting))


def lesson_scene(rng: random.Random, shape: str) -> Scene:
    """Of that shape; rare settings are half of the time as common as the others."""
    scene = _any_scene(rng)
    while scene.shape != shape:
        scene = _any_scene(rng)
    if rng.random() < 0.5:
        return scene
    weather = "clear" if scene.place == "room" else rng.choice(tuple(WEATHERS))
    return replace(scene, weather=weather, time=rng.choice(tuple(TIMES)), style=rng.choice(tuple(STYLES)))


def _any_scene(rng: random.Random) -> Scene:
    kind = rng.random()
    if kind < 0.65:
        return random_scene(rng)
    return asking_scene(rng) if kind < 0.85 else random_edit(rng).after


def lesson(scene: Scene, rng: random.Random) -> tuple[Pixels, Labels]:
    """Its picture, mostly worn, now and then with a group of things smeared or with nothing to be told at all."""
    kind = rng.random()
    if kind < 0.06:
        return rng.choice(tuple(NOTHING.values())[:-1])(scene, rng), nothing(scene)
    group = rng.randrange(len(scene.groups)) if kind < 0.14 and scene.groups else None
    right, down = (rng.choice((0, rng.randint(-SHIFT, SHIFT))) for _ in range(2))
    picture = draw(scene)
    if group is not None:
        picture = smeared(picture, mask(scene, group), rng)
    return worn(shifted(picture, right, down), rng), labels(scene, right, down, group)


class Judging:
    """The task: say of each cell what is there, and of the whole where and when it is and how it is drawn."""

    peak = 4e-3

    def __init__(self, name: str) -> None:
        self.name, self.learned = name, Eye()

    def batch(self, step: int) -> Tensors:
        """Pictures (batch, 3, height, width), -1..1, of one shape, and the three parts of their labels."""
        rng = random.Random(f"{self.name} {step}")
        shape = rng.choice(_SHAPES)
        pictures, found = zip(*(lesson(lesson_scene(rng, shape), rng) for _ in range(BATCH)), strict=True)
        parts = ([getattr(seen, part) for seen in found] for part in ("middle", "cells", "setting"))
        return to_tensor(list(pictures)), *(torch.from_numpy(np.stack(part)) for part in parts)

    def loss(self, batch: Tensors, _step: int) -> torch.Tensor:
        pictures, middle, cells, setting = batch
        seen, told = (logits.float() for logits in self.learned(pictures))
        middles, *others = seen.split(Eye.cell_parts, 1)
        where = F.binary_cross_entropy_with_logits(middles, middle.clamp(min=0).float(), reduction="none")
        total = MIDDLES * (where * (middle >= 0)).sum() / len(pictures)
        for weight, logits, truth in zip((2.0, 1.0, 0.5), others, cells.unbind(1), strict=True):
            known = (truth != IGNORED).sum().clamp(min=1)
            total = total + weight * F.cross_entropy(logits, truth, ignore_index=IGNORED, reduction="sum") / known
        for logits, truth in zip(told.split(Eye.setting_parts, 1), setting.unbind(1), strict=True):
            total = total + 0.5 * F.cross_entropy(logits, truth)
        return total

    def measure(self) -> dict[str, float]:
        """Shares of some figures on a few unseen scenes."""
        shares = measure(Judge(self.learned), 60)
        return {name: share.successes / share.count for name, share in shares.items() if name in WATCHED}


def train(minutes: float, out: Path) -> None:
    torch.manual_seed(0)
    task = Judging("judge")
    Loop(task, minutes).run()
    save_file({name: value.cpu().half().contiguous() for name, value in task.learned.state_dict().items()}, out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    train(arguments.minutes, arguments.out)
