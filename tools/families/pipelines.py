"""What the families have in common: pipelines on a device that can do with less memory, and drawing while somebody watches."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families.family import Sampling
from pentimento.tools.finite import check_finite, finite
from pentimento.tools.sd import PREVIEW_EVERY, noise_source
from pentimento.tools.types import Progress, Report, Unable

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline, FluxTransformer2DModel, UNet2DConditionModel
    from transformers import PreTrainedTokenizerBase

    Tensors: TypeAlias = Mapping[str, torch.Tensor]

Look: TypeAlias = "Callable[[torch.Tensor], Image.Image]"
"""The latents that a pipeline works on → the picture so far."""
Size: TypeAlias = tuple[int, int]
"""Width and height, pixels."""

TILES, OFFLOAD = "tiles", "offload"
PREVIEW_CELLS = 64
"""Latent cells of a preview's longer side at most; to decode more costs as much as drawing."""


class Pipelines:
    """Pipelines of one family on one device; what they have in common lies there once.

    With `offload` the modules wait in the computer's memory and each is on the card while it works.
    """

    def __init__(self, compute: Compute, *pipelines: "DiffusionPipeline") -> None:
        self.compute = compute
        self.pipelines = pipelines
        self._savings: list[str] = []
        self._place()

    def _place(self) -> None:
        from torch import OutOfMemoryError

        if self.compute.device == "cpu":
            return
        try:
            for pipe in self.pipelines:
                pipe.to(self.compute.device)
        except OutOfMemoryError:
            self._offload()

    def _offload(self) -> None:
        for pipe in self.pipelines:
            pipe.enable_model_cpu_offload(device=self.compute.device)
        self._savings.append(OFFLOAD)

    @property
    def savings(self) -> tuple[str, ...]:
        return tuple(self._savings)

    def save_memory(self) -> str:
        if TILES not in self._savings:
            for pipe in self.pipelines:
                pipe.vae.enable_tiling()
            self._savings.append(TILES)
            return TILES
        if self.compute.device != "cpu" and OFFLOAD not in self._savings:
            self._offload()
            return OFFLOAD
        return ""

    @property
    def attention(self) -> str:
        pipe = self.pipelines[0]
        return attention_of(getattr(pipe, "unet", None) or pipe.transformer)

    def watched(self, stage: str, report: Report, look: Look) -> "Callable[..., Tensors]":
        """A diffusers callback that reports each step and now and then shows the picture so far."""

        def on_step(pipe: "DiffusionPipeline", step: int, _timestep: object, tensors: "Tensors") -> "Tensors":
            check_finite(tensors["latents"])
            done, steps = step + 1, pipe.num_timesteps
            report(Progress(stage, done / steps, self.seen(tensors["latents"], done, steps, look)))
            return {}

        return on_step

    def seen(self, latents: "torch.Tensor", done: int, steps: int, look: Look) -> Image.Image | None:
        """The preview that is due after a step. None is, where the decoder would have to be fetched for it."""
        due = done % PREVIEW_EVERY == 0 and done < steps and OFFLOAD not in self._savings
        return look(latents) if due else None


def drawn(pipe: "DiffusionPipeline", sampling: Sampling, **arguments: object) -> Image.Image:
    """What a pipeline makes; noise is drawn on the CPU, so that a seed means the same on every device."""
    with finite():
        result = pipe(num_inference_steps=sampling.steps, generator=noise_source(sampling.seed), **arguments)
    picture: Image.Image = result.images[0]
    return picture


def on_grid(size: Size, multiple: int) -> Size:
    """The size in whole multiples, none less than one."""
    width, height = (max(multiple, side // multiple * multiple) for side in size)
    return width, height


def resized(picture: Image.Image, size: Size) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)


def resized_mask(mask: Image.Image, size: Size) -> Image.Image:
    return mask if mask.size == size else mask.resize(size, Image.Resampling.NEAREST)


def decoded(pipe: "DiffusionPipeline", latents: "torch.Tensor", *, film: bool = False) -> Image.Image:
    """(1, channels, rows, columns) as the decoder reads them → a picture, small where they are many.

    A decoder of films is given a film of one picture.
    """
    import torch
    from torch.nn import functional

    share = min(1.0, PREVIEW_CELLS / max(latents.shape[-2:]))
    if share < 1:
        latents = functional.interpolate(latents.float(), scale_factor=share, mode="area")
    latents = latents.to(pipe.vae.dtype)
    with torch.no_grad():
        if film:
            pixels = pipe.vae.decode(latents[:, :, None], return_dict=False)[0][:, :, 0]
        else:
            pixels = pipe.vae.decode(latents, return_dict=False)[0]
    picture: Image.Image = pipe.image_processor.postprocess(pixels, output_type="pil")[0]
    return picture


def unpacked(latents: "torch.Tensor", size: Size, cell: int) -> "torch.Tensor":
    """(1, rows × columns, 4 × channels), two by two latents in a row → (1, channels, 2 × rows, 2 × columns).

    `cell` is the side of such a square in pixels.
    """
    columns, rows = (side // cell for side in size)
    squares = latents[:1].unflatten(1, (rows, columns)).unflatten(3, (-1, 2, 2))
    grid: torch.Tensor = squares.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)
    return grid


def attention_of(body: "UNet2DConditionModel | FluxTransformer2DModel") -> str:
    """By which kernels a body computes attention."""
    from diffusers.utils import constants

    names = set()
    for processor in body.attn_processors.values():
        kind = type(processor).__name__
        backend = getattr(processor, "_attention_backend", "native" if "2_0" in kind else kind)
        names.add(str(getattr(backend, "value", backend) or constants.DIFFUSERS_ATTN_BACKEND))
    return ", ".join(sorted("sdpa" if name == "native" else name for name in names))


def unread_by(tokenizer: "PreTrainedTokenizerBase", room: int, words: str) -> str:
    """The end of the words that is left when so many tokens of them are read."""
    ids = tokenizer(words, add_special_tokens=False, verbose=False).input_ids
    end: str = tokenizer.decode(ids[room:]).strip()
    return end


def room_of(tokenizer: "PreTrainedTokenizerBase", length: int | None = None) -> int:
    """Tokens that it leaves for words, of so many in all."""
    room: int = (length or tokenizer.model_max_length) - tokenizer.num_special_tokens_to_add()
    return room


def cannot(what: str, instead: str) -> Unable:
    """What is raised for what a family, or this choice of folders, has no model for."""
    return Unable(f"The picture model of this profile can't {what}; {instead}.")
