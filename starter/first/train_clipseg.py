"""Recipe of the masks by words: a small CLIPSeg (Lüddecke and Ecker 2022), its two towers trained along with the decoder.

Usage: python -m pentimento.starter.first.train_clipseg [--minutes CORE_MINUTES] [--out DIR] [--warm DIR]
"""

import argparse
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from transformers import (
    CLIPSegForImageSegmentation,
    CLIPTokenizer,
)

from pentimento.starter import train_segment
from pentimento.starter.first.text import make_clip_tokenizer
from pentimento.starter.first.words import COLORS, KINDS
from pentimento.starter.first.world.captions import describe, noun
from pentimento.starter.first.world.drawing import draw, mask
from pentimento.starter.first.world.places import SIZE
from pentimento.starter.first.world.scene import Scene, Thing, random_scene
from pentimento.starter.pictures import to_tensor
from pentimento.starter.questions import worn
from pentimento.starter.train_segment import Teacher, looked, make_processor, mask_loss
from pentimento.starter.training import (
    TRAINING,
    Average,
    Budget,
    learning_rate,
    load_checkpoint,
    save_checkpoint,
    set_learning_rate,
)

PICTURES = 8
QUESTIONS = 4
"""Questions about each picture of a batch: the vision tower, the dearest part, runs once for all of them."""
PEAK_RATE = 1e-3
ABSENT = 0.35
"""Share of questions for a thing that is not in the picture: the mask is empty."""
ALONE = 0.2
"""Share of pictures with a single thing; where there are two, the words decide."""
TEACHING = 0.5
"""Weight of the linear heads' loss."""
TEXT_SPREAD = 4.0
"""Initial spread of the text tower's weights; at 1 all words start out as nearly the same embedding."""
SOFTEST = 1.2
"""Widest blur of a picture that is worn."""
PATCH = 4
LAYERS = 4


@dataclass(frozen=True)
class Question:
    picture: np.ndarray
    """(SIZE, SIZE, 3), 0..255"""
    words: str
    mask: np.ndarray
    """(SIZE, SIZE), bool"""
    labels: np.ndarray
    """(2, patches), kind and colour of the thing on each patch, as numbers; 0 where there is none"""
    asked: tuple[int, int]
    """Kind and colour of the words; colour 0 when they name none"""


def make_model(tokenizer: CLIPTokenizer) -> CLIPSegForImageSegmentation:
    return train_segment.make_model(tokenizer, SIZE, PATCH, reduced=48, inner=192)


def absent_thing(scene: Scene, rng: random.Random) -> Thing:
    """A thing that is not there; half of the time one that is, but in another colour."""
    thing = rng.choice(scene.things)
    if thing.color is not None and rng.random() < 0.5:
        return replace(thing, color=rng.choice([c for c in COLORS if c != thing.color]))
    kind = rng.choice([k for k in KINDS if k not in {t.kind for t in scene.things}])
    return replace(thing, kind=kind, color=None)


def numbers(thing: Thing, *, with_color: bool = True) -> tuple[int, int]:
    """Kind and colour as numbers from 1; colour 0 when it is natural or left out."""
    color = list(COLORS).index(thing.color) + 1 if thing.color and with_color else 0
    return list(KINDS).index(thing.kind) + 1, color


def patch_labels(scene: Scene) -> np.ndarray:
    """(2, patches): what the linear heads on the vision tower learn."""
    labels = np.zeros((2, SIZE, SIZE), dtype=np.int64)
    for index, thing in enumerate(scene.things):
        labels[:, mask(scene, index)] = np.array(numbers(thing))[:, None]
    middle = labels[:, PATCH // 2 :: PATCH, PATCH // 2 :: PATCH]
    return middle.reshape(2, -1)


def question(scene: Scene, picture: np.ndarray, labels: np.ndarray, rng: random.Random) -> Question:
    prefix = rng.choice(("", "", "the ", "a "))
    if rng.random() < ABSENT:
        thing = absent_thing(scene, rng)
        words = describe(thing, rng)
        return Question(picture, prefix + words, np.zeros((SIZE, SIZE), dtype=bool), labels, numbers(thing))
    index = rng.randrange(len(scene.things))
    thing, colored = scene.things[index], rng.random() < 0.4
    words = describe(thing, rng) if colored else noun(thing.kind, rng)
    return Question(picture, prefix + words, mask(scene, index), labels, numbers(thing, with_color=colored))


def questions(rng: random.Random, pictures: int, each: int) -> list[Question]:
    """`each` questions about each of so many pictures, picture by picture."""
    asked = []
    for _ in range(pictures):
        scene = random_scene(rng, count=1 if rng.random() < ALONE else 2)
        picture = worn(draw(scene), rng, SOFTEST)
        labels = patch_labels(scene)
        asked += [question(scene, picture, labels, rng) for _ in range(each)]
    return asked


@dataclass(frozen=True)
class Batch:
    words: torch.Tensor
    """(questions, tokens)"""
    pixels: torch.Tensor
    """(pictures, 3, SIZE, SIZE), -1..1"""
    truth: torch.Tensor
    """(questions, SIZE, SIZE), 0 or 1"""
    labels: torch.Tensor
    """(pictures, 2, patches)"""
    asked: torch.Tensor
    """(questions, 2)"""


def batch_of(asked: list[Question], each: int, tokenizer: CLIPTokenizer) -> Batch:
    """Questions in the order of their pictures, `each` about one."""
    ids = tokenizer([q.words for q in asked], padding="max_length", truncation=True, return_tensors="pt").input_ids
    return Batch(
        ids,
        to_tensor([q.picture for q in asked[::each]]),
        torch.from_numpy(np.stack([q.mask for q in asked])).float(),
        torch.from_numpy(np.stack([q.labels for q in asked[::each]])),
        torch.tensor([q.asked for q in asked]),
    )


@torch.no_grad()
def mean_iou(model: CLIPSegForImageSegmentation, tokenizer: CLIPTokenizer, count: int = 200) -> tuple[float, float]:
    """(mean IoU of the things that are there, share of the absent things that get an empty mask) on unseen scenes."""
    batch = batch_of(questions(random.Random("iou"), count, 1), 1, tokenizer)
    truth = batch.truth
    found = model(input_ids=batch.words, pixel_values=batch.pixels).logits > 0
    both, either = (found & (truth > 0)).sum((1, 2)), (found | (truth > 0)).sum((1, 2))
    there = truth.sum((1, 2)) > 0
    return float((both[there] / either[there]).mean()), float((found.sum((1, 2))[~there] < 8).float().mean())


def train(minutes: float, out: Path, warm: Path | None) -> None:
    torch.manual_seed(0)
    tokenizer = make_clip_tokenizer()
    model = CLIPSegForImageSegmentation.from_pretrained(warm) if warm else make_model(tokenizer)
    teacher = Teacher(model, len(KINDS), len(COLORS))
    learned = [*model.parameters(), *teacher.parameters()]
    optimizer = torch.optim.AdamW(learned, lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01)
    average, step, budget, total = Average(model), 0, Budget(minutes * 60), 0.0
    checkpoint = TRAINING / f"{out.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        model.load_state_dict(state["model"])
        teacher.load_state_dict(state["teacher"])
        optimizer.load_state_dict(state["optimizer"])
        average.values, step, budget = state["average"], state["step"], Budget(minutes * 60, state["spent"])
    while budget.fraction() < 1:
        set_learning_rate(optimizer, learning_rate(PEAK_RATE, step, budget.fraction()))
        rng = random.Random(f"segment {step}")
        batch = batch_of(questions(rng, PICTURES, QUESTIONS), QUESTIONS, tokenizer)
        found, seen, asked = looked(model, batch.words, batch.pixels, len(batch.pixels))
        taught = teacher.loss(seen, asked, batch.labels, batch.asked)
        value = mask_loss(found, batch.truth) + TEACHING * taught
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        average.update(model, step)
        step, total = step + 1, total + value.item()
        if step % 250 == 0:
            iou, empty = mean_iou(model, tokenizer)
            print(
                f"step {step} core-seconds {budget.spent():.0f} loss {total / 250:.4f} IoU {iou:.3f} empty {empty:.2f}",
                flush=True,
            )
            total = 0.0
            state = {
                "model": model.state_dict(),
                "teacher": teacher.state_dict(),
                "optimizer": optimizer.state_dict(),
                "average": average.values,
            }
            save_checkpoint(checkpoint, {**state, "step": step, "spent": budget.spent()})
    average.swap(model)
    print("done", step * PICTURES * QUESTIONS, "questions, IoU and empty:", mean_iou(model.eval(), tokenizer))
    model.half().save_pretrained(out)
    make_processor(tokenizer, SIZE).save_pretrained(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--out", type=Path, default=TRAINING / "segment")
    parser.add_argument("--warm", type=Path, help="model folder to start from")
    arguments = parser.parse_args()
    train(arguments.minutes, arguments.out, arguments.warm)
