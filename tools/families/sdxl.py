"""Stable Diffusion XL, with an SDXL InstructPix2Pix and an SDXL inpainting folder beside it where the profile names them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.families.pipeline_set import Kinds, PipelineSet, load_set
from pentimento.tools.families.pipelines import Look
from pentimento.tools.finite import check_finite
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.types import Progress

if TYPE_CHECKING:
    import torch

KINDS = Kinds(
    draws="StableDiffusionXLPipeline",
    edits="StableDiffusionXLInstructPix2PixPipeline",
    fills="StableDiffusionXLInpaintPipeline",
    given={"add_watermarker": False},
    sized=True,
)


def load(folders: Folders, compute: Compute) -> ImageFamily:
    return Sdxl(compute, load_set(folders, compute, KINDS), KINDS)


class Sdxl(PipelineSet):
    def editing(self, sampling: Sampling) -> Mapping[str, int | Callable[..., object]]:
        """The one pipeline that has only the older kind of callback."""

        def on_step(step: int, _timestep: object, latents: "torch.Tensor") -> None:
            check_finite(latents)
            done, steps = step + 1, sampling.steps
            sampling.report(Progress("painting", done / steps, self.seen(latents, done, steps, self.look)))

        return {"callback": on_step, "callback_steps": 1}

    def filling(self, sampling: Sampling) -> Sampling:
        """It begins a little below pure noise, and counts that as a step."""
        return replace(sampling, steps=sampling.steps + 1)

    def seen(self, latents: "torch.Tensor", done: int, steps: int, look: Look) -> Image.Image | None:
        """Nothing in float16, in which the decoder overflows: the pipelines widen it for the finished picture alone."""
        return None if self.compute.dtype == "float16" else super().seen(latents, done, steps, look)
