"""Recipe of the starter language model: a small Llama that reads a session's state and a message and writes the plan.

`python -m pentimento.starter.train_planner --minutes 60` trains from nothing and exports to `training/planner-out/`; with `--resume`
it goes on from its last checkpoint, with `--warm FILE.gguf` from exported weights, of fewer layers too.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from pentimento.starter import training
from pentimento.starter.checkpoints import CheckpointError, load_checkpoint, of_this_model, save_checkpoint, used_up
from pentimento.starter.ending import ending_plainly
from pentimento.starter.grow_planner import grow
from pentimento.starter.muon import Muon
from pentimento.starter.planner_rows import Padded, Row, batches, messages_in, padded, rows
from pentimento.starter.planner_tokenizer import trained_tokenizer

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

CHUNK = 4_096
"""Rows that are made, sorted by length and shuffled as batches at a time."""
FIRST_SEED = 10_000
VALIDATION_SEED = 7
TOKENIZER_SEED = 1


@dataclass(frozen=True)
class Shape:
    """The Llama's dimensions."""

    hidden: int = 192
    inner: int = 512
    layers: int = 9
    heads: int = 6
    kv_heads: int = 6


@dataclass(frozen=True)
class Recipe:
    shape: Shape = field(default_factory=Shape)
    peak: float = 4e-3
    """Highest learning rate, of both optimizers."""
    batch_tokens: int = 2560
    ways: int = 4
    """Messages that are read together behind one state."""


@dataclass
class Progress:
    """How far a training is."""

    step: int = 0
    chunk: int = 0
    examples: int = 0
    spent: float = 0.0
    """Wall-clock seconds."""


def new_model(shape: Shape, tokenizer: "PreTrainedTokenizerFast") -> "LlamaForCausalLM":
    """Untrained weights, the same on every call."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        max_position_embeddings=1024,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        initializer_range=0.03,
        use_cache=False,
        attn_implementation="sdpa",
    )
    torch.manual_seed(0)
    return LlamaForCausalLM(config)


def fresh_like(model: "LlamaForCausalLM") -> "LlamaForCausalLM":
    """Untrained weights in the shape of `model`."""
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    return LlamaForCausalLM(model.config)


def drawn(tokenizer: "PreTrainedTokenizerFast", recipe: Recipe, chunk: int) -> list[list[Row]]:
    """The batches of a chunk, always the same."""
    found = rows(tokenizer, FIRST_SEED + chunk, CHUNK, ways=recipe.ways)
    return list(batches(found, recipe.batch_tokens, chunk))


def plan_loss(model: "LlamaForCausalLM", batch: list[Row]) -> torch.Tensor:
    """Mean cross-entropy of the plans' tokens; scalar, float32."""
    read = padded(batch).on(model.device)
    with training.mixed():
        logits = model.lm_head(states(model, read)[:, :-1][read.meant[:, 1:]])
    return functional.cross_entropy(logits.float(), read.ids[:, 1:][read.meant[:, 1:]])


def states(model: "LlamaForCausalLM", read: Padded) -> torch.Tensor:
    """The last layer's, rows × longest × hidden, each message blind to the others."""
    hidden: torch.Tensor = model.model(
        input_ids=read.ids, position_ids=read.places, attention_mask=read.seen
    ).last_hidden_state
    return hidden


def optimizers(model: "LlamaForCausalLM") -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon for the layers' matrices, AdamW for the embedding and the norms."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return Muon(matrices, lr=0.0), torch.optim.AdamW(rest, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)


@dataclass
class Trainer:
    """One training: what is learned and how far it is."""

    model: "LlamaForCausalLM"
    tokenizer: "PreTrainedTokenizerFast"
    recipe: Recipe
    out: Path
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self.model.to(training.device())
        self.optimizers = optimizers(self.model)

    def run(self, seconds: float, log_every: int = 50, save_every: float = 480.0) -> None:
        """Trains until `seconds` of wall-clock time are spent, those of resumed runs counted in."""
        start, before = time.monotonic(), self.progress.spent
        saved = start
        for batch in self._batches():
            if self.progress.spent >= seconds:
                break
            loss = self._step(batch, self.progress.spent / seconds)
            self.progress.spent = before + time.monotonic() - start
            if self.progress.step % log_every == 0:
                print(json.dumps(asdict(self.progress) | {"loss": round(loss, 4)}), flush=True)
            if time.monotonic() - saved > save_every:
                self.save()
                saved = time.monotonic()
        self.save()

    def _batches(self) -> Iterator[list[Row]]:
        """From the next chunk on, without end."""
        for chunk in training.ahead(partial(drawn, self.tokenizer, self.recipe), self.progress.chunk):
            yield from chunk
            self.progress.chunk += 1

    def _step(self, batch: list[Row], fraction: float) -> float:
        rate = training.learning_rate(self.recipe.peak, self.progress.step, fraction, warmup=100, decay_from=0.3)
        loss = plan_loss(self.model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            training.set_learning_rate(optimizer, rate)
            optimizer.step()
            optimizer.zero_grad()
        self.progress.step += 1
        self.progress.examples += messages_in(batch)
        return loss.item()

    def save(self) -> None:
        content = {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "progress": asdict(self.progress),
        }
        save_checkpoint(self.out / "checkpoint.pt", content)
        for name, (plan, steps) in validation(self.model, self.tokenizer, 250).items():
            print(
                json.dumps({"step": self.progress.step, "exact match": name, "plan": plan, "steps": steps}), flush=True
            )

    def load(self) -> None:
        path = self.out / "checkpoint.pt"
        content = load_checkpoint(path)
        with of_this_model(path):
            self.model.load_state_dict(content["model"])
            for optimizer, state in zip(self.optimizers, content["optimizers"], strict=True):
                optimizer.load_state_dict(state)
            self.progress = Progress(**content["progress"])
        self.progress.chunk += 1  # what was left of the chunk is given up: its order is not kept


def validation(
    model: "LlamaForCausalLM", tokenizer: "PreTrainedTokenizerFast", count: int
) -> dict[str, tuple[float, float]]:
    """Exact match on held-out simulated messages, with words that training shows and with words that it never shows."""
    reply = tokenizer.encode("reply", add_special_tokens=False)[0]
    kinds = {"known words": False, "unseen words": True}
    return {
        name: exact_match(model, rows(tokenizer, VALIDATION_SEED, count, unseen=unseen), reply)
        for name, unseen in kinds.items()
    }


@torch.no_grad()
def exact_match(model: "LlamaForCausalLM", found: list[Row], reply: int) -> tuple[float, float]:
    """Share of plans that greedy decoding would write word for word, and share whose steps it would; a message a row.

    `reply` is the token that the key "reply" begins with, i.e. that ends the steps.
    """
    plans = steps = 0
    for batch in batches(found, 2048, 0):
        read = padded(batch).on(model.device)
        guessed = model.lm_head(states(model, read)).argmax(-1)[:, :-1]
        wrong = (guessed != read.ids[:, 1:]) & read.meant[:, 1:]
        for row, missed in zip(batch, wrong, strict=True):
            ((_, meant),) = row.told
            end = len(row) - 1 - meant[::-1].index(reply)
            plans += not bool(missed.any())
            steps += not bool(missed[: end - 1].any())
    return round(plans / len(found), 4), round(steps / len(found), 4)


def trainer(out: Path, recipe: Recipe, *, resume: bool, warm: Path | None, new_tokens: bool = False) -> Trainer:
    """A training in the folder `out`: on from its last checkpoint, from nothing, or from the weights of a GGUF file.

    That may have fewer layers than the recipe, and other tokens than the data would be cut into now (`new_tokens`).
    """
    from transformers import PreTrainedTokenizerFast

    from pentimento.starter.gguf_export import load_from_gguf

    if resume:
        if not ((out / "checkpoint.pt").exists() and (out / "tokenizer").exists()):
            raise CheckpointError(f"{out} has no checkpoint and tokenizer to go on from. Begin there without --resume.")
        tokenizer = PreTrainedTokenizerFast.from_pretrained(out / "tokenizer")
        made = Trainer(new_model(recipe.shape, tokenizer), tokenizer, recipe, out)
        made.load()
        return made
    if warm is None:
        tokenizer = trained_tokenizer(TOKENIZER_SEED, 30_000)
        model = new_model(recipe.shape, tokenizer)
    else:
        learned, known = load_from_gguf(warm)
        tokenizer = trained_tokenizer(TOKENIZER_SEED, 30_000) if new_tokens else known
        model = new_model(recipe.shape, tokenizer)
        grow(model, tokenizer, learned, known)
    tokenizer.save_pretrained(out / "tokenizer")
    return Trainer(model, tokenizer, recipe, out)


def train(made: Trainer, minutes: float) -> None:
    """Until its minutes are used up; says so where they are already. A training that has not begun is saved in any case."""
    if not made.progress.spent or made.progress.spent < minutes * 60:
        made.run(minutes * 60)
    else:
        print(used_up(made.out / "checkpoint.pt", minutes), file=sys.stderr)


def main() -> None:
    from pentimento.starter.export_planner import export

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="wall-clock time, resumed runs counted in")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--warm", type=Path, help="start from the weights of this GGUF file")
    parser.add_argument("--new-tokens", action="store_true", help="cut the words anew; else as --warm does")
    parser.add_argument("--seen", type=int, default=0, help="messages that the weights of --warm have learned from")
    parser.add_argument("--out", type=Path, default=training.TRAINING / "planner")
    parser.add_argument("--to", type=Path, default=training.TRAINING / "planner-out", help="where the GGUF file goes")
    parser.add_argument("--peak", type=float, default=Recipe.peak)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--batch-tokens", type=int, default=Recipe.batch_tokens, help="a graphics card takes ten times as many"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = Recipe(peak=options.peak, batch_tokens=options.batch_tokens)
    with ending_plainly():
        made = trainer(options.out, recipe, resume=options.resume, warm=options.warm, new_tokens=options.new_tokens)
        if not options.resume:  # a checkpoint has counted them
            made.progress.examples += options.seen
        train(made, options.minutes)
        export(options.out, options.to)


if __name__ == "__main__":
    main()
