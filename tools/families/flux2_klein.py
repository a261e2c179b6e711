"""FLUX.2 [klein]: draws, edits with reference pictures, and fills in, all with one body."""

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.families.pipelines import (
    Look,
    Pipelines,
    Size,
    decoded,
    drawn,
    on_grid,
    resized,
    resized_mask,
    unpacked,
    unread_by,
)
from pentimento.tools.pipeline_folder import Folders, expect, load_pipeline
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    import torch
    from diffusers import Flux2KleinInpaintPipeline, Flux2KleinPipeline

KIND = "Flux2KleinPipeline"
LENGTH = 512
"""Tokens that the text encoder reads, its template's included."""
LEAST = 64
"""Pixels of a side at least of every picture that is looked at."""
MOST = 1024 * 1024
"""Pixels of such a picture at most."""
LONGEST = 8
"""How many times as long as wide such a picture may be."""


def load(folders: Folders, compute: Compute) -> ImageFamily:
    from diffusers import Flux2KleinInpaintPipeline

    expect(folders)
    pipe = load_pipeline(folders.main, (KIND,), compute)
    filler = Flux2KleinInpaintPipeline(**pipe.components, is_distilled=pipe.config.is_distilled)
    filler.set_progress_bar_config(disable=True)
    return Flux2Klein(compute, pipe, filler)


class Flux2Klein(Pipelines):
    def __init__(self, compute: Compute, pipe: "Flux2KleinPipeline", filler: "Flux2KleinInpaintPipeline") -> None:
        super().__init__(compute, pipe, filler)
        self.pipe, self.filler = pipe, filler
        self._cell = 2 * pipe.vae_scale_factor

    def unread(self, words: str) -> str:
        tokenizer = self.pipe.tokenizer
        asked = [{"role": "user", "content": ""}]
        around = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True, enable_thinking=False)
        return unread_by(tokenizer, LENGTH - len(tokenizer(around).input_ids), words)

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        return self._drawn("drawing", prompt, size, sampling, [])

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        return self._drawn("painting", instruction, src.size, sampling, [src, *refs])

    def _drawn(self, stage: str, prompt: str, size: Size, sampling: Sampling, seen: list[Image.Image]) -> Image.Image:
        width, height = on_grid(size, self._cell)
        made = drawn(
            self.pipe,
            sampling,
            prompt=prompt,
            image=[_seen(picture) for picture in seen] or None,
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched(stage, sampling.report, self._looking(width, height)),
        )
        return resized(made, size)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        width, height = on_grid(_seen(src).size, self._cell)
        made = drawn(
            self.filler,
            sampling,
            prompt=prompt,
            image=resized(src, (width, height)),
            mask_image=resized_mask(mask, (width, height)),
            width=width,
            height=height,
            strength=1.0,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched("filling in", sampling.report, self._looking(width, height)),
        )
        return resized(made, src.size)

    def _looking(self, width: int, height: int) -> Look:
        vae = self.pipe.vae

        def look(latents: "torch.Tensor") -> Image.Image:
            spread = (vae.bn.running_var + vae.config.batch_norm_eps).sqrt().to(latents)
            picture = latents * spread + vae.bn.running_mean.to(latents)
            return decoded(self.pipe, unpacked(picture, (width, height), self._cell))

        return look


def _seen(picture: Image.Image) -> Image.Image:
    """As small and as large as the pipelines take it."""
    short, long = sorted(picture.size)
    if long > LONGEST * short:
        raise ToolError(f"A picture for this model is at most {LONGEST} times as long as wide; crop it first.")
    share = max(min(1.0, sqrt(MOST / (short * long))), LEAST / short)
    width, height = (max(LEAST, round(side * share)) for side in picture.size)
    return resized(picture, (width, height))
