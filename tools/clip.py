"""How well a picture and words agree: CLIP (Radford et al. 2021)."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from pentimento.tools.broken import BrokenFile
from pentimento.tools.finite import check_finite
from pentimento.tools.model_files import check_folder
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    from transformers import CLIPModel, CLIPProcessor


@dataclass(frozen=True)
class Scorer:
    model: "CLIPModel"
    processor: "CLIPProcessor"

    def agreement(self, picture: Image.Image, words: str) -> float:
        """Cosine of what the model makes of either, -1.0 to 1.0; of long words the beginning is read."""
        import torch

        longest = self.model.config.text_config.max_position_embeddings
        given = self.processor(
            text=[words], images=[picture], padding=True, truncation=True, max_length=longest, return_tensors="pt"
        )
        with torch.inference_mode():
            made = self.model(**given)
        check_finite(made.logits_per_image, "scoring")
        return float(torch.nn.functional.cosine_similarity(made.image_embeds, made.text_embeds).item())


def load(path: Path) -> Scorer:
    """Load a CLIP folder from disk, offline, in float32 on the processor; `ToolError` when it is damaged."""
    import torch
    from safetensors import SafetensorError
    from transformers import CLIPModel, CLIPProcessor
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        check_folder(path)
        model = CLIPModel.from_pretrained(path, local_files_only=True, use_safetensors=True, dtype=torch.float32)
        processor = CLIPProcessor.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError, SafetensorError, BrokenFile) as error:
        raise ToolError(f"The model that scores pictures in {path} can't be loaded; get it again.") from error
    # Where the vocabulary's files are missing, an empty tokenizer is made without a word.
    if len(processor.tokenizer) != model.config.text_config.vocab_size:
        raise ToolError(f"The model that scores pictures in {path} lacks its words; get it again.")
    return Scorer(model.eval(), processor)
