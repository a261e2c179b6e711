"""A CLIP, untrained and tiny, as a folder."""

from pathlib import Path

from tests.tiny_models import LENGTH, SIDE, WORD, tokenizer


def make_scorer(folder: Path) -> None:
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPProcessor

    torch.manual_seed(0)
    words = tokenizer()
    tower = {"hidden_size": WORD, "intermediate_size": WORD, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {
        **tower,
        "vocab_size": len(words),
        "max_position_embeddings": LENGTH,
        "eos_token_id": words.eos_token_id,
        "initializer_range": 0.5,
    }
    vision = {**tower, "image_size": SIDE, "patch_size": 4, "initializer_range": 0.5}
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=WORD)).save_pretrained(folder)
    square = {"height": SIDE, "width": SIDE}
    images = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=square)
    CLIPProcessor(images, words).save_pretrained(folder)
