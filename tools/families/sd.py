"""Stable Diffusion 1.5 and its like.

Either one folder whose body both draws and edits (InstructPix2Pix, or an inpainting body trained to edit: the shipped
models), or the classical set: a Stable Diffusion to draw, with an InstructPix2Pix and an inpainting folder beside it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools import sd
from pentimento.tools.compute import Compute
from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.families.pipelines import (
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
from pentimento.tools.pipeline_folder import Folders, alike, class_name, load_pipeline
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    import torch
    from diffusers import (
        StableDiffusionInpaintPipeline,
        StableDiffusionInstructPix2PixPipeline,
        StableDiffusionPipeline,
    )

DRAWS = "StableDiffusionPipeline"
MULTIPLE = 8
"""Sides are whole multiples of so many pixels."""
_NO_CHECKER: dict[str, object] = {"safety_checker": None, "requires_safety_checker": False}


def load(folders: Folders, compute: Compute) -> ImageFamily:
    if class_name(folders.main) == DRAWS:
        return _load_set(folders, compute)
    if folders.others():
        raise ToolError(f"Folders beside path go with a {DRAWS} in path; this model draws, edits and fills by itself.")
    pipe = load_pipeline(folders.main, (sd.EDITOR, sd.FILLER), compute, {"safety_checker": None})
    return OneBody(sd.of_parts(dict(pipe.components)), compute)


def _load_set(folders: Folders, compute: Compute) -> "StableDiffusionSet":
    from diffusers import StableDiffusionInpaintPipeline

    generator = load_pipeline(folders.main, (DRAWS,), compute, _NO_CHECKER)
    parts, editor = dict(generator.components), None
    if folders.edit:
        same = alike(parts, folders.main, folders.edit)
        editor = load_pipeline(folders.edit, (sd.EDITOR,), compute, _NO_CHECKER | same)
    if folders.inpaint:
        same = alike(parts, folders.main, folders.inpaint)
        filler = load_pipeline(folders.inpaint, (sd.FILLER,), compute, _NO_CHECKER | same)
    else:
        # A body that only draws fills a hole, too: what is around it is put back after each step.
        filler = StableDiffusionInpaintPipeline(**parts, requires_safety_checker=False)
        filler.set_progress_bar_config(disable=True)
    return StableDiffusionSet(compute, generator, editor, filler)


class OneBody(Pipelines):
    """Draws, edits and fills in with the same weights."""

    def __init__(self, models: sd.StableDiffusion, compute: Compute) -> None:
        super().__init__(compute, models.generator, models.editor)
        self.models = models
        self.generator = models.generator

    def unread(self, words: str) -> str:
        return sd.unread(self.models, words)

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        width, height = on_grid(size, MULTIPLE)
        if width != height:
            raise ToolError("This picture model draws squares only; leave out the size and crop the picture.")
        made = sd.generate(
            self.models, prompt, width, sampling.seed, sampling.steps, sampling.guidance, sampling.report
        )
        return resized(made, size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        _refuse(refs)
        given = resized(src, on_grid(src.size, MULTIPLE))
        made = sd.edit(
            self.models,
            given,
            instruction,
            sampling.seed,
            sampling.steps,
            sampling.guidance,
            sampling.image_guidance,
            sampling.report,
        )
        return resized(made, src.size)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        grid = on_grid(src.size, MULTIPLE)
        made = sd.inpaint(
            self.models,
            resized(src, grid),
            resized_mask(mask, grid),
            prompt,
            sampling.seed,
            sampling.steps,
            sampling.guidance,
            sampling.report,
        )
        return resized(made, src.size)


class StableDiffusionSet(Pipelines):
    """A pipeline for each task; what their folders have in common is loaded once."""

    def __init__(
        self,
        compute: Compute,
        generator: "StableDiffusionPipeline",
        editor: "StableDiffusionInstructPix2PixPipeline | None",
        filler: "StableDiffusionInpaintPipeline",
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
        _refuse(refs)
        if self.editor is None:
            raise cannot("edit by an instruction", f"name the folder of a {sd.EDITOR} as edit in the profile")
        made = drawn(
            self.editor,
            sampling,
            prompt=instruction,
            image=resized(src, on_grid(src.size, MULTIPLE)),
            guidance_scale=sampling.guidance,
            image_guidance_scale=sampling.image_guidance,
            callback_on_step_end=self.watched("painting", sampling.report, self._look),
        )
        return resized(made, src.size)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        width, height = on_grid(src.size, MULTIPLE)
        made = drawn(
            self.filler,
            sampling,
            prompt=prompt,
            image=resized(src, (width, height)),
            mask_image=resized_mask(mask, (width, height)),
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched("filling in", sampling.report, self._look),
        )
        return resized(made, src.size)

    def _look(self, latents: "torch.Tensor") -> Image.Image:
        return decoded(self.generator, latents[:1] / self.generator.vae.config.scaling_factor)


def _refuse(refs: Sequence[Image.Image]) -> None:
    if refs:
        raise cannot("look at reference pictures", "describe in words what they show")
