"""The shipped models' shapes with fresh random weights: what the code around a model achieves without it."""

import tempfile
from functools import cache
from pathlib import Path

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPSegProcessor, CLIPTextModel

from pentimento.tools.engine import Engine
from pentimento.tools.profile import load_profile


@cache
def untrained_engine() -> Engine:
    """An engine whose U-Net, text encoder and mask model have never seen a picture; the picture code stays."""
    torch.manual_seed(0)
    profile = load_profile("starter")
    folder = Path(tempfile.mkdtemp())
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(profile.path("image"), safety_checker=None)
    parts = {
        **pipe.components,
        "unet": UNet2DConditionModel.from_config(pipe.unet.config),
        "text_encoder": CLIPTextModel(pipe.text_encoder.config),
    }
    fresh = StableDiffusionInstructPix2PixPipeline(**parts, requires_safety_checker=False)
    fresh.save_pretrained(folder / "starter" / "image")
    masks = folder / "starter" / "segment"
    CLIPSegForImageSegmentation(CLIPSegConfig.from_pretrained(profile.path("segment"))).save_pretrained(masks)
    CLIPSegProcessor.from_pretrained(profile.path("segment")).save_pretrained(masks)
    shipped = profile.folder / "starter.toml"
    (folder / "starter.toml").write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    return Engine(str(folder / "starter.toml"))
