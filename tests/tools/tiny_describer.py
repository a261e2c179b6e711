"""A BLIP that writes captions, of the shape that `starter/train_describe.py` trains, untrained and tiny, as a folder."""

from pathlib import Path

from tests.tiny_models import LENGTH, SIDE, WORD, tokenizer


def make_describer(folder: Path) -> None:
    import torch
    from transformers import BlipConfig, BlipForConditionalGeneration, BlipImageProcessorPil, BlipProcessor

    torch.manual_seed(0)
    words = tokenizer()
    words.pad_token = words.eos_token
    tower = {"hidden_size": WORD, "intermediate_size": WORD, "num_hidden_layers": 1, "num_attention_heads": 2}
    ends = {"bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id}
    text = {
        **tower,
        **ends,
        "vocab_size": len(words),
        "max_position_embeddings": LENGTH,
        "sep_token_id": words.eos_token_id,
        "pad_token_id": words.pad_token_id,
        "encoder_hidden_size": WORD,
        "initializer_range": 0.5,
    }
    vision = {**tower, "image_size": SIDE, "patch_size": 4, "initializer_range": 0.5}
    BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    images = BlipImageProcessorPil(size={"height": SIDE, "width": SIDE})
    BlipProcessor(images, words).save_pretrained(folder)
