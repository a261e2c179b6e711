"""Masks by words: CLIPSeg (Lüddecke and Ecker 2022)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pentimento.tools.broken import BrokenFile
from pentimento.tools.finite import check_finite
from pentimento.tools.model_files import check_folder
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    import torch
    from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor


@dataclass(frozen=True)
class Segmenter:
    model: "CLIPSegForImageSegmentation"
    processor: "CLIPSegProcessor"
    _seen: "dict[tuple[tuple[int, int], bytes], list[torch.Tensor]]" = field(default_factory=dict, repr=False)
    """The last picture and what the eye made of it: many things are looked for in one."""

    def look(self, src: Image.Image) -> "list[torch.Tensor]":
        """What the layers of the eye that the decoder reads make of a picture."""
        key = src.size, src.tobytes()
        if key not in self._seen:
            self._seen.clear()
            pixels = self.processor(images=[src], return_tensors="pt")
            layers = self.model.clip.get_image_features(**pixels, output_hidden_states=True).hidden_states
            # The first of the hidden states is what goes into the first layer.
            self._seen[key] = [layers[number + 1] for number in self.model.extract_layers]
        return self._seen[key]


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

    words = segmenter.processor(text=[what], padding="max_length", truncation=True, return_tensors="pt")
    with torch.inference_mode():
        asked = segmenter.model.get_conditional_embeddings(batch_size=1, **words)
        logits = segmenter.model.decoder(segmenter.look(src), asked).logits.squeeze(0)
    check_finite(logits, "mask")
    probability = (torch.sigmoid(logits) * 255).round().numpy().astype(np.uint8)
    return Image.fromarray(probability).resize(src.size, Image.Resampling.BILINEAR)
