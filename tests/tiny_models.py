"""Picture models of the real classes with tiny random weights, as folders on disk."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

SIDE = 16
LENGTH = 12
WORD = 16


def tokenizer() -> "CLIPTokenizer":
    """Spells every word out, byte by byte."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, merges=[], model_max_length=LENGTH)


def make_image_model(folder: Path, *, inpainting: bool = False, latent: int = 4) -> None:
    """An InstructPix2Pix or inpainting pipeline for 16 × 16 pixels, with latents of so many channels."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DPMSolverMultistepScheduler,
        StableDiffusionInpaintPipeline,
        StableDiffusionInstructPix2PixPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    words = tokenizer()
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2}
    kind = StableDiffusionInpaintPipeline if inpainting else StableDiffusionInstructPix2PixPipeline
    pipe = kind(
        vae=AutoencoderKL(
            **blocks, block_out_channels=(8, 8), latent_channels=latent, norm_num_groups=4, sample_size=SIDE
        ),
        text_encoder=CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(words),
                hidden_size=WORD,
                intermediate_size=WORD,
                num_hidden_layers=1,
                num_attention_heads=2,
                max_position_embeddings=LENGTH,
                eos_token_id=words.eos_token_id,
                initializer_range=0.5,
            )
        ),
        tokenizer=words,
        unet=UNet2DConditionModel(
            sample_size=SIDE // 2,
            in_channels=2 * latent + inpainting,
            out_channels=latent,
            down_block_types=("CrossAttnDownBlock2D",),
            up_block_types=("CrossAttnUpBlock2D",),
            block_out_channels=(16,),
            layers_per_block=1,
            cross_attention_dim=WORD,
            attention_head_dim=4,
            norm_num_groups=4,
        ),
        scheduler=DPMSolverMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)


def make_mask_model(folder: Path) -> None:
    """A CLIPSeg model for 16 × 16 pixels."""
    import torch
    from transformers import CLIPImageProcessorPil, CLIPSegConfig, CLIPSegForImageSegmentation, CLIPSegProcessor

    torch.manual_seed(0)
    words = tokenizer()
    tower = {"hidden_size": WORD, "intermediate_size": WORD, "num_hidden_layers": 2, "num_attention_heads": 2}
    specials = {"bos_token_id": words.bos_token_id, "eos_token_id": words.eos_token_id}
    config = CLIPSegConfig(
        text_config={**tower, **specials, "vocab_size": len(words), "max_position_embeddings": LENGTH},
        vision_config={**tower, "image_size": SIDE, "patch_size": 4},
        projection_dim=WORD,
        reduce_dim=WORD,
        extract_layers=[0, 1],
        decoder_num_attention_heads=2,
        decoder_intermediate_size=WORD,
    )
    images = CLIPImageProcessorPil(size={"height": SIDE, "width": SIDE}, do_center_crop=False)
    CLIPSegForImageSegmentation(config).save_pretrained(folder)
    CLIPSegProcessor(image_processor=images, tokenizer=words).save_pretrained(folder)
