"""Recipe of the picture model: one U-Net for generate, edit and inpaint, with a text encoder trained along.

Beside the noisy latents it sees a mask and the source's latents: zeros of both draw afresh, no mask means an edit, a mask and a
source with a gray hole mean inpainting. Flow matching (Lipman et al. 2023), classifier-free guidance on words (Ho and Salimans 2022).

Usage: python -m pentimento.starter.train_image [--minutes CORE_MINUTES] [--vae DIR] [--out DIR] [--warm DIR]
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    StableDiffusionInpaintPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

from pentimento.starter.checkpoints import check_code, drafted
from pentimento.starter.ending import ending_plainly
from pentimento.starter.latents import TASKS, Example, Pool, load_pools
from pentimento.starter.text import WIDTH, make_clip_text, make_clip_tokenizer
from pentimento.starter.training import TRAINING, Loop, Tensors, device

BATCH = 64
PEAK_RATE = 5e-3
CHANNELS = (96, 128, 160)
POOL = 24_000
NOISE = (0.8, 1.2)
"""Mean and spread of the noise level's logit. Where a thing stands is settled at levels above 0.9, that a mean of 0 hardly visits."""
NO_WORDS = 0.10
"""Share of examples without words, for guidance."""
_SHAPES = ("square",) * 8 + ("wide", "tall")


class Painter(nn.Module):
    """What is trained: the U-Net and the text encoder."""

    def __init__(self, unet: UNet2DConditionModel, text: CLIPTextModel) -> None:
        super().__init__()
        self.unet = unet
        self.text = text

    def forward(self, x: torch.Tensor, timesteps: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        predicted: torch.Tensor = self.unet(x, timesteps, self.text(words).last_hidden_state).sample
        return predicted


def make_unet(inputs: int, outputs: int, widths: tuple[int, ...]) -> UNet2DConditionModel:
    """`inputs` and `outputs` are channels of latents."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=inputs,
        out_channels=outputs,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=widths,
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def make_scheduler() -> DPMSolverMultistepScheduler:
    return DPMSolverMultistepScheduler(
        num_train_timesteps=1000,
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        flow_shift=1.0,
        steps_offset=1,
    )


class Painting:
    """The task: from x = (1 - s)·target + s·noise predict noise - target; s is logit-normal (Esser et al. 2024)."""

    peak = PEAK_RATE

    def __init__(
        self, name: str, painter: Painter, pools: dict[str, Pool], tokenizer: CLIPTokenizer, scale: float
    ) -> None:
        self.name, self.learned, self.pools, self.tokenizer, self.scale = name, painter, pools, tokenizer, scale

    def batch(self, step: int) -> Tensors:
        """Token ids (batch, tokens); target and source (batch, channels, height, width), scaled; hole and weight
        (batch, 1, height, width)."""
        rng = random.Random(f"{self.name} {step}")
        return self._tensors([self._example(rng, shape) for shape in [rng.choice(_SHAPES)] * BATCH], rng)

    def _example(self, rng: random.Random, shape: str) -> Example:
        return self.pools[shape].sample(rng, rng.choice(TASKS))

    def _tensors(self, examples: list[Example], rng: random.Random) -> Tensors:
        words = ["" if rng.random() < NO_WORDS else example.words for example in examples]
        ids = self.tokenizer(words, padding="max_length", truncation=True, return_tensors="pt").input_ids
        target = torch.from_numpy(np.stack([example.target for example in examples])).float() * self.scale
        source = torch.from_numpy(np.stack([example.source for example in examples])).float() * self.scale
        hole = torch.from_numpy(np.stack([example.hole for example in examples]))
        weight = torch.from_numpy(np.stack([example.weight for example in examples]))
        return ids, target, source, hole, weight

    def loss(self, batch: Tensors, step: int) -> torch.Tensor:
        words, target, source, hole, weight = batch
        generator = torch.Generator(target.device).manual_seed(step)
        noise = torch.randn(target.shape, generator=generator, device=target.device)
        mean, spread = NOISE
        s = torch.sigmoid(mean + spread * torch.randn(len(noise), generator=generator, device=target.device))
        mixed = torch.lerp(target, noise, s[:, None, None, None])
        predicted = self.learned(torch.cat([mixed, hole, source], 1), s * 1000, words)
        error: torch.Tensor = (weight * (predicted.float() - (noise - target)) ** 2).mean() / weight.mean()
        return error

    def measure(self) -> dict[str, float]:
        """The loss on examples of the pool with noise of their own, by task; comparable from one checkpoint to the next."""
        found = {}
        for task in dict.fromkeys(TASKS):
            rng = random.Random(f"measure {task}")
            batch = self._tensors([self.pools["square"].sample(rng, task) for _ in range(64)], rng)
            found[task] = self.loss(tuple(tensor.to(device()) for tensor in batch), 0).item()
        return found


def pipeline(painter: Painter, vae: AutoencoderKL, tokenizer: CLIPTokenizer) -> StableDiffusionInpaintPipeline:
    return StableDiffusionInpaintPipeline(
        vae=vae,
        text_encoder=painter.text,
        tokenizer=tokenizer,
        unet=painter.unet,
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def load_or_make(vae: AutoencoderKL, warm: Path | None) -> tuple[Painter, CLIPTokenizer]:
    """The painter of a pipeline folder (`warm`), or an untrained one."""
    if warm is None:
        tokenizer = make_clip_tokenizer()
        channels = vae.config.latent_channels
        return Painter(make_unet(2 * channels + 1, channels, CHANNELS), make_clip_text(tokenizer)), tokenizer
    pipe = StableDiffusionInpaintPipeline.from_pretrained(warm, torch_dtype=torch.float32, safety_checker=None)
    return Painter(pipe.unet, pipe.text_encoder), pipe.tokenizer


def attend_plainly(painter: Painter) -> None:
    """On a processor attention written out learns a quarter faster than the fused kernel, whose way back is slow."""
    if device().type == "cpu":
        painter.unet.set_attn_processor(AttnProcessor())
        painter.text.set_attn_implementation("eager")


def train(minutes: float, vae_dir: Path, out: Path, warm: Path | None, name: str) -> None:
    torch.manual_seed(0)
    vae = AutoencoderKL.from_pretrained(vae_dir, torch_dtype=torch.float32).eval()
    scale = vae.config.scaling_factor
    check_code(TRAINING / f"{name}.pt", scale)  # before a pool of another code is encoded anew
    painter, tokenizer = load_or_make(vae, warm)
    pools = load_pools(vae, POOL, TRAINING / f"pool-{name}", name)
    attend_plainly(painter)
    loop = Loop(Painting(name, painter, pools, tokenizer, scale), minutes, scale)
    loop.run()
    with drafted(out) as draft:
        pipeline(painter.cpu().half(), vae.cpu().half(), tokenizer).save_pretrained(draft)
    print(f"done: {loop.step * BATCH} examples in {loop.budget.spent():.0f} core-seconds -> {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--vae", type=Path, default=TRAINING / "vae")
    parser.add_argument("--out", type=Path, default=TRAINING / "image")
    parser.add_argument("--warm", type=Path, help="pipeline folder to start from")
    parser.add_argument("--name", default="image", help="name of the checkpoint, and seed of its scenes")
    arguments = parser.parse_args()
    with ending_plainly():
        train(arguments.minutes, arguments.vae, arguments.out, arguments.warm, arguments.name)
