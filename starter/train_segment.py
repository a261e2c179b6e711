"""Recipe of the masks by words: a small CLIPSeg (Lüddecke and Ecker 2022), its two towers trained along with the decoder.

Usage: python -m pentimento.starter.train_segment [--minutes CORE_MINUTES] [--out DIR] [--warm DIR] [--name NAME]
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F
from transformers import (
    CLIPImageProcessorPil,
    CLIPSegConfig,
    CLIPSegForImageSegmentation,
    CLIPSegProcessor,
    CLIPTokenizer,
)

from pentimento.starter.checkpoints import drafted
from pentimento.starter.ending import ending_plainly
from pentimento.starter.pictures import to_tensor
from pentimento.starter.questions import Question, asking_scene, question, worn
from pentimento.starter.text import make_clip_tokenizer
from pentimento.starter.training import TRAINING, Loop, Tensors, device
from pentimento.starter.words import COLORS, KINDS
from pentimento.starter.world.drawing import draw, visible
from pentimento.starter.world.layout import placed
from pentimento.starter.world.scene import Scene, Thing

SIZE = 128
"""Side to which pictures are brought, pixels."""
PATCH = 8
LAYERS = 4
PICTURES = 40
ASKED = 12
"""Pictures of a batch that are asked about. The others teach the vision tower alone: to tell the kinds takes far more
pictures than to find what the words mean, and the decoder is the dearest part."""
QUESTIONS = 2
"""Questions about each of these; the vision tower runs once for all of them."""
TEACHING = 0.5
"""Weight of the linear heads' loss."""
EMPTY = 0.2
"""How much a patch with nothing on it counts beside one of a thing."""
TEXT_SPREAD = 4.0
"""Initial spread of the text tower's weights; at 1 all words start out as nearly the same embedding."""


def make_model(
    tokenizer: CLIPTokenizer, side: int = SIZE, patch: int = PATCH, reduced: int = 64, inner: int = 256
) -> CLIPSegForImageSegmentation:
    """For pictures of side × side; `reduced` and `inner` are widths of the decoder."""
    tower = {"hidden_size": 96, "intermediate_size": 288, "num_hidden_layers": LAYERS, "num_attention_heads": 4}
    text = {
        **tower,
        "num_hidden_layers": 2,
        "initializer_factor": TEXT_SPREAD,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": tokenizer.model_max_length,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = CLIPSegConfig(
        text_config=text,
        vision_config={**tower, "image_size": side, "patch_size": patch},
        projection_dim=64,
        reduce_dim=reduced,
        extract_layers=[1, 2, 3],
        decoder_num_attention_heads=4,
        decoder_intermediate_size=inner,
    )
    model = CLIPSegForImageSegmentation(config)
    calm(model)
    return model


def calm(model: CLIPSegForImageSegmentation) -> None:
    """Start the decoder from ordinary small weights: transformers draws its linear layers with a spread of 1, and it never recovers."""
    for module in model.decoder.modules():
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.xavier_uniform_(module.weight)
            torch.nn.init.zeros_(module.bias)
    torch.nn.init.ones_(model.decoder.film_mul.bias)


def make_processor(tokenizer: CLIPTokenizer, side: int = SIZE) -> CLIPSegProcessor:
    size = {"height": side, "width": side}
    images = CLIPImageProcessorPil(
        size=size, do_center_crop=False, image_mean=[0.5] * 3, image_std=[0.5] * 3, resample=Image.Resampling.BICUBIC
    )
    return CLIPSegProcessor(image_processor=images, tokenizer=tokenizer)


def squared(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Brought to SIZE × SIZE as the processor does it."""
    return np.asarray(Image.fromarray(picture).resize((SIZE, SIZE), Image.Resampling.BICUBIC))


def numbers(thing: Thing) -> tuple[int, int]:
    """Kind and colour as numbers from 1; colour 0 when it is natural or not named."""
    color = list(COLORS).index(thing.color) + 1 if thing.color else 0
    return list(KINDS).index(thing.kind) + 1, color


def patch_labels(scene: Scene) -> NDArray[np.int64]:
    """(2, patches), kind and colour of the thing on each patch, 0 where there is none: what the linear heads learn."""
    width, height = scene.size
    labels = np.zeros((2, height, width), dtype=np.int64)
    for one in placed(scene):
        labels[:, visible(scene, one.__eq__)] = np.array(numbers(one.thing))[:, None]
    return at_patches(labels)


def at_patches(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels of a picture's pixels, (heads, height, width), at the middle of each patch: (heads, patches)."""
    heads, height, width = labels.shape
    rows = (np.arange(SIZE // PATCH) + 0.5) * height * PATCH // SIZE
    columns = (np.arange(SIZE // PATCH) + 0.5) * width * PATCH // SIZE
    return labels[:, rows.astype(int)][:, :, columns.astype(int)].reshape(heads, -1)


class Teacher(torch.nn.Module):
    """Linear heads for training alone: each patch tells its kind and colour, the words tell theirs.

    Without them the towers learn only through the decoder's modulation, many times slower.
    """

    def __init__(self, model: CLIPSegForImageSegmentation, kinds: int, colors: int) -> None:
        super().__init__()
        sizes = kinds + 1, colors + 1
        self.patches = torch.nn.ModuleList(torch.nn.Linear(model.config.vision_config.hidden_size, n) for n in sizes)
        self.words = torch.nn.ModuleList(torch.nn.Linear(model.config.projection_dim, n) for n in sizes)

    def loss(self, seen: torch.Tensor, told: torch.Tensor, labels: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
        """Cross-entropies of `seen` (pictures, 1 + patches, width) and `told` (questions, projection)."""
        total = seen.new_zeros(())
        for which in range(2):
            patches = self.patches[which](seen[:, 1:]).transpose(1, 2)
            weights = patches.new_ones(patches.shape[1])
            weights[0] = EMPTY
            total = total + F.cross_entropy(patches, labels[:, which], weight=weights)
            total = total + 0.2 * F.cross_entropy(self.words[which](told), asked[:, which])
        return total


class Segmenting(torch.nn.Module):
    """What is trained: the model and its teacher."""

    def __init__(self, model: CLIPSegForImageSegmentation) -> None:
        super().__init__()
        self.model = model
        self.teacher = Teacher(model, len(KINDS), len(COLORS))

    def forward(
        self, words: torch.Tensor, pixels: torch.Tensor, asked: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return looked(self.model, words, pixels, asked)


def looked(
    model: CLIPSegForImageSegmentation, words: torch.Tensor, pixels: torch.Tensor, asked: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The model's own forward, but with gradients for the towers, which transformers freezes.

    `pixels` is (pictures, 3, height, width), `words` (asked · questions, tokens) about the first `asked` of them. Returns the
    mask logits (asked · questions, height, width), what the vision tower saw last, and the words' embeddings.
    """
    states = model.clip.vision_model(pixel_values=pixels, output_hidden_states=True).hidden_states
    each = len(words) // asked
    seen = [states[layer + 1] for layer in model.extract_layers]
    told = model.clip.get_text_features(words).pooler_output
    found: torch.Tensor = model.decoder(tuple(s[:asked].repeat_interleave(each, 0) for s in seen), told).logits
    return found, seen[-1], told


def mask_loss(predicted: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy per pixel, and 1 - Dice per picture (Milletari et al. 2016)."""
    p = torch.sigmoid(predicted)
    dice = 1 - (2 * (p * truth).sum((1, 2)) + 1) / (p.sum((1, 2)) + truth.sum((1, 2)) + 1)
    return F.binary_cross_entropy_with_logits(predicted, truth) + 0.3 * dice.mean()


class Masks:
    """The task: the mask of what the words fit, nothing where they fit nothing."""

    peak = 2e-3

    def __init__(self, name: str, model: CLIPSegForImageSegmentation, tokenizer: CLIPTokenizer) -> None:
        self.name, self.learned, self.tokenizer = name, Segmenting(model), tokenizer

    def batch(self, step: int) -> Tensors:
        return self._batch(random.Random(f"{self.name} {step}"), PICTURES, ASKED, QUESTIONS)

    def _batch(self, rng: random.Random, pictures: int, asked_about: int, each: int) -> Tensors:
        """Token ids (questions, tokens); pictures (pictures, 3, SIZE, SIZE), -1..1, the first ones asked about; masks
        (questions, SIZE, SIZE), 0 or 1; labels of the patches (pictures, 2, patches) and of the words (questions, 2)."""
        scenes = [asking_scene(rng) for _ in range(pictures)]
        asked: list[Question] = [question(scene, rng) for scene in scenes[:asked_about] for _ in range(each)]
        ids = self.tokenizer([q.words for q in asked], padding="max_length", truncation=True, return_tensors="pt")
        masks = [np.asarray(Image.fromarray(q.mask).resize((SIZE, SIZE), Image.Resampling.NEAREST)) for q in asked]
        return (
            ids.input_ids,
            to_tensor([squared(worn(draw(scene), rng)) for scene in scenes]),
            torch.from_numpy(np.stack(masks)).float(),
            torch.from_numpy(np.stack([patch_labels(scene) for scene in scenes])),
            torch.tensor([numbers(q.thing) for q in asked]),
        )

    def loss(self, batch: Tensors, _step: int) -> torch.Tensor:
        words, pixels, truth, labels, asked = batch
        found, seen, told = self.learned(words, pixels, ASKED)
        taught = self.learned.teacher.loss(seen.float(), told.float(), labels, asked)
        return mask_loss(found.float(), truth) + TEACHING * taught

    def measure(self) -> dict[str, float]:
        """Mean IoU of what is there, and the share of absent things that get an empty mask, on unseen scenes."""
        words, pixels, truth, _, _ = (tensor.to(device()) for tensor in self._batch(random.Random("iou"), 100, 100, 2))
        found = self.learned(words, pixels, len(pixels))[0] > 0
        both, either = (found & (truth > 0)).sum((1, 2)), (found | (truth > 0)).sum((1, 2))
        there = truth.sum((1, 2)) > 0
        return {
            "IoU": float((both[there] / either[there]).mean()),
            "empty": float((found.sum((1, 2))[~there] < 32).float().mean()),
        }


def train(minutes: float, out: Path, warm: Path | None, name: str = "segment") -> None:
    torch.manual_seed(0)
    tokenizer = make_clip_tokenizer()
    model = CLIPSegForImageSegmentation.from_pretrained(warm, dtype=torch.float32) if warm else make_model(tokenizer)
    task = Masks(name, model, tokenizer)
    Loop(task, minutes).run()
    with drafted(out) as draft:
        task.learned.model.cpu().half().save_pretrained(draft)
        make_processor(tokenizer).save_pretrained(draft)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--out", type=Path, default=TRAINING / "segment")
    parser.add_argument("--warm", type=Path, help="model folder to start from")
    parser.add_argument("--name", default="segment", help="name of the checkpoint, and seed of its scenes")
    arguments = parser.parse_args()
    with ending_plainly():
        train(arguments.minutes, arguments.out, arguments.warm, arguments.name)
