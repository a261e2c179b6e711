"""Recipe of the picture model: one U-Net for generate and edit, with a text encoder trained along.

The source's latents are concatenated to the noisy ones; a blank source (zeros) means generate. Flow matching (Lipman et al. 2023),
classifier-free guidance on text and source (Brooks et al. 2023).

Usage: python -m pentimento.starter.first.train_sd [--minutes CORE_MINUTES] [--vae DIR] [--out DIR] [--warm DIR]
"""

import argparse
import random
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTokenizer

from pentimento.starter import train_image
from pentimento.starter.first.latents import Example, Pool, load_pool
from pentimento.starter.first.text import make_clip_tokenizer
from pentimento.starter.text import make_clip_text
from pentimento.starter.train_image import Painter
from pentimento.starter.training import (
    TRAINING,
    Average,
    Budget,
    learning_rate,
    load_checkpoint,
    save_checkpoint,
    set_learning_rate,
)

BATCH = 32
PEAK_RATE = 1e-3
CHANNELS = (64, 96, 128)
POOL = 24_000
NO_WORDS = 0.10
"""Share of examples without words, without a source, and without both (for guidance)."""
NO_SOURCE = 0.05
SAVE_EVERY = 500


@dataclass(frozen=True)
class Batch:
    words: torch.Tensor
    """(batch, tokens)"""
    target: torch.Tensor
    """(batch, channels, height, width), scaled"""
    source: torch.Tensor
    """(batch, channels, height, width), not scaled, as the pipeline gives it"""
    weight: torch.Tensor
    """(batch, 1, height, width)"""


def make_unet(latent_channels: int) -> UNet2DConditionModel:
    return train_image.make_unet(2 * latent_channels, latent_channels, CHANNELS)


def make_scheduler() -> DPMSolverMultistepScheduler:
    return DPMSolverMultistepScheduler(
        num_train_timesteps=1000, prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=1.0
    )


def make_batch(pool: Pool, tokenizer: CLIPTokenizer, scale: float, rng: random.Random) -> Batch:
    """Half of the batch is drawn afresh, half are edits; some lose their words or their source."""
    examples = [_blank_some(pool.sample(rng, fresh=index % 2 == 0), rng) for index in range(BATCH)]
    ids = tokenizer(
        [example.words for example in examples], padding="max_length", truncation=True, return_tensors="pt"
    ).input_ids
    target = torch.stack([example.target for example in examples]) * scale
    source = torch.stack([example.source for example in examples])
    return Batch(ids, target, source, torch.stack([example.weight for example in examples]))


def _blank_some(example: Example, rng: random.Random) -> Example:
    words = "" if rng.random() < NO_WORDS else example.words
    source = torch.zeros_like(example.source) if rng.random() < NO_SOURCE else example.source
    return replace(example, words=words, source=source)


def loss(painter: Painter, batch: Batch, generator: torch.Generator) -> torch.Tensor:
    """Flow matching: from x = (1 - s)·target + s·noise predict noise - target; s is logit-normal (Esser et al. 2024)."""
    noise = torch.randn(batch.target.shape, generator=generator)
    s = torch.sigmoid(torch.randn(len(noise), generator=generator))
    mixed = torch.lerp(batch.target, noise, s[:, None, None, None])
    context = painter.text(batch.words).last_hidden_state
    predicted = painter.unet(torch.cat([mixed, batch.source], 1), s * 1000, context).sample
    error: torch.Tensor = (batch.weight * (predicted - (noise - batch.target)) ** 2).mean() / batch.weight.mean()
    return error


def pipeline(painter: Painter, vae: AutoencoderKL, tokenizer: CLIPTokenizer) -> StableDiffusionInstructPix2PixPipeline:
    return StableDiffusionInstructPix2PixPipeline(
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
        return Painter(make_unet(vae.config.latent_channels), make_clip_text(tokenizer)), tokenizer
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(warm, torch_dtype=torch.float32)
    return Painter(pipe.unet, pipe.text_encoder), pipe.tokenizer


def train(minutes: float, vae_dir: Path, out: Path, warm: Path | None, name: str) -> None:
    torch.manual_seed(0)
    vae = AutoencoderKL.from_pretrained(vae_dir, torch_dtype=torch.float32).eval()
    painter, tokenizer = load_or_make(vae, warm)
    optimizer = torch.optim.AdamW(painter.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01)
    average, step, budget = Average(painter), 0, Budget(minutes * 60)
    checkpoint = TRAINING / f"{name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        painter.load_state_dict(state["painter"])
        optimizer.load_state_dict(state["optimizer"])
        average.values, step, budget = state["average"], state["step"], Budget(minutes * 60, state["spent"])
    pool = load_pool(vae, POOL, TRAINING / f"pool-{vae_dir.name}-{POOL}.npy")
    painter.train()
    total = 0.0
    while budget.fraction() < 1:
        set_learning_rate(optimizer, learning_rate(PEAK_RATE, step, budget.fraction()))
        batch = make_batch(pool, tokenizer, vae.config.scaling_factor, random.Random(f"{name} {step}"))
        value = loss(painter, batch, torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(painter.parameters(), 1.0)
        optimizer.step()
        average.update(painter, step)
        step, total = step + 1, total + value.item()
        if step % SAVE_EVERY == 0:
            print(f"step {step} core-seconds {budget.spent():.0f} loss {total / SAVE_EVERY:.4f}", flush=True)
            total = 0.0
            save_checkpoint(
                checkpoint,
                {
                    "painter": painter.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "average": average.values,
                    "step": step,
                    "spent": budget.spent(),
                },
            )
    average.swap(painter)
    pipeline(painter.eval().half(), vae.half(), tokenizer).save_pretrained(out)
    print(f"done: {step * BATCH} examples in {budget.spent():.0f} core-seconds -> {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--vae", type=Path, default=TRAINING / "vae")
    parser.add_argument("--out", type=Path, default=TRAINING / "image")
    parser.add_argument("--warm", type=Path, help="pipeline folder to start from")
    parser.add_argument("--name", default="sd", help="name of the checkpoint")
    arguments = parser.parse_args()
    train(arguments.minutes, arguments.vae, arguments.out, arguments.warm, arguments.name)
