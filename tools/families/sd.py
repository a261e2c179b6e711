"""Stable Diffusion 1.5 and its like.

Either one folder whose body both draws and edits (InstructPix2Pix, or an inpainting body trained to edit: the shipped
models), or the classical set: a Stable Diffusion to draw, with an InstructPix2Pix and an inpainting folder beside it.
"""

from collections.abc import Sequence

from PIL import Image

from pentimento.tools import sd
from pentimento.tools.compute import Compute
from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.families.pipeline_set import MULTIPLE, Kinds, PipelineSet, load_set
from pentimento.tools.families.pipelines import Pipelines, Size, cannot, on_grid, resized, resized_mask
from pentimento.tools.pipeline_folder import Folders, class_name, load_pipeline
from pentimento.tools.types import ToolError

KINDS = Kinds(
    draws="StableDiffusionPipeline",
    edits=sd.EDITOR,
    fills=sd.FILLER,
    given={"safety_checker": None, "requires_safety_checker": False},
)


def load(folders: Folders, compute: Compute) -> ImageFamily:
    if class_name(folders.main) == KINDS.draws:
        return PipelineSet(compute, load_set(folders, compute, KINDS), KINDS)
    if folders.others():
        raise ToolError(
            f"Folders beside path go with a {KINDS.draws} in path; this model draws, edits and fills by itself."
        )
    pipe = load_pipeline(folders.main, (sd.EDITOR, sd.FILLER), compute, {"safety_checker": None})
    return OneBody(sd.of_parts(dict(pipe.components)), compute)


class OneBody(Pipelines):
    """Draws, edits and fills in with the same weights."""

    def __init__(self, models: sd.StableDiffusion, compute: Compute) -> None:
        super().__init__(compute, models.generator, models.editor)
        self.models = models
        self.generator = models.generator

    def unread(self, words: str) -> str:
        return sd.unread(self.models, words)

    def generate(self, prompt: str, size: Size, sampling: Sampling) -> Image.Image:
        made = sd.generate(
            self.models,
            prompt,
            on_grid(size, MULTIPLE),
            sampling.seed,
            sampling.steps,
            sampling.guidance,
            sampling.report,
            sampling.avoid,
        )
        return resized(made, size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        if refs:
            raise cannot("look at reference pictures", "describe in words what they show")
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
