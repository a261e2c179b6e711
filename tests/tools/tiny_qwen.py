"""Qwen-Image-Edit and Qwen-Image of the real classes with tiny random weights; the processor is put together by hand."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline
    from transformers import Qwen2Tokenizer, Qwen2VLProcessor

WIDE = 32
"""Width of the larger text encoders."""
TEMPLATE = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"


def saved(pipe: "DiffusionPipeline", folder: Path) -> None:
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)


def lively(module: "torch.nn.Module") -> "torch.nn.Module":
    """Weights large enough that every input leaves its mark on the pixels."""
    import torch

    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim > 1:
                torch.nn.init.normal_(weight, std=1.5 / weight[0].numel() ** 0.5)
    return module


def qwen_tokenizer(*more: str) -> "Qwen2Tokenizer":
    """Spells every word out, byte by byte."""
    from tokenizers import pre_tokenizers
    from transformers import Qwen2Tokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = Qwen2Tokenizer(vocab={letter: number for number, letter in enumerate(letters)}, merges=[])
    words.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>", *more]})
    words.chat_template = TEMPLATE
    return words


def qwen_processor() -> "Qwen2VLProcessor":
    """Put together by hand: the class can't be made without torchvision, though it needs it for films alone."""
    from transformers import Qwen2VLImageProcessorPil, Qwen2VLProcessor

    words = qwen_tokenizer("<|vision_start|>", "<|image_pad|>", "<|video_pad|>", "<|vision_end|>")
    made = Qwen2VLProcessor.__new__(Qwen2VLProcessor)
    made.image_processor = Qwen2VLImageProcessorPil(patch_size=14, merge_size=2, min_pixels=28 * 28, max_pixels=56 * 56)
    made.tokenizer, made.video_processor, made.chat_template = words, None, TEMPLATE
    for kind in ("image", "video"):
        setattr(made, f"{kind}_token", f"<|{kind}_pad|>")
        setattr(made, f"{kind}_token_id", words.convert_tokens_to_ids(f"<|{kind}_pad|>"))
    return made


def _qwen_parts(processor: "Qwen2VLProcessor") -> dict[str, object]:
    import torch
    from diffusers import AutoencoderKLQwenImage, FlowMatchEulerDiscreteScheduler
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    words = processor.tokenizer
    of = words.convert_tokens_to_ids
    torch.manual_seed(8)
    text = {
        "vocab_size": len(words),
        "hidden_size": WIDE,
        "intermediate_size": WIDE,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "rope_parameters": {"rope_type": "default", "mrope_section": [2, 3, 3], "rope_theta": 10000.0},
        "initializer_range": 0.3,
    }
    eyes = {
        "depth": 2,
        "hidden_size": WIDE,
        "intermediate_size": WIDE,
        "num_heads": 2,
        "out_hidden_size": WIDE,
        "fullatt_block_indexes": [1],
        "window_size": 28,
        "initializer_range": 0.3,
    }
    tokens = {f"{name}_token_id": of(f"<|{name}_pad|>") for name in ("image", "video")}
    ends = {f"vision_{name}_token_id": of(f"<|vision_{name}|>") for name in ("start", "end")}
    config = Qwen2_5_VLConfig(text_config=text, vision_config=eyes, **tokens, **ends)
    return {
        "vae": AutoencoderKLQwenImage(
            base_dim=4,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=0,  # it always looks at a megapixel, and that takes most of the time
            temperal_downsample=[False, True, True],
            latents_mean=[0.1, -0.2, 0.3, 0.0],
            latents_std=[1.5, 2.0, 1.0, 1.2],
        ),
        "text_encoder": Qwen2_5_VLForConditionalGeneration(config),
        "tokenizer": words,
        "scheduler": FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    }


def _qwen_body(seed: int) -> "torch.nn.Module":
    import torch
    from diffusers import QwenImageTransformer2DModel

    torch.manual_seed(seed)
    return lively(
        QwenImageTransformer2DModel(
            patch_size=2,
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDE,
            axes_dims_rope=(4, 6, 6),
        )
    )


def make_qwen_image_edit(folder: Path) -> None:
    """Saved part by part: a processor that was put together by hand can't be saved."""
    from diffusers import QwenImagePipeline

    parts = _qwen_parts(qwen_processor())
    saved(QwenImagePipeline(**parts, transformer=_qwen_body(9)), folder / "generate")
    saved(QwenImagePipeline(**parts, transformer=_qwen_body(10)), folder / "path")
    index = folder / "path" / "model_index.json"
    content = json.loads(index.read_text())
    content |= {"_class_name": "QwenImageEditPlusPipeline", "processor": ["transformers", "Qwen2VLProcessor"]}
    index.write_text(json.dumps(content))
