"""Qwen-Image-Edit 2509 and 2511: edits, with up to two references. Qwen-Image beside it draws and fills in.

Guidance is the "true" one: the body runs twice a step, with the words and with a negative prompt. Without such a prompt the
pipelines leave guidance out and only log it; so one is always given.
"""

from collections.abc import Sequence
from importlib.util import find_spec
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
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    import torch
    from diffusers import QwenImageEditPlusPipeline, QwenImageInpaintPipeline, QwenImagePipeline
    from transformers import Qwen2VLProcessor

EDITS = "QwenImageEditPlusPipeline"
DRAWS = "QwenImagePipeline"
NEGATIVE = " "
"""What to keep away from: nothing."""
LENGTH = 1024
"""Tokens of a prompt."""
PICTURES = 3
"""That it was trained to look at, the source among them."""


def load(folders: Folders, compute: Compute, processor: "Qwen2VLProcessor | None" = None) -> ImageFamily:
    """A processor is read from the folder where none is given; only reading one takes torchvision."""
    if processor is None and find_spec("torchvision") is None:
        raise ToolError('Qwen-Image-Edit needs torchvision; install it with: pip install "pentimento[qwen]".')
    expect(folders, "generate")
    editor = load_pipeline(folders.main, (EDITS,), compute, None if processor is None else {"processor": processor})
    if folders.generate is None:
        return QwenImageEdit(compute, editor, None, None)
    same = alike(editor.components, folders.main, folders.generate)
    generator = load_pipeline(folders.generate, (DRAWS,), compute, same)
    return QwenImageEdit(compute, editor, generator, _filler(generator))


def _filler(generator: "QwenImagePipeline") -> "QwenImageInpaintPipeline":
    from diffusers import QwenImageInpaintPipeline

    filler = QwenImageInpaintPipeline(**generator.components)
    filler.set_progress_bar_config(disable=True)
    return filler


class QwenImageEdit(Pipelines):
    def __init__(
        self,
        compute: Compute,
        editor: "QwenImageEditPlusPipeline",
        generator: "QwenImagePipeline | None",
        filler: "QwenImageInpaintPipeline | None",
    ) -> None:
        super().__init__(compute, *(pipe for pipe in (editor, generator, filler) if pipe is not None))
        self.editor, self.generator, self.filler = editor, generator, filler
        self._cell = 2 * editor.vae_scale_factor

    def unread(self, words: str) -> str:
        tokenizer = self.editor.tokenizer
        return unread_by(tokenizer, room_of(tokenizer, LENGTH), words)

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        if self.generator is None:
            raise cannot("draw from words alone", f"name the folder of a {DRAWS} as generate in the profile")
        width, height = on_grid(size, self._cell)
        made = drawn(
            self.generator,
            sampling,
            prompt=prompt,
            width=width,
            height=height,
            max_sequence_length=LENGTH,
            callback_on_step_end=self.watched("drawing", sampling.report, self._looking(width, height)),
            **_guided(sampling.guidance, sampling.avoid),
        )
        return resized(made, size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        if 1 + len(refs) > PICTURES:
            raise cannot("look at so many pictures", f"give it {PICTURES - 1} beside the one that is edited")
        width, height = on_grid(src.size, self._cell)
        made = drawn(
            self.editor,
            sampling,
            prompt=instruction,
            image=[src, *refs],
            width=width,
            height=height,
            max_sequence_length=LENGTH,
            callback_on_step_end=self.watched("painting", sampling.report, self._looking(width, height)),
            **_guided(sampling.guidance),
        )
        return resized(made, src.size)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        if self.filler is None:
            raise cannot("fill in a region", f"name the folder of a {DRAWS} as generate in the profile")
        width, height = on_grid(src.size, self._cell)
        made = drawn(
            self.filler,
            sampling,
            prompt=prompt,
            image=resized(src, (width, height)),
            mask_image=resized_mask(mask, (width, height)),
            width=width,
            height=height,
            strength=1.0,
            max_sequence_length=LENGTH,
            callback_on_step_end=self.watched("filling in", sampling.report, self._looking(width, height)),
            **_guided(sampling.guidance),
        )
        return resized(made, src.size)

    def _looking(self, width: int, height: int) -> Look:
        import torch

        config = self.editor.vae.config

        def look(latents: "torch.Tensor") -> Image.Image:
            picture = unpacked(latents, (width, height), self._cell)
            mean, spread = (
                torch.tensor(numbers).to(picture)[:, None, None]
                for numbers in (config.latents_mean, config.latents_std)
            )
            return decoded(self.editor, picture * spread + mean, film=True)

        return look


def _guided(guidance: float, avoid: str = "") -> dict[str, float | str | None]:
    return {"true_cfg_scale": guidance, "negative_prompt": (avoid or NEGATIVE) if guidance > 1 else None}
