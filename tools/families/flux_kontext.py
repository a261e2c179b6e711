"""FLUX.1: Kontext edits and draws; to fill in, the profile names a FLUX Fill folder, whose encoders are shared."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.families.pipelines import (
    Look,
    Pipelines,
    Size,
    cannot,
    decoded,
    drawn,
    on_grid,
    resized,
    resized_mask,
    room_of,
    unpacked,
    unread_by,
)
from pentimento.tools.pipeline_folder import Folders, alike, expect, load_pipeline

if TYPE_CHECKING:
    import torch
    from diffusers import FluxFillPipeline, FluxKontextPipeline, FluxPipeline

EDITS = "FluxKontextPipeline"
DRAWS = "FluxPipeline"
FILLS = "FluxFillPipeline"
LENGTH = 512
"""Tokens that the larger text encoder reads."""


def load(folders: Folders, compute: Compute) -> ImageFamily:
    expect(folders, "generate", "inpaint")
    editor = load_pipeline(folders.main, (EDITS,), compute)
    parts, generator, filler = dict(editor.components), None, None
    if folders.generate:
        same = alike(parts, folders.main, folders.generate)
        generator = load_pipeline(folders.generate, (DRAWS,), compute, same)
    if folders.inpaint:
        same = alike(parts, folders.main, folders.inpaint)
        filler = load_pipeline(folders.inpaint, (FILLS,), compute, same)
    return FluxKontext(compute, editor, generator, filler)


class FluxKontext(Pipelines):
    def __init__(
        self,
        compute: Compute,
        editor: "FluxKontextPipeline",
        generator: "FluxPipeline | None",
        filler: "FluxFillPipeline | None",
    ) -> None:
        super().__init__(compute, *(pipe for pipe in (editor, generator, filler) if pipe is not None))
        self.editor, self.generator, self.filler = editor, generator, filler
        self._cell = 2 * editor.vae_scale_factor

    def unread(self, words: str) -> str:
        tokenizer = self.editor.tokenizer_2
        return unread_by(tokenizer, room_of(tokenizer, LENGTH), words)

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        width, height = on_grid(size, self._cell)
        made = drawn(
            self.generator or self.editor,
            sampling,
            prompt=prompt,
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            max_sequence_length=LENGTH,
            callback_on_step_end=self.watched("drawing", sampling.report, self._looking(width, height)),
            **({} if self.generator else {"max_area": width * height}),
        )
        return resized(made, size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        if refs:
            raise cannot("look at several pictures", "describe in words what the others show")
        width, height = on_grid(src.size, self._cell)
        made = drawn(
            self.editor,
            sampling,
            prompt=instruction,
            image=resized(src, (width, height)),
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            max_sequence_length=LENGTH,
            callback_on_step_end=self.watched("painting", sampling.report, self._looking(width, height)),
            # Else the pipeline works at a size of its own choice.
            max_area=width * height,
            _auto_resize=False,
        )
        return resized(made, src.size)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        if self.filler is None:
            raise cannot("fill in a region", f"name the folder of a {FILLS} as inpaint in the profile")
        width, height = on_grid(src.size, self._cell)
        made = drawn(
            self.filler,
            sampling,
            prompt=prompt,
            image=resized(src, (width, height)),
            mask_image=resized_mask(mask, (width, height)),
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            max_sequence_length=LENGTH,
            callback_on_step_end=self.watched("filling in", sampling.report, self._looking(width, height)),
        )
        return resized(made, src.size)

    def _looking(self, width: int, height: int) -> Look:
        config = self.editor.vae.config

        def look(latents: "torch.Tensor") -> Image.Image:
            picture = unpacked(latents, (width, height), self._cell)
            return decoded(self.editor, picture / config.scaling_factor + config.shift_factor)

        return look
