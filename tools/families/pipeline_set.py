"""A Stable Diffusion that draws, with a pipeline that edits and one that fills in beside it; what they share is loaded once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families.family import Sampling
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
from pentimento.tools.pipeline_folder import Folders, alike, expect, load_pipeline

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline

MULTIPLE = 8
"""Sides are whole multiples of so many pixels."""


@dataclass(frozen=True)
class Kinds:
    """Pipeline classes, by what they are for."""

    draws: str
    edits: str
    fills: str
    given: Mapping[str, object]
    """What each of them is made with, beside its parts."""
    sized: bool = False
    """Whether the one that edits is told the size; else it takes the picture's."""


@dataclass(frozen=True)
class Loaded:
    """The pipelines of a set."""

    generator: "DiffusionPipeline"
    editor: "DiffusionPipeline | None"
    filler: "DiffusionPipeline"


def load_set(folders: Folders, compute: Compute, kinds: Kinds) -> Loaded:
    expect(folders, "edit", "inpaint")
    generator = load_pipeline(folders.main, (kinds.draws,), compute, kinds.given)
    parts, editor = dict(generator.components), None
    if folders.edit:
        same = alike(parts, folders.main, folders.edit)
        editor = load_pipeline(folders.edit, (kinds.edits,), compute, {**kinds.given, **same})
    if folders.inpaint:
        same = alike(parts, folders.main, folders.inpaint)
        filler = load_pipeline(folders.inpaint, (kinds.fills,), compute, {**kinds.given, **same})
    else:
        filler = _filling(parts, kinds)
    return Loaded(generator, editor, filler)


def _filling(parts: Mapping[str, object], kinds: Kinds) -> "DiffusionPipeline":
    """A body that only draws fills a hole, too: what is around it is put back after each step."""
    import diffusers

    filler = getattr(diffusers, kinds.fills)(**{**parts, **kinds.given})
    filler.set_progress_bar_config(disable=True)
    return filler


class PipelineSet(Pipelines):
    """The families differ in what their pipelines are told when they edit and fill in."""

    def __init__(self, compute: Compute, loaded: Loaded, kinds: Kinds) -> None:
        pipelines = loaded.generator, loaded.editor, loaded.filler
        super().__init__(compute, *(pipe for pipe in pipelines if pipe is not None))
        self.generator, self.editor, self.filler = pipelines
        self.kinds = kinds

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
            negative_prompt=sampling.avoid or None,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched("drawing", sampling.report, self.look),
        )
        return resized(made, size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        if refs:
            raise cannot("look at reference pictures", "describe in words what they show")
        if self.editor is None:
            raise cannot("edit by an instruction", f"name the folder of a {self.kinds.edits} as edit in the profile")
        width, height = on_grid(src.size, MULTIPLE)
        made = drawn(
            self.editor,
            sampling,
            prompt=instruction,
            image=resized(src, (width, height)),
            guidance_scale=sampling.guidance,
            image_guidance_scale=sampling.image_guidance,
            **({"width": width, "height": height} if self.kinds.sized else {}),
            **self.editing(sampling),
        )
        return resized(made, src.size)

    def editing(self, sampling: Sampling) -> Mapping[str, int | Callable[..., object]]:
        """How the pipeline that edits is watched."""
        return {"callback_on_step_end": self.watched("painting", sampling.report, self.look)}

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        width, height = on_grid(src.size, MULTIPLE)
        made = drawn(
            self.filler,
            self.filling(sampling),
            prompt=prompt,
            image=resized(src, (width, height)),
            mask_image=resized_mask(mask, (width, height)),
            width=width,
            height=height,
            guidance_scale=sampling.guidance,
            callback_on_step_end=self.watched("filling in", sampling.report, self.look),
        )
        return resized(made, src.size)

    def filling(self, sampling: Sampling) -> Sampling:
        """What makes the pipeline that fills in do as many steps as it is told."""
        return sampling

    def look(self, latents: "torch.Tensor") -> Image.Image:
        return decoded(self.generator, latents[:1] / self.generator.vae.config.scaling_factor)
