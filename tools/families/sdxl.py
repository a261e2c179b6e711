"""Stable Diffusion XL, with an SDXL InstructPix2Pix and an SDXL inpainting folder beside it where the profile names them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
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
    unread_by,
)
from pentimento.tools.pipeline_folder import Folders, alike, load_pipeline
from pentimento.tools.types import Progress

if TYPE_CHECKING:
    import torch
    from diffusers import (
        StableDiffusionXLInpaintPipeline,
        StableDiffusionXLInstructPix2PixPipeline,
        StableDiffusionXLPipeline,
    )

DRAWS = "StableDiffusionXLPipeline"
EDITS = "StableDiffusionXLInstructPix2PixPipeline"
FILLS = "StableDiffusionXLInpaintPipeline"
MULTIPLE = 8
_UNMARKED: dict[str, object] = {"add_watermarker": False}


def load(folders: Folders, compute: Compute) -> ImageFamily:
    from diffusers import StableDiffusionXLInpaintPipeline

    generator = load_pipeline(folders.main, (DRAWS,), compute, _UNMARKED)
    parts, editor = dict(generator.components), None
    if folders.edit:
        same = alike(parts, folders.main, folders.edit)
        editor = load_pipeline(folders.edit, (EDITS,), compute, _UNMARKED | same)
    if folders.inpaint:
        same = alike(parts, folders.main, folders.inpaint)
        filler = load_pipeline(folders.inpaint, (FILLS,), compute, _UNMARKED | same)
    else:
        filler = StableDiffusionXLInpaintPipeline(**parts, add_watermarker=False)
        filler.set_progress_bar_config(disable=True)
    return Sdxl(compute, generator, editor, filler)


class Sdxl(Pipelines):
    def __init__(
        self,
        compute: Compute,
        generator: "StableDiffusionXLPipeline",
        editor: "StableDiffusionXLInstructPix2PixPipeline | None",
        filler: "StableDiffusionXLInpaintPipeline",
    ) -> None:
        super().__init__(compute, *(pipe for pipe in (generator, editor, filler) if pipe is not None))
        self.generator, self.editor, self.filler = generator, editor, filler

    def unread(self, words: str) -> str:
        tokenizer = self.generator.tokenizer
        return unread_by(tokenizer, room_of(tokenizer), words)

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        width, height = on_grid(size, MULTIPLE)
        made = drawn(
            self.generator,
            sampling,
            prompt=prompt,
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched("drawing", sampling.report, self._look),
        )
        return resized(made, size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        if refs:
            raise cannot("look at reference pictures", "describe in words what they show")
        if self.editor is None:
            raise cannot("edit by an instruction", f"name the folder of a {EDITS} as edit in the profile")
        width, height = on_grid(src.size, MULTIPLE)
        made = drawn(
            self.editor,
            sampling,
            prompt=instruction,
            image=resized(src, (width, height)),
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            image_guidance_scale=sampling.image_guidance,
            callback=self._old_watched(sampling, self._look),
            callback_steps=1,
        )
        return resized(made, src.size)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        width, height = on_grid(src.size, MULTIPLE)
        made = drawn(
            self.filler,
            # The pipeline begins a little below pure noise, and counts that as a step.
            replace(sampling, steps=sampling.steps + 1),
            prompt=prompt,
            image=resized(src, (width, height)),
            mask_image=resized_mask(mask, (width, height)),
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched("filling in", sampling.report, self._look),
        )
        return resized(made, src.size)

    def seen(self, latents: "torch.Tensor", done: int, steps: int, look: Look) -> Image.Image | None:
        """Nothing in float16, in which the decoder overflows: the pipelines widen it for the finished picture alone."""
        return None if self.compute.dtype == "float16" else super().seen(latents, done, steps, look)

    def _look(self, latents: "torch.Tensor") -> Image.Image:
        return decoded(self.generator, latents[:1] / self.generator.vae.config.scaling_factor)

    def _old_watched(self, sampling: Sampling, look: Look) -> "Callable[[int, object, torch.Tensor], None]":
        """The callback of the one pipeline that has only the older kind."""

        def on_step(step: int, _timestep: object, latents: "torch.Tensor") -> None:
            done, steps = step + 1, sampling.steps
            sampling.report(Progress("painting", done / steps, self.seen(latents, done, steps, look)))

        return on_step
