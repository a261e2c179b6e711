"""A pool of drawn pairs in latents, so that the image models need not run the encoder at every step."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from pentimento.starter.first.world.captions import caption
from pentimento.starter.first.world.drawing import draw, mask
from pentimento.starter.first.world.edits import Edit, random_edit
from pentimento.starter.first.world.places import SIZE
from pentimento.starter.first.world.scene import Scene
from pentimento.starter.pictures import to_tensor

_ENCODE_BATCH = 64
THING_WEIGHT = 3.0
"""How much more a thing counts than the background, which is learned soon."""


@dataclass(frozen=True)
class Example:
    """One thing to learn: words, the latents to arrive at, and those to start from (zeros to draw afresh)."""

    words: str
    target: torch.Tensor
    """(channels, height, width)"""
    source: torch.Tensor
    """(channels, height, width), zeros for generate"""
    weight: torch.Tensor
    """(1, height, width), how much each place counts in the loss: the things more than their surroundings"""
    fresh: bool


@dataclass(frozen=True)
class Pool:
    """`count` edits and their latents: before at (i, 0), after at (i, 1)."""

    edits: tuple[Edit, ...]
    latents: NDArray[np.float16]
    """(count, 2, channels, height, width), as the encoder's mean, not scaled."""

    def tensor(self, index: int, side: int) -> torch.Tensor:
        return torch.from_numpy(self.latents[index, side].astype(np.float32))

    def sample(self, rng: random.Random, fresh: bool) -> Example:
        """An edit, or (`fresh`) one of the two scenes of an edit to be drawn from its caption."""
        index = rng.randrange(len(self.edits))
        edit = self.edits[index]
        if not fresh:
            weight = thing_weight((edit.before, edit.after), self.latents.shape[-1])
            return Example(edit.instruction, self.tensor(index, 1), self.tensor(index, 0), weight, fresh)
        side = rng.randrange(2) if edit.after.things else 0
        scene = (edit.before, edit.after)[side]
        target = self.tensor(index, side)
        weight = thing_weight((scene,), self.latents.shape[-1])
        return Example(caption(scene, rng), target, torch.zeros_like(target), weight, fresh)


def thing_weight(scenes: tuple[Scene, ...], side: int) -> torch.Tensor:
    """(1, side, side): 1 on the background, up to 1 + THING_WEIGHT where a thing of one of the scenes is."""
    covered = np.zeros((SIZE, SIZE), dtype=bool)
    for scene in scenes:
        for index in range(len(scene.things)):
            covered |= mask(scene, index)
    step = SIZE // side
    share = covered.reshape(side, step, side, step).mean((1, 3), dtype=np.float32)
    return torch.from_numpy(1 + THING_WEIGHT * share)[None]


def pool_edits(count: int) -> tuple[Edit, ...]:
    return tuple(random_edit(random.Random(f"pool {index}")) for index in range(count))


@torch.no_grad()
def encode(vae: AutoencoderKL, edits: tuple[Edit, ...]) -> NDArray[np.float16]:
    pictures = [draw(scene) for edit in edits for scene in (edit.before, edit.after)]
    parts = [
        vae.encode(to_tensor(pictures[start : start + _ENCODE_BATCH])).latent_dist.mean.half().numpy()
        for start in range(0, len(pictures), _ENCODE_BATCH)
    ]
    latents = np.concatenate(parts)
    return latents.reshape(len(edits), 2, *latents.shape[1:])


def load_pool(vae: AutoencoderKL, count: int, cache: Path) -> Pool:
    """The pool of the first `count` edits; its latents are kept in the file `cache`."""
    edits = pool_edits(count)
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, encode(vae, edits))
    return Pool(edits, np.load(cache, mmap_mode="r"))
