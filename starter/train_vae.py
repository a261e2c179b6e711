"""Recipe of the picture code: an `AutoencoderKL` that turns 128×128 pictures into 16×16 latents and back.

Usage: python -m pentimento.starter.train_vae [--minutes CORE_MINUTES] [--out DIR] [--warm DIR]
"""

import argparse
import random
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from diffusers.models.resnet import ResnetBlock2D
from torch.nn import functional as F

from pentimento.starter.checkpoints import drafted
from pentimento.starter.ending import ending_plainly
from pentimento.starter.pictures import psnr, to_tensor
from pentimento.starter.training import TRAINING, Loop, Tensors, device
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import GRID, SHAPES, random_scene

WIDTHS = (16, 32, 64, 64)
BATCH = 8
CROP = 64
"""Side of the windows that most steps learn from: four times as many steps as with whole pictures."""
WHOLE_EVERY = 8
"""One step in so many sees whole pictures, whose statistics the normalizations must know too."""
CHANNELS = 16
"""Of the latents: an eighth of the picture's side, a twelfth of its numbers."""
KL_WEIGHT = 1e-4
EDGE_WEIGHT = 1.0


def make_vae(
    widths: tuple[int, ...] = WIDTHS, channels: int = CHANNELS, side: int = SHAPES["square"][0]
) -> AutoencoderKL:
    """An untrained code; every residual block starts as the identity (Goyal et al. 2017), which halves the training."""
    vae = AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=side,
    )
    for module in vae.modules():
        if isinstance(module, ResnetBlock2D):
            torch.nn.init.zeros_(module.conv2.weight)
    return vae


def pictures(rng: random.Random, count: int, shape: str = "square") -> torch.Tensor:
    """Drawn scenes of one shape, (count, 3, height, width), -1..1."""
    return to_tensor([draw(random_scene(rng, shape=shape)) for _ in range(count)])


def crops(rng: random.Random) -> torch.Tensor:
    """BATCH windows of CROP × CROP pixels, two of each drawn scene, on the grid of the code."""
    cut = []
    for _ in range(BATCH // 2):
        picture = draw(random_scene(rng))
        height, width, _ = picture.shape
        for _ in range(2):
            top, left = rng.randrange(0, height - CROP + 1, GRID), rng.randrange(0, width - CROP + 1, GRID)
            cut.append(picture[top : top + CROP, left : left + CROP])
    return to_tensor(cut)


def edges(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def code_loss(vae: AutoencoderKL, x: torch.Tensor) -> torch.Tensor:
    """L1 on pixels and on their differences (crisp outlines), and a light pull of the latents to a unit Gaussian."""
    posterior = vae.encode(x).latent_dist
    y = vae.decode(posterior.sample()).sample.float()
    sharp = sum(F.l1_loss(a, b) for a, b in zip(edges(y), edges(x), strict=True))
    kl = posterior.kl().mean() / posterior.mean[0].numel()
    total: torch.Tensor = F.l1_loss(y, x) + EDGE_WEIGHT * sharp + KL_WEIGHT * kl
    return total


@torch.no_grad()
def decoded(vae: AutoencoderKL, x: torch.Tensor) -> torch.Tensor:
    """What is left of pictures on the way through the code, without its noise."""
    y: torch.Tensor = vae.decode(vae.encode(x).latent_dist.mode()).sample.clamp(-1, 1)
    return y


class Code:
    """The task: tell the picture in the code and find it again."""

    name = "vae"
    peak = 4e-3

    def __init__(self, vae: AutoencoderKL) -> None:
        self.learned = vae
        self.probe = pictures(random.Random(0), 128)

    def batch(self, step: int) -> Tensors:
        rng = random.Random(f"vae {step}")
        whole = step % WHOLE_EVERY == 0
        return (pictures(rng, BATCH // 4, rng.choice(tuple(SHAPES))) if whole else crops(rng),)

    def loss(self, batch: Tensors, _step: int) -> torch.Tensor:
        (x,) = batch
        return code_loss(self.learned, x)

    def measure(self) -> dict[str, float]:
        x = self.probe.to(device())
        return {"PSNR": psnr(decoded(self.learned, x), x)}


@torch.no_grad()
def set_scale(vae: AutoencoderKL) -> None:
    """Write the factor that gives the latents a standard deviation of 1 into the config, as in Rombach et al. 2022.

    It is the same at each export: by it the picture model's pool and checkpoint know whether the code is still theirs.
    """
    latents = vae.encode(pictures(random.Random(1), 256).to(device())).latent_dist.sample(
        torch.Generator(device()).manual_seed(1)
    )
    vae.register_to_config(scaling_factor=float(1 / latents.std()))


def train(minutes: float, out: Path, warm: Path | None = None) -> None:
    torch.manual_seed(0)
    code = Code(AutoencoderKL.from_pretrained(warm, torch_dtype=torch.float32) if warm else make_vae())
    Loop(code, minutes).run()
    set_scale(code.learned)
    with drafted(out) as draft:
        code.learned.cpu().save_pretrained(draft)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--out", type=Path, default=TRAINING / "vae")
    parser.add_argument("--warm", type=Path, help="model folder to start from")
    arguments = parser.parse_args()
    with ending_plainly():
        train(arguments.minutes, arguments.out, arguments.warm)
