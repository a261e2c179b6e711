"""Recipe of the describer: a small BLIP for captioning (Li et al. 2022) that says all facts of a drawn scene.

Usage: python -m pentimento.starter.train_describe [--minutes CORE_MINUTES] [--out DIR] [--warm DIR]
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn import functional as F
from transformers import (
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessorPil,
    BlipProcessor,
    PreTrainedTokenizerFast,
)

from pentimento.starter.checkpoints import drafted
from pentimento.starter.ending import ending_plainly
from pentimento.starter.pictures import to_tensor
from pentimento.starter.questions import asking_scene, worn
from pentimento.starter.train_segment import PATCH, SIZE, at_patches, numbers, squared
from pentimento.starter.training import TRAINING, Loop, Tensors, device
from pentimento.starter.words import COLORS, KINDS, PLACES, SIZES, STYLES, TIMES, WEATHERS
from pentimento.starter.world.captions import facts, plain_caption, seen_size
from pentimento.starter.world.drawing import draw, visible
from pentimento.starter.world.edits import random_edit
from pentimento.starter.world.layout import placed
from pentimento.starter.world.scene import Scene

BATCH = 8
WIDTH = 128
LAYERS = 4
WORDS = 2
"""Layers of the decoder."""
LENGTH = 64
"""Tokens of a caption at most."""
VOCABULARY = 800
TEACHING = 0.5
"""Weight of the linear heads' loss."""
START, END, PAD = "<|startoftext|>", "<|endoftext|>", "<|pad|>"
_RELATIONS = ("", "same", "wearing", "on", "behind")
_PATCH_HEADS = {
    "kind": len(KINDS) + 1,
    "color": len(COLORS) + 1,
    "group": 4,
    "size": len(SIZES) + 2,
    "relation": len(_RELATIONS) + 1,
}
"""What each patch tells of the thing on it, 0 where there is none, and how many answers there are; "group" counts from the left."""
_SCENE_HEADS = {"place": tuple(PLACES), "time": tuple(TIMES), "weather": tuple(WEATHERS), "style": tuple(STYLES)}
"""What the whole picture tells."""


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE in which each word of the captions is one token."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    rng = random.Random("captions")
    captions = [plain_caption(described_scene(rng)) for _ in range(4000)]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[PAD, START, END],
        show_progress=False,
    )
    bpe.train_from_iterator(captions, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        model_max_length=LENGTH,
        clean_up_tokenization_spaces=False,
    )


def make_processor(tokenizer: PreTrainedTokenizerFast) -> BlipProcessor:
    side = {"height": SIZE, "width": SIZE}
    images = BlipImageProcessorPil(
        size=side, image_mean=[0.5] * 3, image_std=[0.5] * 3, resample=Image.Resampling.BICUBIC
    )
    return BlipProcessor(images, tokenizer)


def make_model(tokenizer: PreTrainedTokenizerFast) -> BlipForConditionalGeneration:
    tower = {"hidden_size": WIDTH, "intermediate_size": 3 * WIDTH, "num_attention_heads": 4, "initializer_range": 0.02}
    text = {
        **tower,
        "num_hidden_layers": WORDS,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": LENGTH,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "sep_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {**tower, "num_hidden_layers": LAYERS, "image_size": SIZE, "patch_size": PATCH}
    return BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision))


def described_scene(rng: random.Random) -> Scene:
    """Any scene, also one that an edit leaves behind, and now and then several of a kind in different colours."""
    return random_edit(rng).after if rng.random() < 0.25 else asking_scene(rng)


def patch_labels(scene: Scene) -> NDArray[np.int64]:
    """(heads, patches): what each patch tells."""
    width, height = scene.size
    labels = np.zeros((len(_PATCH_HEADS), height, width), dtype=np.int64)
    order = sorted(range(len(scene.groups)), key=lambda index: scene.groups[index].x)
    for one in placed(scene):
        group = scene.groups[one.group]
        size = ("", *SIZES).index(seen_size(scene, group)) + 1
        told = (*numbers(one.thing), order.index(one.group) + 1, size, _RELATIONS.index(group.relation) + 1)
        labels[:, visible(scene, one.__eq__)] = np.array(told)[:, None]
    return at_patches(labels)


def scene_labels(scene: Scene) -> list[int]:
    return [answers.index(getattr(scene, what)) for what, answers in _SCENE_HEADS.items()]


class Describing(torch.nn.Module):
    """What is trained: the model, and linear heads for training alone, without which its tower learns many times slower."""

    def __init__(self, model: BlipForConditionalGeneration) -> None:
        super().__init__()
        self.model = model
        self.patches = torch.nn.ModuleList(torch.nn.Linear(WIDTH, count) for count in _PATCH_HEADS.values())
        self.scene = torch.nn.ModuleList(torch.nn.Linear(WIDTH, len(answers)) for answers in _SCENE_HEADS.values())

    def taught(self, seen: torch.Tensor, patches: torch.Tensor, scene: torch.Tensor) -> torch.Tensor:
        """Cross-entropies of what the vision tower saw, (pictures, 1 + patches, WIDTH)."""
        total = seen.new_zeros(())
        for which, head in enumerate(self.patches):
            total = total + F.cross_entropy(head(seen[:, 1:]).transpose(1, 2), patches[:, which])
        for which, head in enumerate(self.scene):
            total = total + 0.2 * F.cross_entropy(head(seen[:, 0]), scene[:, which])
        return total


class Captions:
    """The task: the plain caption of a picture, word by word."""

    peak = 2e-3

    def __init__(self, name: str, model: BlipForConditionalGeneration, tokenizer: PreTrainedTokenizerFast) -> None:
        self.name, self.learned, self.tokenizer = name, Describing(model), tokenizer
        rng = random.Random("unseen")
        self.unseen = [described_scene(rng) for _ in range(100)]

    def batch(self, step: int) -> Tensors:
        """Token ids (batch, tokens); pictures (batch, 3, SIZE, SIZE), -1..1; labels of the patches (batch, heads, patches)
        and of the scenes (batch, heads)."""
        rng = random.Random(f"{self.name} {step}")
        scenes = [described_scene(rng) for _ in range(BATCH)]
        ids = self.tokenizer([START + plain_caption(s) + END for s in scenes], padding=True, return_tensors="pt")
        pictures = [worn(draw(scene), rng) if rng.random() < 0.5 else draw(scene) for scene in scenes]
        return (
            ids.input_ids,
            to_tensor([squared(picture) for picture in pictures]),
            torch.from_numpy(np.stack([patch_labels(scene) for scene in scenes])),
            torch.tensor([scene_labels(scene) for scene in scenes]),
        )

    def loss(self, batch: Tensors, _step: int) -> torch.Tensor:
        ids, pixels, patches, scene = batch
        pad = self.tokenizer.pad_token_id
        found = self.learned.model(pixel_values=pixels, input_ids=ids, attention_mask=(ids != pad).long())
        said = F.cross_entropy(found.logits[:, :-1].float().transpose(1, 2), ids[:, 1:], ignore_index=pad)
        return said + TEACHING * self.learned.taught(found.image_embeds.float(), patches, scene)

    def measure(self) -> dict[str, float]:
        """The share of facts that are right, and of captions in which all are, on unseen scenes."""
        shares = []
        for start in range(0, len(self.unseen), BATCH):
            scenes = self.unseen[start : start + BATCH]
            captions = self.captions(to_tensor([squared(draw(scene)) for scene in scenes]))
            shares += [right(said, plain_caption(scene)) for said, scene in zip(captions, scenes, strict=True)]
        return {"facts": sum(shares) / len(shares), "whole": shares.count(1.0) / len(shares)}

    def captions(self, pixels: torch.Tensor) -> list[str]:
        ids = self.learned.model.generate(pixels.to(device()), max_new_tokens=LENGTH - 1)
        said: list[str] = self.tokenizer.batch_decode(ids, skip_special_tokens=True)
        return said


def right(said: str, truth: str) -> float:
    """The share of facts that are right; what is invented counts as wrong."""
    found, wanted = facts(said), facts(truth)
    agreed = sum(found.get(fact) == value for fact, value in wanted.items())
    return agreed / max(len(found), len(wanted))


def train(minutes: float, out: Path, warm: Path | None) -> None:
    torch.manual_seed(0)
    tokenizer = make_tokenizer()
    model = BlipForConditionalGeneration.from_pretrained(warm, dtype=torch.float32) if warm else make_model(tokenizer)
    task = Captions("describe", model, tokenizer)
    Loop(task, minutes).run()
    with drafted(out) as draft:
        task.learned.model.cpu().half().save_pretrained(draft)
        make_processor(tokenizer).save_pretrained(draft)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--out", type=Path, default=TRAINING / "describe")
    parser.add_argument("--warm", type=Path, help="model folder to start from")
    arguments = parser.parse_args()
    with ending_plainly():
        train(arguments.minutes, arguments.out, arguments.warm)
