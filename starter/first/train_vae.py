"""Recipe of the picture code: an `AutoencoderKL` that turns 64×64 pictures into 16×16 latents and back.

Usage: python -m pentimento.starter.first.train_vae [--minutes CORE_MINUTES] [--channels N] [--out DIR]
"""

import argparse
import random
from pathlib import Path

import torch
from diffusers import AutoencoderKL

from pentimento.starter.first.world.drawing import draw
from pentimento.starter.first.world.places import SIZE
from pentimento.starter.first.world.scene import random_scene
from pentimento.starter.pictures import psnr, to_tensor
from pentimento.starter.train_vae import code_loss, decoded, make_vae
from pentimento.starter.training import (
    TRAINING,
    Budget,
    learning_rate,
    load_checkpoint,
    save_checkpoint,
    set_learning_rate,
)

WIDTHS = (16, 32, 64)
BATCH = 8
PEAK_RATE = 2e-3


def pictures(rng: random.Random, count: int) -> torch.Tensor:
    """Drawn scenes, (count, 3, SIZE, SIZE), -1..1."""
    return to_tensor([draw(random_scene(rng, count=2)) for _ in range(count)])


@torch.no_grad()
def set_scale(vae: AutoencoderKL) -> None:
    """Write the factor that gives the latents a standard deviation of 1 into the config, as in Rombach et al. 2022."""
    latents = vae.encode(pictures(random.Random(1), 512)).latent_dist.sample()
    vae.register_to_config(scaling_factor=float(1 / latents.std()))


def train(minutes: float, channels: int, out: Path) -> None:
    vae, step = make_vae(WIDTHS, channels, SIZE), 0
    optimizer = torch.optim.AdamW(vae.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)
    checkpoint, budget = TRAINING / f"{out.name}.pt", Budget(minutes * 60)
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        vae.load_state_dict(state["vae"])
        optimizer.load_state_dict(state["optimizer"])
        step, budget = state["step"], Budget(minutes * 60, state["spent"])
    probe = pictures(random.Random(0), 256)
    while budget.fraction() < 1:
        set_learning_rate(optimizer, learning_rate(PEAK_RATE, step, budget.fraction(), decay_from=0.4))
        value = code_loss(vae, pictures(random.Random(f"vae {step}"), BATCH))
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 500 == 0:
            print(
                f"step {step} core-seconds {budget.spent():.0f} loss {value.item():.4f} PSNR {psnr(decoded(vae, probe), probe):.2f}",
                flush=True,
            )
            save_checkpoint(
                checkpoint,
                {"vae": vae.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "spent": budget.spent()},
            )
    set_scale(vae)
    vae.save_pretrained(out)
    print(
        f"done: {step * BATCH} pictures, PSNR {psnr(decoded(vae, probe), probe):.2f} dB, scale {vae.config.scaling_factor:.3f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--out", type=Path, default=TRAINING / "vae")
    arguments = parser.parse_args()
    train(arguments.minutes, arguments.channels, arguments.out)
