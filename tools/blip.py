"""A picture in words: BLIP (Li et al. 2022), trained to write captions."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools.broken import BrokenFile
from pentimento.tools.finite import check_finite
from pentimento.tools.model_files import check_folder
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    from transformers import BlipForConditionalGeneration, BlipProcessor

LONGEST = 64
"""Tokens of a caption at most."""
KNOWN = 0.9
"""Share of a model's tokens that its tokenizer knows at least; published ones leave a few without a word."""


@dataclass(frozen=True)
class Describer:
    model: "BlipForConditionalGeneration"
    processor: "BlipProcessor"

    def describe(self, src: Image.Image) -> str:
        """One sentence, or what the model takes for one."""
        import torch

        room = min(LONGEST, self.model.config.text_config.max_position_embeddings - 1)
        pixels = self.processor.image_processor(images=[src], return_tensors="pt").pixel_values
        with torch.inference_mode():
            check_finite(self.model.vision_model(pixels).last_hidden_state, "describing")
            ids = self.model.generate(pixels, max_new_tokens=room, do_sample=False)
        said: str = self.processor.tokenizer.batch_decode(ids, skip_special_tokens=True)[0]
        return " ".join(said.split())


def load(path: Path) -> Describer:
    """Load a BLIP folder from disk, offline, in float32 on the processor; `ToolError` when it is damaged."""
    import torch
    from safetensors import SafetensorError
    from transformers import BlipForConditionalGeneration, BlipProcessor
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        check_folder(path)
        model = BlipForConditionalGeneration.from_pretrained(
            path, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
        processor = BlipProcessor.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError, SafetensorError, BrokenFile) as error:
        raise ToolError(f"The model that describes pictures in {path} can't be loaded; get it again.") from error
    # Where the vocabulary's files are missing, an empty tokenizer is made without a word.
    size = model.config.text_config.vocab_size
    if not KNOWN * size <= len(processor.tokenizer) <= size:
        raise ToolError(f"The model that describes pictures in {path} lacks its words; get it again.")
    return Describer(model.eval(), processor)
