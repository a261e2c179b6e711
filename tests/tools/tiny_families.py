"""Folders of each family's real classes with tiny random weights, as a person would have them on disk."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pentimento.tools.pipeline_folder import Folders
from tests.tiny_models import LENGTH, SIDE, WORD, make_image_model, tokenizer
from tests.tools.tiny_qwen import WIDE, lively, make_qwen_image_edit, qwen_tokenizer, saved

if TYPE_CHECKING:
    import torch
    from transformers import T5Tokenizer


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
    saved(pipe, folder / "path")


def clip(kind: str, seed: int) -> "torch.nn.Module":
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
        "text_encoder": clip("CLIPTextModel", 3),
        "text_encoder_2": clip("CLIPTextModelWithProjection", 4),
        "tokenizer": tokenizer(),
        "tokenizer_2": tokenizer(),
        "scheduler": diffusers.EulerDiscreteScheduler(steps_offset=1, timestep_spacing="leading"),
    }
    kinds = {"path": ("", 4), "edit": ("InstructPix2Pix", 8), "inpaint": ("Inpaint", 9)}
    for name, (kind, channels) in kinds.items():
        pipeline = getattr(diffusers, f"StableDiffusionXL{kind}Pipeline")
        saved(pipeline(**parts, unet=_sdxl_body(channels), add_watermarker=False), folder / name)


def _t5_tokenizer() -> "T5Tokenizer":
    from transformers import T5Tokenizer

    letters = [chr(code) for code in range(33, 127)]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -20.0), ("▁", -2.0), *((letter, -3.0) for letter in letters)]
    return T5Tokenizer(vocab=vocabulary, extra_ids=0)


def _flux_body(channels: int, seed: int) -> "torch.nn.Module":
    import torch
    from diffusers import FluxTransformer2DModel

    torch.manual_seed(seed)
    return lively(
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
        "text_encoder": clip("CLIPTextModel", 6),
        "text_encoder_2": T5EncoderModel(config),
        "tokenizer": tokenizer(),
        "tokenizer_2": words,
        "scheduler": diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    }
    # A hole's mask has a channel for each pixel of a cell; four cells are one token.
    kinds = {"path": ("Kontext", 16), "generate": ("", 16), "inpaint": ("Fill", 16 + 16 + 16)}
    for seed, (name, (kind, channels)) in enumerate(kinds.items()):
        pipeline = getattr(diffusers, f"Flux{kind}Pipeline")
        saved(pipeline(**parts, transformer=_flux_body(channels, seed)), folder / name)


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

    words = qwen_tokenizer()
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
        transformer=lively(body),
        is_distilled=False,
    )
    saved(pipe, folder / "path")


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
