"""The families of picture models, one file each: what differs between them lives there and nowhere else."""

from collections.abc import Callable

from pentimento.tools.compute import Compute
from pentimento.tools.families import flux2_klein, flux_kontext, qwen_image_edit, sd, sdxl
from pentimento.tools.families.family import ImageFamily, Sampling
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.types import ToolError

__all__ = ["FAMILIES", "READS", "ImageFamily", "Sampling", "cannot_avoid", "load"]

FAMILIES: dict[str, Callable[[Folders, Compute], ImageFamily]] = {
    "sd": sd.load,
    "sdxl": sdxl.load,
    "flux-kontext": flux_kontext.load,
    "flux2-klein": flux2_klein.load,
    "qwen-image-edit": qwen_image_edit.load,
}
"""By the name that a profile calls it."""
READS = {
    "sd": 75,
    "sdxl": 75,
    "flux-kontext": flux_kontext.LENGTH - 1,
    "flux2-klein": flux2_klein.LENGTH - 32,
    "qwen-image-edit": qwen_image_edit.LENGTH,
}
"""Tokens of a prompt for which each family has room: CLIP's 77 less two, others' less what is put around the words."""
_AVOID = frozenset({"sd", "sdxl", "qwen-image-edit"})
"""The families that have a negative prompt, which is read where guidance is above 1."""


def cannot_avoid(name: str, guidance: float) -> str:
    """Why a family can't be told what a new picture should not show, one sentence; empty where it can."""
    if name not in _AVOID:
        return "The picture model of this profile can't be told what to avoid; describe what should be there instead."
    if guidance > 1:
        return ""
    return "With guidance 1 the picture model can't be told what to avoid; take more, or describe what should be there instead."


def load(name: str, folders: Folders, compute: Compute) -> ImageFamily:
    """The models of a family, offline; `ToolError` when one is missing or damaged, or there is no such family."""
    if name not in FAMILIES:
        raise ToolError(f"There is no family {name} of picture models; there are: {', '.join(FAMILIES)}.")
    return FAMILIES[name](folders, compute)
