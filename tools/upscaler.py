"""A learned enlargement: a StableDiffusionUpscalePipeline, part by part, so that a large picture takes no more memory.

Each part is enlarged with some of its surroundings, and neighbours are mixed where they overlap.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families.pipelines import attention_of
from pentimento.tools.finite import check_finite, finite
from pentimento.tools.pipeline_folder import load_pipeline
from pentimento.tools.sd import noise_source
from pentimento.tools.types import Progress, Report, ToolError

if TYPE_CHECKING:
    import torch
    from diffusers import StableDiffusionUpscalePipeline

KIND = "StableDiffusionUpscalePipeline"
OVERLAP = 16
"""Pixels of the small picture that neighbouring parts have in common."""
MULTIPLE = 8
"""The sides of what the pipeline is given are whole multiples of so many pixels."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Settings:
    """What the pipeline is called with; `profile.UpscaleModel` says what they mean."""

    steps: int
    guidance: float
    noise_level: int
    tile: int


@dataclass(frozen=True)
class Enlarger:
    pipe: "StableDiffusionUpscalePipeline"
    compute: Compute
    settings: Settings

    @property
    def factor(self) -> int:
        return int(2 ** (len(self.pipe.vae.config.block_out_channels) - 1))

    @property
    def attention(self) -> str:
        return attention_of(self.pipe.unet)

    def enlarge(self, src: Image.Image, factor: int, words: str, seed: int, report: Report) -> Image.Image:
        """RGB, `factor` times as large, which the model's own factor is a multiple of; `ToolError` where it isn't.

        `report` is told of each step and may stop it.
        """
        if self.factor % factor:
            raise ToolError(
                f"The enlarging model of this profile makes pictures {self.factor} times as large, not {factor}."
            )
        tile = self.settings.tile
        places = [(rows, columns) for rows in spans(src.height, tile) for columns in spans(src.width, tile)]
        mixed = np.zeros((src.height * factor, src.width * factor, 3), dtype=np.uint8)
        for number, (rows, columns) in enumerate(places):
            part = src.crop((columns[0], rows[0], columns[1], rows[1]))
            made = self._part(part, words, seed, _of_all(report, number, len(places), self.settings.steps))
            _lay(mixed, np.asarray(made.reduce(self.factor // factor)), rows, columns, factor)
        return Image.fromarray(mixed)

    def _part(
        self, part: Image.Image, words: str, seed: int, told: "Callable[[int, object, torch.Tensor], None]"
    ) -> Image.Image:
        width, height = (-(-side // MULTIPLE) * MULTIPLE for side in part.size)
        with finite("enlarging"):
            made: Image.Image = self.pipe(
                prompt=words,
                image=_padded(part, width, height),
                num_inference_steps=self.settings.steps,
                guidance_scale=self.settings.guidance,
                noise_level=self.settings.noise_level,
                generator=noise_source(seed),
                callback=told,
            ).images[0]
        return made.crop((0, 0, part.width * self.factor, part.height * self.factor))


def load(path: Path, compute: Compute, settings: Settings) -> Enlarger:
    """Offline, safetensors only; `ToolError` when it is damaged."""
    given = {"safety_checker": None, "watermarker": None, "feature_extractor": None}
    pipe = load_pipeline(path, (KIND,), compute, given, what="enlarging model")
    pipe.to(compute.device)
    return Enlarger(pipe, compute, settings)


def spans(side: int, tile: int) -> Iterator[Span]:
    """Parts of at most `tile` pixels that cover a side, each having `OVERLAP` in common with the next."""
    count = 1 if side <= tile else -(-(side - OVERLAP) // (tile - OVERLAP))
    if count == 1:
        yield 0, side
        return
    for number in range(count):
        start = round(number * (side - tile) / (count - 1))
        yield start, start + tile


def _padded(part: Image.Image, width: int, height: int) -> Image.Image:
    """With its last row and column again and again, up to that size."""
    if part.size == (width, height):
        return part
    edges = ((0, height - part.height), (0, width - part.width), (0, 0))
    return Image.fromarray(np.pad(np.asarray(part), edges, mode="edge"))


def _lay(mixed: NDArray[np.uint8], made: NDArray[np.uint8], rows: Span, columns: Span, factor: int) -> None:
    """The part in its place; where it lies on what is there already it comes in little by little."""
    top, left = rows[0] * factor, columns[0] * factor
    there = mixed[top : top + len(made), left : left + made.shape[1]]
    down, across = _ramp(len(made), rows[0], factor), _ramp(made.shape[1], columns[0], factor)
    weights = (down[:, None] * across[None, :])[..., None]
    if prod(made.shape[:2]):
        there[...] = np.rint(there + weights * (made.astype(np.float32) - there))


def _ramp(length: int, start: int, factor: int) -> NDArray[np.float32]:
    """0..1 over the middle of the overlap with what lies before; 1 everywhere where nothing does."""
    if not start:
        return np.ones(length, dtype=np.float32)
    width = OVERLAP * factor // 2
    return np.clip((np.arange(length, dtype=np.float32) - width / 2 + 0.5) / width, 0, 1)


def _of_all(report: Report, number: int, count: int, steps: int) -> "Callable[[int, object, torch.Tensor], None]":
    stage = "enlarging" if count == 1 else f"enlarging, part {number + 1} of {count}"

    def told(step: int, _timestep: object, latents: "torch.Tensor") -> None:
        check_finite(latents, "enlarging")
        report(Progress(stage, (number + min(1.0, (step + 1) / steps)) / count))

    return told
