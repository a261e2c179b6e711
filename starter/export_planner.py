"""From the planner's last checkpoint to what ships: the GGUF file and its model card.

`python -m pentimento.starter.export_planner` writes `models/starter/planner/` from `training/planner/`.
"""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from pentimento.starter import training
from pentimento.starter.checkpoints import drafted, load_checkpoint, of_this_model
from pentimento.starter.conversations.phrasings import FOLDER
from pentimento.starter.ending import ending_plainly
from pentimento.starter.gguf_export import write_gguf
from pentimento.starter.train_planner import Progress, Recipe, new_model, validation

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM

SHIPPED = training.SHIPPED / "planner"
VALIDATED = 1000
"""Held-out messages of each kind behind the model card's figures."""

CARD = """\
---
license: apache-2.0
library_name: llama.cpp
tags: [planning, image-editing, gguf]
---

# Pentimento's starter planner

A Llama of {parameters:.2f} M parameters ({layers} layers, width {hidden}, {heads} heads, {vocabulary} tokens, tied embeddings)
that reads the state of a session and one message, and writes a plan: one JSON object of steps and a reply. It knows the
picture-book world, the full one, and nothing else.

- **File**: `planner.gguf`, float16. Its logits differ from those of the float32 weights by a hundredth of their spread;
  Q8_0 would be half as large and change the choice of a token now and then. The chat template turns the message to lower case.
- **Data**: conversations made by a program (`starter/conversations/`), from a seed, without end; no text of any person.
  Real nouns, made-up words and some German and Chinese among them. {phrasings:,} of its phrasings were
  collected from language models that played many kinds of people (`starter/conversations/collected/`).
- **Recipe**: `python -m pentimento.starter planner`, which begins with these weights. Byte-level BPE in which the space joins
  whole words last, loss on the plan's tokens, Muon for the matrices and AdamW for the rest; a state is read once for several
  messages, which are blind to each other.
- **Seen**: {examples:,} messages in all; the last training took {steps:,} steps and {minutes:.0f} minutes of wall-clock time.
- **Measured** on {validated} held-out simulated messages of each kind, greedy: the whole plan word for word
  {known[0]:.1%} (its steps {known[1]:.1%}); with nouns that training never showed {unseen[0]:.1%} ({unseen[1]:.1%}).
  `make bench-planner` measures it on 300 messages written blind (`tests/planner/utterances.yaml`, `everything.yaml`) and on
  simulated ones in phrasings that training never says.
- **Limits**: one message at a time, at most 288 tokens with state and plan. It does not see pictures, and guesses about words and wishes beyond its world. A plan is checked before it runs.
- **Licence**: Apache-2.0, as the program.
"""


def export(out: Path, to: Path = SHIPPED) -> None:
    """Writes the GGUF file of the last checkpoint in `out` and a card with its figures. Raises `CheckpointError`."""
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(out / "tokenizer")
    model = new_model(Recipe().shape, tokenizer)
    content = load_checkpoint(out / "checkpoint.pt")
    with of_this_model(out / "checkpoint.pt"):
        model.load_state_dict(content["model"])
        progress = Progress(**content["progress"])
    measured = validation(model, tokenizer, VALIDATED)
    with drafted(to) as draft:
        write_gguf(model, tokenizer, draft / "planner.gguf", "f16")
        (draft / "README.md").write_text(card(model, progress, measured), encoding="utf-8")


def card(model: "LlamaForCausalLM", progress: Progress, measured: dict[str, tuple[float, float]]) -> str:
    return CARD.format(
        phrasings=sum(len(file.read_text(encoding="utf-8").splitlines()) for file in FOLDER.rglob("*.txt")),
        parameters=sum(parameter.numel() for parameter in model.parameters()) / 1e6,
        layers=model.config.num_hidden_layers,
        hidden=model.config.hidden_size,
        heads=model.config.num_attention_heads,
        vocabulary=model.config.vocab_size,
        examples=progress.examples,
        steps=progress.step,
        minutes=progress.spent / 60,
        validated=VALIDATED,
        known=measured["known words"],
        unseen=measured["unseen words"],
    )


def seen(folder: Path) -> int:
    """Messages that the model of this folder has learned from, by its card; 0 where that does not say."""
    card = folder / "README.md"
    found = re.search(r"\*\*Seen\*\*: ([\d,]+) messages", card.read_text(encoding="utf-8")) if card.exists() else None
    return int(found[1].replace(",", "")) if found else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=training.TRAINING / "planner", help="the training's folder")
    parser.add_argument("--to", type=Path, default=SHIPPED)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with ending_plainly():
        export(options.out, options.to)


if __name__ == "__main__":
    main()
