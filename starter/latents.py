"""A pool of drawn pairs in latents, so that the image models need not run the encoder at every step."""

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.edits import Edit, random_edit

_ENCODE_BATCH = 64


@dataclass(frozen=True)
class Example:
    """One thing to learn: words, the latents to arrive at, and those to start from (zeros to draw afresh)."""

    words: str
    target: torch.Tensor
    """(channels, height, width)"""
    source: torch.Tensor
    """(channels, height, width), zeros for generate"""
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
            return Example(edit.instruction, self.tensor(index, 1), self.tensor(index, 0), fresh)
        side = rng.randrange(2) if edit.after.things else 0
        scene = (edit.before, edit.after)[side]
        target = self.tensor(index, side)
        return Example(caption(scene, rng), target, torch.zeros_like(target), fresh)


def pool_edits(count: int) -> tuple[Edit, ...]:
    return tuple(random_edit(random.Random(f"pool {index}")) for index in range(count))


def to_tensor(pictures: list[NDArray[np.uint8]]) -> torch.Tensor:
    """(count, 3, height, width), -1..1"""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


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
