"""Recipe of the enlarger: a small `StableDiffusionUpscalePipeline` that makes four times as large what the world draws.

Its picture code and its U-Net are trained together: every third window teaches the code alone, the others are guessed from
their small picture and must be right as pictures, so that the decoder learns to finish what the U-Net can know.

Usage: python -m pentimento.starter.train_upscale [--minutes CORE_MINUTES] [--out DIR] [--warm DIR]
"""

import argparse
import random
from pathlib import Path

import torch
from torch.nn import functional as F
from transformers import CLIPTokenizer

from pentimento.starter.checkpoints import drafted
from pentimento.starter.ending import ending_plainly
from pentimento.starter.enlarger import LEVELS, Enlarger, enlarged, load_or_make, make_low_res_scheduler, pipeline
from pentimento.starter.pairs import Pair, pair, stretched, used, windows
from pentimento.starter.pictures import psnr, to_tensor
from pentimento.starter.train_vae import edges
from pentimento.starter.training import TRAINING, Loop, Tensors, device
from pentimento.starter.world.captions import caption
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import random_scene

BATCH = 6
WHOLE_EVERY = 16
"""One step in so many sees a whole picture, whose statistics the normalizations must know too."""
KL_WEIGHT = 3e-5
GUESS_WEIGHT = 0.2
"""Of the error in the latents beside that in the pictures."""


class Enlarging:
    """The task: from x = (1 - s)·target + s·noise and the small picture say what the target is."""

    peak = 4e-4

    def __init__(self, name: str, enlarger: Enlarger, tokenizer: CLIPTokenizer) -> None:
        self.name, self.learned, self.tokenizer = name, enlarger, tokenizer
        self.low_res = make_low_res_scheduler()
        rng = random.Random("enlarged")
        scenes = [random_scene(rng, shape="square") for _ in range(3)]
        self.probe = [Pair(draw(scene), draw(scene, 4), caption(scene, rng)) for scene in scenes]

    def batch(self, step: int) -> Tensors:
        """Token ids (batch, tokens); small pictures (batch, 3, height, width) and large ones, -1..1; noise levels (batch)."""
        rng = random.Random(f"{self.name} {step}")
        whole = step % WHOLE_EVERY == WHOLE_EVERY - 1
        found = [pair(random_scene(rng), rng)] if whole else windows(rng, BATCH)
        words = [one.words for one in found]
        return (
            self.tokenizer(words, padding="max_length", truncation=True, return_tensors="pt").input_ids,
            to_tensor([used(one.small, rng) for one in found]),
            to_tensor([one.large for one in found]),
            torch.tensor([round(LEVELS * rng.random() ** 3) for _ in found]),
        )

    def loss(self, batch: Tensors, step: int) -> torch.Tensor:
        words, small, large, levels = batch
        vae, generator = self.learned.vae, torch.Generator(large.device).manual_seed(step)
        posterior = vae.encode(large).latent_dist
        target = posterior.mean.detach().float()
        noise, grain = (torch.randn(x.shape, generator=generator, device=x.device) for x in (target, small))
        # The first steps, where the small picture is nearly all that is known, matter most.
        s = torch.rand(len(target), generator=generator, device=target.device).sqrt()
        mixed = torch.lerp(target, noise, s[:, None, None, None])
        seen = self.low_res.add_noise(small, grain, levels)
        guessed = self.learned(torch.cat([mixed, seen], 1), s * 1000, words, levels)
        known = len(large) // 3
        drawn = vae.decode(torch.cat([posterior.sample(generator)[:known], guessed[known:]])).sample.float()
        sharp = sum(F.l1_loss(a, b) for a, b in zip(edges(drawn), edges(large), strict=True))
        kl = posterior.kl().mean() / target[0].numel()
        wrong = F.l1_loss(drawn, large) + sharp
        total: torch.Tensor = wrong + GUESS_WEIGHT * F.mse_loss(guessed.float(), target) + KL_WEIGHT * kl
        return total

    def measure(self) -> dict[str, float]:
        """PSNR of whole enlarged pictures of unseen scenes, beside that of the usual filter and of the code alone, dB."""
        pipe, code = pipeline(self.learned, self.tokenizer).to(device()), self.learned.vae
        truth = to_tensor([one.large for one in self.probe])
        coded = [code.decode(code.encode(x[None].to(device())).latent_dist.mean).sample.cpu() for x in truth]
        return {
            "PSNR": psnr(to_tensor([enlarged(pipe, one.small) for one in self.probe]), truth),
            "Lanczos": psnr(to_tensor([stretched(one.small) for one in self.probe]), truth),
            "code": psnr(torch.cat(coded).clamp(-1, 1), truth),
        }


def train(minutes: float, out: Path, warm: Path | None) -> None:
    torch.manual_seed(0)
    enlarger, tokenizer = load_or_make(warm)
    Loop(Enlarging("upscale", enlarger, tokenizer), minutes).run()
    with drafted(out) as draft:
        pipeline(enlarger.cpu().half(), tokenizer).save_pretrained(draft)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--out", type=Path, default=TRAINING / "upscale")
    parser.add_argument("--warm", type=Path, help="pipeline folder to start from")
    arguments = parser.parse_args()
    with ending_plainly():
        train(arguments.minutes, arguments.out, arguments.warm)
