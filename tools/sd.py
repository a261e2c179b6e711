"""The Stable Diffusion family: one instruct-edit pipeline, and a generate pipeline that shares its body.

The editor's U-Net takes the noisy latents and the source's; for a blank source the second half of its first convolution
contributes nothing but zeros, so the generator is the same network with that half cut off. Nothing is copied but this layer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image

from pentimento.tools.types import Progress, Report, ToolError

if TYPE_CHECKING:
    import torch
    from diffusers import StableDiffusionInstructPix2PixPipeline, StableDiffusionPipeline, UNet2DConditionModel

    Pipeline: TypeAlias = StableDiffusionPipeline | StableDiffusionInstructPix2PixPipeline
    Tensors: TypeAlias = dict[str, torch.Tensor]

PREVIEW_EVERY = 4
"""Denoising steps from one preview to the next."""


@dataclass(frozen=True)
class StableDiffusion:
    """Both pipelines; every module but the first convolution is the same object."""

    generator: "StableDiffusionPipeline"
    editor: "StableDiffusionInstructPix2PixPipeline"


def load(path: Path) -> StableDiffusion:
    """Load an InstructPix2Pix folder from disk, offline, safetensors only; `ToolError` when it is damaged."""
    import torch
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionInstructPix2PixPipeline, StableDiffusionPipeline
    from diffusers.utils import logging
    from safetensors import SafetensorError

    logging.disable_progress_bar()
    try:
        editor = StableDiffusionInstructPix2PixPipeline.from_pretrained(
            path, local_files_only=True, use_safetensors=True, dtype=torch.float32, safety_checker=None
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise ToolError(f"The picture model in {path} can't be loaded; reinstall Pentimento.") from error
    # Where the vocabulary's files are missing, an empty tokenizer is made without a word.
    if len(editor.tokenizer) != editor.text_encoder.config.vocab_size:
        raise ToolError(f"The picture model in {path} can't be loaded, it lacks its words; reinstall Pentimento.")
    parts = editor.components
    parts["unet"] = without_source(editor.unet)
    # An offset of 1 is what the pipeline would set, with a warning; it counts for "leading" time steps alone.
    parts["scheduler"] = DPMSolverMultistepScheduler.from_config(editor.scheduler.config, steps_offset=1)
    generator = StableDiffusionPipeline(**parts, requires_safety_checker=False)
    for pipe in (editor, generator):
        pipe.set_progress_bar_config(disable=True)
    return StableDiffusion(generator, editor)


def without_source(unet: "UNet2DConditionModel") -> "UNet2DConditionModel":
    """The same U-Net for a blank source: its first convolution reads the noisy latents alone."""
    import torch
    from diffusers import UNet2DConditionModel

    channels = unet.config.out_channels
    with torch.device("meta"):
        twin = UNet2DConditionModel.from_config({**unet.config, "in_channels": channels})
    for name, child in unet.named_children():
        setattr(twin, name, child)
    first = unet.conv_in
    twin.conv_in = torch.nn.Conv2d(channels, first.out_channels, first.kernel_size, padding=first.padding)
    twin.conv_in.weight = torch.nn.Parameter(first.weight[:, :channels].detach().clone(), requires_grad=False)
    twin.conv_in.bias = first.bias
    return twin.eval()


def noise_source(seed: int) -> "torch.Generator":
    """Noise is drawn on the CPU, so that a seed gives the same picture on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def _step_report(stage: str, steps: int, report: Report) -> "Callable[[Pipeline, int, object, Tensors], Tensors]":
    """A diffusers callback that reports each step and now and then shows the picture so far."""

    def on_step(pipe: "Pipeline", step: int, _timestep: object, tensors: "Tensors") -> "Tensors":
        preview = _preview(pipe, tensors["latents"]) if (step + 1) % PREVIEW_EVERY == 0 and step + 1 < steps else None
        report(Progress(stage, (step + 1) / steps, preview))
        return {}

    return on_step


def _preview(pipe: "Pipeline", latents: "torch.Tensor") -> Image.Image:
    import torch

    with torch.no_grad():
        decoded = pipe.vae.decode(latents[:1] / pipe.vae.config.scaling_factor).sample
    picture: Image.Image = pipe.image_processor.postprocess(decoded, output_type="pil")[0]
    return picture


def generate(
    models: StableDiffusion, prompt: str, size: int, seed: int, steps: int, guidance: float, report: Report
) -> Image.Image:
    """A new picture, size × size, RGB."""
    result = models.generator(
        prompt,
        height=size,
        width=size,
        num_inference_steps=steps,
        guidance_scale=guidance,
        generator=noise_source(seed),
        callback_on_step_end=_step_report("drawing", steps, report),
    )
    picture: Image.Image = result.images[0]
    return picture


def edit(
    models: StableDiffusion,
    src: Image.Image,
    instruction: str,
    seed: int,
    steps: int,
    guidance: float,
    image_guidance: float,
    report: Report,
) -> Image.Image:
    """The source changed by the instruction, same size, RGB."""
    result = models.editor(
        instruction,
        image=src,
        num_inference_steps=steps,
        guidance_scale=guidance,
        image_guidance_scale=image_guidance,
        generator=noise_source(seed),
        callback_on_step_end=_step_report("painting", steps, report),
    )
    picture: Image.Image = result.images[0]
    return picture
