"""Recipe of the other image family that was tried: FLUX.2 [klein]'s shape, one in-context transformer for generate and edit.

The source's tokens follow the noisy ones with a time coordinate of their own; generate has none. Same data, loss and budget as `train_sd`.

Usage: python -m pentimento.starter.first.train_klein [--minutes CORE_MINUTES] [--vae DIR] [--out DIR]
"""

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
)
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from torch.nn import functional as F
from transformers import Qwen2TokenizerFast, Qwen3Config, Qwen3ForCausalLM

from pentimento.starter.first.latents import Example, Pool, load_pool
from pentimento.starter.first.text import LENGTH, VOCABULARY, sentences
from pentimento.starter.first.train_sd import BATCH, NO_WORDS, POOL
from pentimento.starter.text import WIDTH
from pentimento.starter.training import TRAINING, Average, Budget, learning_rate, save_checkpoint, set_learning_rate

PEAK_RATE = 1e-3
OUT_LAYERS = (1, 2)
TEXT_LENGTH = LENGTH + 4
CHAT_TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


class Painter(nn.Module):
    def __init__(self, body: Flux2Transformer2DModel, text: Qwen3ForCausalLM) -> None:
        super().__init__()
        self.body = body
        self.text = text


def make_tokenizer() -> Qwen2TokenizerFast:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    bpe.train_from_iterator(sentences(4000), trainer)
    model = json.loads(bpe.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    tokenizer = Qwen2TokenizerFast(vocab=model["vocab"], merges=merges, model_max_length=TEXT_LENGTH)
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def make_text(tokenizer: Qwen2TokenizerFast) -> Qwen3ForCausalLM:
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=3 * WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=4,
            head_dim=32,
            max_position_embeddings=64,
            tie_word_embeddings=True,
            initializer_range=0.05,
        )
    )


def make_body(latent_channels: int) -> Flux2Transformer2DModel:
    return Flux2Transformer2DModel(
        patch_size=1,
        in_channels=4 * latent_channels,
        num_layers=2,
        num_single_layers=6,
        attention_head_dim=32,
        num_attention_heads=6,
        joint_attention_dim=WIDTH * len(OUT_LAYERS),
        timestep_guidance_channels=64,
        axes_dims_rope=(8, 8, 8, 8),
        guidance_embeds=False,
    )


@torch.no_grad()
def make_vae(vae: AutoencoderKL, pool: Pool) -> AutoencoderKLFlux2:
    """The same picture code in FLUX.2's class; its batch norm holds the statistics of the 2×2-patched latents."""
    config = {key: value for key, value in vae.config.items() if key in AutoencoderKLFlux2.__init__.__annotations__}
    twin = AutoencoderKLFlux2(**config, patch_size=(2, 2))
    twin.load_state_dict(vae.state_dict(), strict=False)
    some = patchify(torch.cat([pool.tensor(index, 0)[None] for index in range(2000)]))
    twin.bn.running_mean.copy_(some.mean((0, 2, 3)))
    twin.bn.running_var.copy_(some.var((0, 2, 3)))
    return twin.eval()


def patchify(latents: torch.Tensor) -> torch.Tensor:
    """(b, c, h, w) → (b, 4c, h/2, w/2), in the pipeline's order."""
    patched: torch.Tensor = Flux2KleinPipeline._patchify_latents(latents)
    return patched


def tokens_of(latents: torch.Tensor, vae: AutoencoderKLFlux2) -> torch.Tensor:
    """(b, c, h, w) → (b, h/2·w/2, 4c), normalised."""
    mean = vae.bn.running_mean.view(1, -1, 1, 1)
    std = (vae.bn.running_var.view(1, -1, 1, 1) + vae.config.batch_norm_eps).sqrt()
    tokens: torch.Tensor = ((patchify(latents) - mean) / std).flatten(2).transpose(1, 2)
    return tokens


def encode_text(painter: Painter, tokenizer: Qwen2TokenizerFast, words: list[str]) -> torch.Tensor:
    embedded: torch.Tensor = Flux2KleinPipeline._get_qwen3_prompt_embeds(
        painter.text, tokenizer, words, max_sequence_length=TEXT_LENGTH, hidden_states_layers=list(OUT_LAYERS)
    )
    return embedded


def flow_loss(
    painter: Painter,
    tokenizer: Qwen2TokenizerFast,
    vae: AutoencoderKLFlux2,
    examples: list[Example],
    generator: torch.Generator,
) -> torch.Tensor:
    target = tokens_of(torch.stack([example.target for example in examples]), vae)
    noise = torch.randn(target.shape, generator=generator)
    s = torch.sigmoid(torch.randn(len(noise), generator=generator))
    mixed = torch.lerp(target, noise, s[:, None, None])
    context = encode_text(painter, tokenizer, [example.words for example in examples])
    grid = torch.zeros(len(examples), 1, 8, 8)
    ids = Flux2KleinPipeline._prepare_latent_ids(grid)
    if not examples[0].fresh:
        source = tokens_of(torch.stack([example.source for example in examples]), vae)
        mixed = torch.cat([mixed, source], 1)
        ids = torch.cat([ids, Flux2KleinPipeline._prepare_image_ids([grid[:1]]).repeat(len(examples), 1, 1)], 1)
    predicted = painter.body(
        hidden_states=mixed,
        timestep=s,
        guidance=None,
        encoder_hidden_states=context,
        txt_ids=Flux2KleinPipeline._prepare_text_ids(context),
        img_ids=ids,
        return_dict=False,
    )[0][:, : target.shape[1]]
    weight = F.avg_pool2d(torch.stack([example.weight for example in examples]), 2).flatten(2).transpose(1, 2)
    error: torch.Tensor = (weight * (predicted - (noise - target)) ** 2).mean() / weight.mean()
    return error


def examples_of(pool: Pool, rng: random.Random, fresh: bool) -> list[Example]:
    drawn = [pool.sample(rng, fresh) for _ in range(BATCH // 2)]
    return [replace(e, words="" if rng.random() < NO_WORDS else e.words) for e in drawn]


def train(minutes: float, vae_dir: Path, out: Path) -> None:
    torch.manual_seed(0)
    plain = AutoencoderKL.from_pretrained(vae_dir, torch_dtype=torch.float32).eval()
    pool = load_pool(plain, POOL, TRAINING / f"pool-{vae_dir.name}-{POOL}.npy")
    vae, tokenizer = make_vae(plain, pool), make_tokenizer()
    painter = Painter(make_body(plain.config.latent_channels), make_text(tokenizer))
    print(f"{sum(p.numel() for p in painter.parameters()) / 1e6:.2f} M parameters", flush=True)
    optimizer = torch.optim.AdamW(painter.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01)
    average, step, budget, total = Average(painter), 0, Budget(minutes * 60), 0.0
    while budget.fraction() < 1:
        set_learning_rate(optimizer, learning_rate(PEAK_RATE, step, budget.fraction()))
        rng, generator = random.Random(f"sd {step}"), torch.Generator().manual_seed(step)
        optimizer.zero_grad()
        for fresh in (True, False):
            value = 0.5 * flow_loss(painter, tokenizer, vae, examples_of(pool, rng, fresh), generator)
            value.backward()
            total += value.item()
        torch.nn.utils.clip_grad_norm_(painter.parameters(), 1.0)
        optimizer.step()
        average.update(painter, step)
        step += 1
        if step % 500 == 0:
            print(f"step {step} core-seconds {budget.spent():.0f} loss {total / 500:.4f}", flush=True)
            total = 0.0
            save_checkpoint(TRAINING / "klein.pt", {"painter": painter.state_dict(), "average": average.values})
    average.swap(painter)
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=False, shift=1.0)
    pipe = Flux2KleinPipeline(
        scheduler=scheduler,
        vae=vae,
        text_encoder=painter.text.eval(),
        tokenizer=tokenizer,
        transformer=painter.body.eval(),
        is_distilled=False,
    )
    pipe.save_pretrained(out)
    print(f"done: {step * BATCH} examples in {budget.spent():.0f} core-seconds -> {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--vae", type=Path, default=TRAINING / "vae")
    parser.add_argument("--out", type=Path, default=TRAINING / "klein")
    arguments = parser.parse_args()
    train(arguments.minutes, arguments.vae, arguments.out)
