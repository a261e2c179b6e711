"""Folders of each family's real classes with tiny random weights, as a person would have them on disk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pentimento.tools.pipeline_folder import Folders
from tests.tiny_models import LENGTH, SIDE, WORD, make_image_model, tokenizer

if TYPE_CHECKING:
    import torch
    from diffusers import DiffusionPipeline
    from transformers import Qwen2Tokenizer, Qwen2VLProcessor, T5Tokenizer

WIDE = 32
"""Width of the larger text encoders."""
TEMPLATE = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"


def _saved(pipe: "DiffusionPipeline", folder: Path) -> None:
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)


def _lively(module: "torch.nn.Module") -> "torch.nn.Module":
    """Weights large enough that every input leaves its mark on the pixels."""
    import torch

    with torch.no_grad():
        for weight in module.parameters():
            if weight.ndim > 1:
                torch.nn.init.normal_(weight, std=1.5 / weight[0].numel() ** 0.5)
    return module


def make_sd(folder: Path) -> None:
    """The classical set: path, edit and inpaint."""
    import torch
    from diffusers import DDIMScheduler, DiffusionPipeline, StableDiffusionPipeline, UNet2DConditionModel

    make_image_model(folder / "edit")
    make_image_model(folder / "inpaint", inpainting=True)
    parts = DiffusionPipeline.from_pretrained(folder / "edit", safety_checker=None).components
    torch.manual_seed(1)
    body = UNet2DConditionModel.from_config({**parts["unet"].config, "in_channels": 4})
    given = {name: parts[name] for name in ("vae", "text_encoder", "tokenizer", "feature_extractor")}
    pipe = StableDiffusionPipeline(
        **given,
        unet=body,
        scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        requires_safety_checker=False,
    )
    _saved(pipe, folder / "path")


def _clip(kind: str, seed: int) -> "torch.nn.Module":
    import torch
    import transformers

    words = tokenizer()
    torch.manual_seed(seed)
    config = transformers.CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=WORD,
        intermediate_size=WORD,
        projection_dim=WORD,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=LENGTH,
        eos_token_id=words.eos_token_id,
        initializer_range=0.5,
    )
    made: torch.nn.Module = getattr(transformers, kind)(config)
    return made


def _vae(**more: float) -> "torch.nn.Module":
    import torch
    from diffusers import AutoencoderKL

    torch.manual_seed(2)
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2}
    made: torch.nn.Module = AutoencoderKL(
        **blocks, block_out_channels=(8, 8), latent_channels=4, norm_num_groups=4, sample_size=SIDE, **more
    )
    return made


def _sdxl_body(channels: int) -> "torch.nn.Module":
    import torch
    from diffusers import UNet2DConditionModel

    torch.manual_seed(channels)
    made: torch.nn.Module = UNet2DConditionModel(
        sample_size=SIDE // 2,
        in_channels=channels,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D",),
        up_block_types=("CrossAttnUpBlock2D",),
        block_out_channels=(16,),
        layers_per_block=1,
        cross_attention_dim=2 * WORD,
        attention_head_dim=4,
        norm_num_groups=4,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=WORD + 6 * 8,
    )
    return made


def make_sdxl(folder: Path) -> None:
    import diffusers

    parts = {
        "vae": _vae(),
        "text_encoder": _clip("CLIPTextModel", 3),
        "text_encoder_2": _clip("CLIPTextModelWithProjection", 4),
        "tokenizer": tokenizer(),
        "tokenizer_2": tokenizer(),
        "scheduler": diffusers.EulerDiscreteScheduler(steps_offset=1, timestep_spacing="leading"),
    }
    kinds = {"path": ("", 4), "edit": ("InstructPix2Pix", 8), "inpaint": ("Inpaint", 9)}
    for name, (kind, channels) in kinds.items():
        pipeline = getattr(diffusers, f"StableDiffusionXL{kind}Pipeline")
        _saved(pipeline(**parts, unet=_sdxl_body(channels), add_watermarker=False), folder / name)


def _t5_tokenizer() -> "T5Tokenizer":
    from transformers import T5Tokenizer

    letters = [chr(code) for code in range(33, 127)]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -2.0), *((letter, -3.0) for letter in letters)]
    return T5Tokenizer(vocab=vocabulary, extra_ids=0)


def _flux_body(channels: int, seed: int) -> "torch.nn.Module":
    import torch
    from diffusers import FluxTransformer2DModel

    torch.manual_seed(seed)
    return _lively(
        FluxTransformer2DModel(
            patch_size=1,
            in_channels=channels,
            out_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDE,
            pooled_projection_dim=WORD,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=True,
        )
    )


def make_flux_kontext(folder: Path) -> None:
    import diffusers
    import torch
    from transformers import T5Config, T5EncoderModel

    words = _t5_tokenizer()
    torch.manual_seed(5)
    config = T5Config(
        vocab_size=len(words), d_model=WIDE, d_kv=8, d_ff=WIDE, num_layers=1, num_heads=2, initializer_factor=1.0
    )
    parts = {
        "vae": _vae(shift_factor=0.1, scaling_factor=0.4),
        "text_encoder": _clip("CLIPTextModel", 6),
        "text_encoder_2": T5EncoderModel(config),
        "tokenizer": tokenizer(),
        "tokenizer_2": words,
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    }
    # A hole's mask has a channel for each pixel of a cell; four cells are one token.
    kinds = {"path": ("Kontext", 16), "generate": ("", 16), "inpaint": ("Fill", 16 + 16 + 16)}
    for seed, (name, (kind, channels)) in enumerate(kinds.items()):
        pipeline = getattr(diffusers, f"Flux{kind}Pipeline")
        _saved(pipeline(**parts, transformer=_flux_body(channels, seed)), folder / name)


def _qwen_tokenizer(*more: str) -> "Qwen2Tokenizer":
    """Spells every word out, byte by byte."""
    from tokenizers import pre_tokenizers
    from transformers import Qwen2Tokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = Qwen2Tokenizer(vocab={letter: number for number, letter in enumerate(letters)}, merges=[])
    words.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>", *more]})
    words.chat_template = TEMPLATE
    return words


def make_flux2_klein(folder: Path) -> None:
    """As deep as the pipeline looks into the text encoder: it reads the layers 9, 18 and 27."""
    import torch
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3ForCausalLM

    words = _qwen_tokenizer()
    torch.manual_seed(7)
    text = Qwen3Config(
        vocab_size=len(words),
        hidden_size=WORD,
        intermediate_size=WORD,
        num_hidden_layers=27,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        initializer_range=0.3,
    )
    vae = AutoencoderKLFlux2(
        block_out_channels=(8, 8, 8, 8),
        latent_channels=4,
        layers_per_block=1,
        norm_num_groups=4,
        mid_block_add_attention=False,
    )
    with torch.no_grad():
        vae.bn.running_mean.normal_(std=0.2)
        vae.bn.running_var.uniform_(0.5, 2.0)
    body = Flux2Transformer2DModel(
        patch_size=1,
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=3 * WORD,
        timestep_guidance_channels=16,
        axes_dims_rope=(4, 4, 4, 4),
        guidance_embeds=False,
    )
    pipe = Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(text),
        tokenizer=words,
        transformer=_lively(body),
        is_distilled=False,
    )
    _saved(pipe, folder / "path")


def qwen_processor() -> "Qwen2VLProcessor":
    """Put together by hand: the class can't be made without torchvision, though it needs it for films alone."""
    from transformers import Qwen2VLImageProcessorPil, Qwen2VLProcessor

    words = _qwen_tokenizer("<|vision_start|>", "<|image_pad|>", "<|video_pad|>", "<|vision_end|>")
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
    return _lively(
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
    _saved(QwenImagePipeline(**parts, transformer=_qwen_body(9)), folder / "generate")
    _saved(QwenImagePipeline(**parts, transformer=_qwen_body(10)), folder / "path")
    index = folder / "path" / "model_index.json"
    content = json.loads(index.read_text())
    content |= {"_class_name": "QwenImageEditPlusPipeline", "processor": ["transformers", "Qwen2VLProcessor"]}
    index.write_text(json.dumps(content))


MAKERS: dict[str, Callable[[Path], None]] = {
    "sd": make_sd,
    "sdxl": make_sdxl,
    "flux-kontext": make_flux_kontext,
    "flux2-klein": make_flux2_klein,
    "qwen-image-edit": make_qwen_image_edit,
}
"""Each makes the folders "path", "generate", "edit" and "inpaint" as far as its family has them."""


def folders_in(made: Path) -> Folders:
    """What one of them made."""
    generate, edit, inpaint = (
        made / name if (made / name).exists() else None for name in ("generate", "edit", "inpaint")
    )
    return Folders(made / "path", generate, edit, inpaint)
