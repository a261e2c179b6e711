"""The models of the full world in training, on unseen scenes: beside them the drawn truth, doing nothing and untrained weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionInpaintPipeline, UNet2DConditionModel
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPTextModel

from pentimento.bench import drawings, masks
from pentimento.bench.judge import load_judge
from pentimento.starter.training import NEXT
from pentimento.tools import clipseg, sd
from pentimento.tools.clipseg import Segmenter

PROMPTS = 300
PAIRS = 60
"""Edits of each kind."""
UNTRAINED = 60
"""Prompts, and a fifth as many edits of each kind, on which untrained weights are measured."""
MASKED = 200


def measure(folder: Path = NEXT) -> dict[str, object]:
    """Rows of `folder`'s image and segment models, those of them that are there."""
    rows: dict[str, object] = {}
    if (folder / "image" / "unet").exists():
        rows |= _named(_image_rows(folder / "image"))
    if (folder / "segment").exists():
        rows |= _named(_segment_rows(folder / "segment"))
    return rows


def _named(found: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    return {f"{row}, {whose}": value for whose, rows in found.items() for row, value in rows.items()}


def _image_rows(folder: Path) -> dict[str, dict[str, str]]:
    judge = load_judge()
    return {
        "trained": drawings.rows(sd.load(folder), judge, PROMPTS, PAIRS),
        **drawings.baselines(judge, PROMPTS, PAIRS),
        "untrained": drawings.rows(sd.of_parts(untrained_parts(folder)), judge, UNTRAINED, UNTRAINED // 5),
    }


def _segment_rows(folder: Path) -> dict[str, dict[str, str]]:
    trained = clipseg.load(folder)
    torch.manual_seed(0)
    fresh = CLIPSegForImageSegmentation(CLIPSegConfig.from_pretrained(folder)).eval()
    untrained = Segmenter(trained.processor, fresh)
    return {
        "trained": masks.measure(lambda picture, what: clipseg.segment(trained, picture, what), MASKED),
        "untrained": masks.measure(lambda picture, what: clipseg.segment(untrained, picture, what), MASKED),
        "a box in the middle": masks.measure(masks.middle_box, MASKED),
    }


def untrained_parts(folder: Path) -> dict[str, Any]:
    """The modules of a picture model, by their names, with fresh weights; the picture code stays."""
    torch.manual_seed(0)
    pipe = StableDiffusionInpaintPipeline.from_pretrained(folder, safety_checker=None)
    return {
        **pipe.components,
        "unet": UNet2DConditionModel.from_config(pipe.unet.config),
        "text_encoder": CLIPTextModel(pipe.text_encoder.config),
    }
