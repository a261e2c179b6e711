"""Masks by words: CLIPSeg (Lüddecke and Ecker 2022)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pentimento.tools.broken import BrokenFile
from pentimento.tools.finite import check_finite
from pentimento.tools.model_files import check_folder
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor


@dataclass(frozen=True)
class Segmenter:
    model: "CLIPSegForImageSegmentation"
    processor: "CLIPSegProcessor"


def load(path: Path) -> Segmenter:
    """Load a CLIPSeg folder from disk, offline; `ToolError` when it is damaged."""
    import torch
    from safetensors import SafetensorError
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        check_folder(path)
        model = CLIPSegForImageSegmentation.from_pretrained(
            path, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
        processor = CLIPSegProcessor.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError, BrokenFile) as error:
        raise ToolError(f"The mask model in {path} can't be loaded; put a whole copy of it there.") from error
    # Where the vocabulary's files are missing, an empty tokenizer is made without a word.
    if len(processor.tokenizer) != model.config.text_config.vocab_size:
        raise ToolError(f"The mask model in {path} can't be loaded, it lacks its words; put a whole copy of it there.")
    return Segmenter(model.eval(), processor)


def segment(segmenter: Segmenter, src: Image.Image, what: str) -> Image.Image:
    """Where the words are in the picture: mode L, 0 to 255 (probability), the picture's size."""
    import torch

    inputs = segmenter.processor(text=[what], images=[src], padding="max_length", truncation=True, return_tensors="pt")
    with torch.inference_mode():
        logits = segmenter.model(**inputs).logits.squeeze(0)
    check_finite(logits, "mask")
    probability = (torch.sigmoid(logits) * 255).round().numpy().astype(np.uint8)
    return Image.fromarray(probability).resize(src.size, Image.Resampling.BILINEAR)
