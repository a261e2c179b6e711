"""A pool of drawn pairs in latents, so that the image model's training need not run the encoder at every step."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from pentimento.starter.pictures import to_tensor
from pentimento.starter.training import device, mixed
from pentimento.starter.world.captions import caption, group_in_words, setting_in_words
from pentimento.starter.world.drawing import draw, mask
from pentimento.starter.world.edits import Edit, random_edit
from pentimento.starter.world.scene import GRID, SHAPES, Scene

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

_ENCODE_BATCH = 64
HOLE = 127
"""Gray level of a hole, what the inpaint pipeline fills it with before it encodes."""
_MARGIN = 6
"""Pixels between a thing and the edge of its hole, at least."""
THING_WEIGHT = 3.0
"""How much more a thing counts than the background, which is learned soon."""
TASKS = ("generate", "generate", "edit", "edit", "inpaint")
"""What an image model learns, in equal parts."""

Cells = tuple[int, int, int, int]
"""Left, top, right, bottom of a hole, in latent cells."""


@dataclass(frozen=True)
class Example:
    """One thing to learn: words, the latents to arrive at, and those to start from."""

    words: str
    target: NDArray[np.float16]
    """(channels, height, width)"""
    source: NDArray[np.float16]
    """(channels, height, width); zeros to draw afresh"""
    hole: NDArray[np.float32]
    """(1, height, width), 1 where an inpainting is to paint; zeros for the other tasks"""
    weight: NDArray[np.float32]
    """(1, height, width), how much each place counts in the loss: the things more than their surroundings"""


@dataclass(frozen=True)
class Pool:
    """Edits of one shape of picture and their latents, as the encoder's mean, not scaled."""

    edits: tuple[Edit, ...]
    latents: NDArray[np.float16]
    """(count, 3, channels, height, width): before, after, and after with a hole."""

    def sample(self, rng: random.Random, task: str) -> Example:
        index = rng.randrange(len(self.edits))
        edit, (before, after, holed) = self.edits[index], self.latents[index]
        empty = np.zeros((1, *before.shape[1:]), dtype=np.float32)
        if task == "edit":
            return Example(edit.instruction, after, before, empty, thing_weight(edit.before, edit.after))
        if task == "inpaint":
            left, top, right, bottom = hole_of(edit)
            empty[:, top:bottom, left:right] = 1
            return Example(hole_words(edit, rng), after, holed, empty, thing_weight(edit.after))
        scene, target = (edit.before, before) if rng.random() < 0.5 or not edit.after.groups else (edit.after, after)
        return Example(caption(scene, rng), target, np.zeros_like(target), empty, thing_weight(scene))


def thing_weight(*scenes: Scene) -> NDArray[np.float32]:
    """(1, height, width) in latent cells: 1 on the background, up to 1 + THING_WEIGHT where a thing of a scene is."""
    width, height = scenes[0].size
    covered = np.zeros((height, width), dtype=bool)
    for scene in scenes:
        for group in range(len(scene.groups)):
            covered |= mask(scene, group)
    share = covered.reshape(height // GRID, GRID, width // GRID, GRID).mean((1, 3), dtype=np.float32)
    weight: NDArray[np.float32] = (1 + THING_WEIGHT * share)[None]
    return weight


def _hole_group(edit: Edit) -> int:
    """Whose place the hole is: what the edit is about, or the first group."""
    return edit.group if edit.group is not None else 0


def hole_of(edit: Edit) -> Cells:
    """A box around what the edit changes, before and after; around one group where it changes the whole picture."""
    group, (width, height) = _hole_group(edit), edit.after.size
    scenes = (edit.before, edit.after) if edit.group is not None else (edit.after,)
    covered = np.zeros((height, width), dtype=bool)
    for scene in scenes:
        if group < len(scene.groups) and not (scene is edit.after and _vanishes(edit)):
            covered |= mask(scene, group)
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    if not len(rows):
        return 0, 0, width // GRID, height // GRID
    left, right = max(columns[0] - _MARGIN, 0), min(columns[-1] + _MARGIN, width - 1)
    top, bottom = max(rows[0] - _MARGIN, 0), min(rows[-1] + _MARGIN, height - 1)
    return int(left) // GRID, int(top) // GRID, int(right) // GRID + 1, int(bottom) // GRID + 1


def _vanishes(edit: Edit) -> bool:
    """Whether a whole group is taken away, so that its number means another one afterwards."""
    return len(edit.after.groups) < len(edit.before.groups)


def hole_words(edit: Edit, rng: random.Random) -> str:
    """What belongs into the hole; the empty place where a thing was taken away."""
    if _vanishes(edit):
        return rng.choice(("nothing", "background", "empty", setting_in_words(edit.after, rng) or "nothing"))
    group = edit.after.groups[_hole_group(edit)]
    return group_in_words(group, rng) if rng.random() < 0.8 else caption(edit.after, rng)


def with_hole(picture: NDArray[np.uint8], cells: Cells) -> NDArray[np.uint8]:
    left, top, right, bottom = (GRID * cell for cell in cells)
    holed = picture.copy()
    holed[top:bottom, left:right] = HOLE
    return holed


def pool_edits(counts: Mapping[str, int], name: str) -> dict[str, list[Edit]]:
    """Shape → the first edits of the training `name`'s seeds whose pictures have it, as many as `counts` says."""
    found: dict[str, list[Edit]] = {shape: [] for shape in counts}
    seed = 0
    while any(len(found[shape]) < wanted for shape, wanted in counts.items()):
        edit = random_edit(random.Random(f"pool {name} {seed}"))
        seed += 1
        if len(found[edit.before.shape]) < counts[edit.before.shape]:
            found[edit.before.shape].append(edit)
    return found


def triple(edit: Edit) -> list[NDArray[np.uint8]]:
    after = draw(edit.after)
    return [draw(edit.before), after, with_hole(after, hole_of(edit))]


@torch.no_grad()
def encode(vae: "AutoencoderKL", edits: tuple[Edit, ...]) -> NDArray[np.float16]:
    """(count, 3, channels, height, width)"""
    vae.to(device())
    parts = []
    for start in range(0, len(edits), _ENCODE_BATCH):
        pictures = [picture for edit in edits[start : start + _ENCODE_BATCH] for picture in triple(edit)]
        with mixed():
            mean = vae.encode(to_tensor(pictures).to(device())).latent_dist.mean
        parts.append(mean.half().cpu().numpy().reshape(-1, 3, *mean.shape[1:]))
    return np.concatenate(parts)


def load_pools(vae: "AutoencoderKL", count: int, folder: Path, name: str) -> dict[str, Pool]:
    """Shape → the pool of its edits, eight tenths of `count` square, one wide, one tall; kept in `folder`.

    Each training's `name` has scenes of its own, so that a further round sees new ones."""
    folder.mkdir(parents=True, exist_ok=True)
    found = pool_edits({shape: count * (8 if shape == "square" else 1) // 10 for shape in SHAPES}, name)
    return {shape: _load_pool(vae, tuple(edits), folder / shape) for shape, edits in found.items()}


def _load_pool(vae: "AutoencoderKL", edits: tuple[Edit, ...], stem: Path) -> Pool:
    """From the file where it is of these edits and this code, else encoded."""
    file, note = stem.with_suffix(".npy"), stem.with_suffix(".json")
    said = [len(edits), vae.config.scaling_factor, [edit.instruction for edit in edits[:64]]]
    if not note.exists() or json.loads(note.read_text(encoding="utf-8")) != said:
        np.save(file, encode(vae, edits))
        note.write_text(json.dumps(said), encoding="utf-8")
    return Pool(edits, np.load(file, mmap_mode="r"))
