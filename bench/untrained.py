"""The shipped models' shapes with fresh random weights: what the code around a model achieves without it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pentimento.tools.blip import Describer
from pentimento.tools.clipseg import Segmenter

if TYPE_CHECKING:
    from diffusers import StableDiffusionUpscalePipeline


def untrained_parts(folder: Path) -> dict[str, Any]:
    """The modules of a picture model, by their names, that have never seen a picture; the picture code stays."""
    import torch
    from diffusers import StableDiffusionInpaintPipeline, UNet2DConditionModel
    from transformers import CLIPTextModel

    torch.manual_seed(0)
    pipe = StableDiffusionInpaintPipeline.from_pretrained(folder, safety_checker=None)
    return {
        **pipe.components,
        "unet": UNet2DConditionModel.from_config(pipe.unet.config),
        "text_encoder": CLIPTextModel(pipe.text_encoder.config),
    }


def untrained_segmenter(trained: Segmenter) -> Segmenter:
    import torch
    from transformers import CLIPSegForImageSegmentation

    torch.manual_seed(0)
    return Segmenter(CLIPSegForImageSegmentation(trained.model.config).eval(), trained.processor)


def untrained_describer(trained: Describer) -> Describer:
    import torch
    from transformers import BlipForConditionalGeneration

    torch.manual_seed(0)
    return Describer(BlipForConditionalGeneration(trained.model.config).eval(), trained.processor)


def untrained_enlarger() -> "StableDiffusionUpscalePipeline":
    """As its recipe begins: there the weights are laid out to do what Lanczos' filter does."""
    import torch

    from pentimento.starter.enlarger import load_or_make, pipeline

    torch.manual_seed(0)
    return pipeline(*load_or_make(None))
