"""A StableDiffusionUpscalePipeline of the shape that `starter/enlarger.py` trains, untrained and tiny, as a folder."""

from pathlib import Path

from tests.tiny_models import tokenizer
from tests.tools.tiny_families import clip


def make_upscaler(folder: Path) -> None:
    import torch
    from diffusers import AutoencoderKL, DDPMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
    from diffusers import StableDiffusionUpscalePipeline as Pipeline

    torch.manual_seed(0)
    code = AutoencoderKL(
        block_out_channels=(4, 4, 4),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=3,
        norm_num_groups=1,
        mid_block_add_attention=False,
        scaling_factor=0.08333,
        force_upcast=False,
    )
    body = UNet2DConditionModel(
        in_channels=6,
        out_channels=3,
        down_block_types=("DownBlock2D",) * 2,
        up_block_types=("UpBlock2D",) * 2,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        mid_block_only_cross_attention=True,
        block_out_channels=(8, 8),
        layers_per_block=1,
        cross_attention_dim=16,
        attention_head_dim=8,
        norm_num_groups=1,
        num_class_embeds=101,
    )
    pipe = Pipeline(
        vae=code,
        text_encoder=clip("CLIPTextModel", 3),
        tokenizer=tokenizer(),
        unet=body,
        low_res_scheduler=DDPMScheduler(beta_schedule="scaled_linear"),
        scheduler=DPMSolverMultistepScheduler(
            prediction_type="sample", use_flow_sigmas=True, flow_shift=1.0, solver_order=1
        ),
        max_noise_level=100,
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
