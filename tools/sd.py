"""The Stable Diffusion family: pipelines to generate and to edit by an instruction, and filling in a mask, with one body.

The body's first convolution reads the noisy latents, a mask (where the folder is an inpainting one) and the source's latents.
What a pipeline leaves blank contributes nothing but zeros, so each is the same network with those inputs cut off its first
layer. Nothing is copied but this layer. To fill in is to edit while the mask's share of that layer is added to it: the
inpainting pipeline of diffusers knows latents of four channels alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from PIL import Image

from pentimento.tools.compute import CPU
from pentimento.tools.finite import check_finite, finite
from pentimento.tools.pipeline_folder import load_pipeline
from pentimento.tools.types import Progress, Report, Unable

if TYPE_CHECKING:
    import torch
    from diffusers import StableDiffusionInstructPix2PixPipeline, StableDiffusionPipeline, UNet2DConditionModel

    Pipeline: TypeAlias = StableDiffusionPipeline | StableDiffusionInstructPix2PixPipeline
    Tensors: TypeAlias = dict[str, torch.Tensor]

AnyPipeline = TypeVar("AnyPipeline", bound="Pipeline")

EDITOR, FILLER = "StableDiffusionInstructPix2PixPipeline", "StableDiffusionInpaintPipeline"
"""What the folder of one body holds."""
PREVIEW_EVERY = 4
"""Denoising steps from one preview to the next."""
HOLE = 127
"""Gray level of what is to be filled in."""
_WHITE = 127
"""Level from above which a mask counts as white."""


@dataclass(frozen=True)
class StableDiffusion:
    """The pipelines of one body; every module but the first convolution is the same object."""

    generator: "StableDiffusionPipeline"
    editor: "StableDiffusionInstructPix2PixPipeline"
    mask: "torch.Tensor | None"
    """What the first convolution makes of the mask, (channels, 1, rows, columns); None where the body reads none."""


def load(path: Path) -> StableDiffusion:
    """Load an InstructPix2Pix or inpainting folder from disk, offline, safetensors only; `ToolError` when it is damaged.

    An inpainting body must have been trained to edit as well: without a mask, from the source's latents.
    """
    return of_parts(_parts(path))


def of_parts(parts: dict[str, Any]) -> StableDiffusion:
    """The pipelines of one body's modules, by their names in a pipeline's folder."""
    import torch
    from diffusers import StableDiffusionInstructPix2PixPipeline

    unet, channels = parts["unet"], parts["unet"].config.out_channels
    weight = unet.conv_in.weight.detach()
    noisy, source, mask = weight[:, :channels], weight[:, -channels:], None
    if unet.config.in_channels == 2 * channels + 1:
        mask = weight[:, channels : channels + 1]
        # An inpainting body reads the source's latents as scaled as the noisy ones, the editing pipeline does not scale them.
        source = source * parts["vae"].config.scaling_factor
        parts = {**parts, "unet": reading(unet, torch.cat([noisy, source], 1))}
    editor = _pipeline(StableDiffusionInstructPix2PixPipeline, parts)
    return StableDiffusion(_generator(parts, noisy), editor, mask)


def _parts(path: Path) -> dict[str, Any]:
    """The modules of a pipeline's folder."""
    pipe = load_pipeline(path, (EDITOR, FILLER), CPU, {"safety_checker": None})
    return dict(pipe.components)


def _pipeline(kind: "type[AnyPipeline]", parts: dict[str, Any]) -> "AnyPipeline":
    pipe: AnyPipeline = kind(**parts, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _generator(parts: dict[str, Any], noisy: "torch.Tensor") -> "StableDiffusionPipeline":
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

    # An offset of 1 is what the pipeline would set, with a warning; it counts for "leading" time steps alone.
    scheduler = DPMSolverMultistepScheduler.from_config(parts["scheduler"].config, steps_offset=1)
    unet = reading(parts["unet"], noisy.clone())
    return _pipeline(StableDiffusionPipeline, {**parts, "unet": unet, "scheduler": scheduler})


def reading(unet: "UNet2DConditionModel", weight: "torch.Tensor") -> "UNet2DConditionModel":
    """The same U-Net but for what its first convolution reads: `weight`, (channels, inputs, rows, columns)."""
    import torch
    from diffusers import UNet2DConditionModel

    inputs = weight.shape[1]
    with torch.device("meta"):
        twin = UNet2DConditionModel.from_config({**unet.config, "in_channels": inputs})
    for name, child in unet.named_children():
        setattr(twin, name, child)
    first = unet.conv_in
    twin.conv_in = torch.nn.Conv2d(inputs, first.out_channels, first.kernel_size, padding=first.padding)
    twin.conv_in.weight = torch.nn.Parameter(weight, requires_grad=False)
    twin.conv_in.bias = first.bias
    return twin.eval()


def noise_source(seed: int) -> "torch.Generator":
    """Noise is drawn on the CPU, so that a seed gives the same picture on every device."""
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def _step_report(stage: str, steps: int, report: Report) -> "Callable[[Pipeline, int, object, Tensors], Tensors]":
    """A diffusers callback that reports each step and now and then shows the picture so far."""

    def on_step(pipe: "Pipeline", step: int, _timestep: object, tensors: "Tensors") -> "Tensors":
        check_finite(tensors["latents"])
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


def unread(models: StableDiffusion, words: str) -> str:
    """The end of a prompt that the text encoder has no room for."""
    tokenizer = models.generator.tokenizer
    ids = tokenizer(words, add_special_tokens=False, verbose=False).input_ids
    left = ids[tokenizer.model_max_length - tokenizer.num_special_tokens_to_add() :]
    cut: str = tokenizer.decode(left).strip()
    return cut


def generate(
    models: StableDiffusion,
    prompt: str,
    size: int | tuple[int, int],
    seed: int,
    steps: int,
    guidance: float,
    report: Report,
    avoid: str = "",
) -> Image.Image:
    """A new picture, a square of that side or width × height, RGB; `avoid` is the negative prompt."""
    width, height = (size, size) if isinstance(size, int) else size
    with finite():
        result = models.generator(
            prompt,
            height=height,
            width=width,
            num_inference_steps=steps,
            guidance_scale=guidance,
            negative_prompt=avoid or None,
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
    with finite(), guided(models, guidance, image_guidance):
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


@contextmanager
def guided(models: StableDiffusion, guidance: float, image_guidance: float) -> Iterator[None]:
    """Within it the editor leaves out what its guidance doesn't need.

    It runs three batches side by side: with words and source, with the source, with neither. At an image guidance of 1 the last
    one cancels out of their sum (Brooks et al. 2023, equation 3), so that any other in its place gives the same. At a guidance of
    1 there is one batch anyway.
    """
    if guidance <= 1 or image_guidance != 1:
        yield
        return
    unet = models.editor.unet
    handles = (
        unet.register_forward_pre_hook(_first_two, with_kwargs=True),
        unet.register_forward_hook(_second_again),
    )
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _first_two(
    _unet: "torch.nn.Module", arguments: "tuple[torch.Tensor, ...]", named: dict[str, Any]
) -> "tuple[tuple[torch.Tensor, ...], dict[str, Any]]":
    latents, *rest = arguments
    words = named["encoder_hidden_states"]
    kept = {**named, "encoder_hidden_states": words[: 2 * len(words) // 3]}
    return (latents[: 2 * len(latents) // 3], *rest), kept


def _second_again(_unet: "torch.nn.Module", _arguments: object, output: "tuple[torch.Tensor]") -> "tuple[torch.Tensor]":
    import torch

    made = output[0]
    return (torch.cat([made, made[len(made) // 2 :]]),)


def inpaint(
    models: StableDiffusion,
    src: Image.Image,
    mask: Image.Image,
    prompt: str,
    seed: int,
    steps: int,
    guidance: float,
    report: Report,
) -> Image.Image:
    """The source with what the prompt says where the mask (mode L) is white, same size, RGB; `ToolError` without such a model.

    Whole latent cells are filled; what lies in them beside the mask changes too.
    """
    cells = mask_cells(models, [mask])
    with filling(models, cells):
        return edit(models, holed(src, cells[0]), prompt, seed, steps, guidance, 1.0, report)


def mask_cells(models: StableDiffusion, masks: Sequence[Image.Image]) -> "torch.Tensor":
    """(count, 1, rows, columns) of latent cells, 1 where a mask is white anywhere in the cell, else 0."""
    import torch
    from torch.nn import functional

    levels = torch.stack([torch.from_numpy(np.asarray(mask.convert("L")) > _WHITE) for mask in masks])
    return functional.max_pool2d(levels[:, None].float(), models.editor.vae_scale_factor)


def holed(src: Image.Image, cells: "torch.Tensor") -> Image.Image:
    """The source, gray in the cells (1, rows, columns) that are to be filled."""
    hole = Image.fromarray((255 * cells[0].numpy()).astype(np.uint8)).resize(src.size, Image.Resampling.NEAREST)
    made = src.copy()
    made.paste((HOLE,) * 3, mask=hole)
    return made


@contextmanager
def filling(models: StableDiffusion, cells: "torch.Tensor") -> Iterator[None]:
    """Within it the editor fills cells, one mask for each picture of a batch. `ToolError` where the body reads no mask."""
    import torch

    if models.mask is None:
        raise Unable("The picture model of this profile can't fill in a region; say what should change instead.")
    first = models.editor.unet.conv_in
    share = torch.nn.functional.conv2d(cells.to(models.mask), models.mask, padding=first.padding)

    def add(_module: "torch.nn.Module", _inputs: object, output: "torch.Tensor") -> "torch.Tensor":
        # Guidance runs the batch up to three times side by side.
        return output + share.to(output).repeat(len(output) // len(share), 1, 1, 1)

    handle = first.register_forward_hook(add)
    try:
        yield
    finally:
        handle.remove()
