import hashlib
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionUpscalePipeline
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pentimento.starter.enlarger import SCALING, enlarged, load_or_make, make_code, pipeline, scaled
from pentimento.starter.pairs import FACTOR, Pair, pair, stretched, window, windows
from pentimento.starter.pictures import psnr, to_tensor
from pentimento.starter.train_upscale import Enlarging
from pentimento.starter.training import optimizers, set_learning_rate
from pentimento.starter.words import PLACES, TIMES, WEATHERS
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import SHAPES, Scene, Thing, random_scene
from pentimento.starter.world.styles import watercolor

pytestmark = pytest.mark.slow

DRAWN = "f8cdba35e5912d3377c27d143336b3daa84207164bec912f7dc23fcb24e8ee10"
"""Digest of the scenes of `settings` before scenes could be drawn larger."""


def settings() -> list[Scene]:
    """One scene in each place, time and weather, in the colours and styles that are computed in whole numbers."""
    found: list[Scene] = []
    for place in PLACES:
        for time in TIMES:
            for weather in WEATHERS:
                scene = random_scene(random.Random(len(found)))
                groups = [replace(g, things=tuple(Thing(thing.kind) for thing in g.things)) for g in scene.groups]
                style = ("flat", "pencil", "pixel")[len(found) % 3]
                found.append(replace(scene, groups=tuple(groups), place=place, time=time, weather=weather, style=style))
    return found


def likeness(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return psnr(to_tensor([one]), to_tensor([other]))


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Enlarging:
    monkeypatch.setattr("pentimento.starter.train_upscale.BATCH", 2)
    torch.manual_seed(0)
    return Enlarging("upscale", *load_or_make(None))


def test_scenes_at_their_own_size_are_drawn_as_ever() -> None:
    found = hashlib.sha256()
    for scene in settings():
        found.update(draw(scene).tobytes())
    assert found.hexdigest() == DRAWN


def test_watercolor_at_its_own_size_is_painted_as_ever() -> None:
    picture = draw(replace(settings()[5], style="flat"))
    height, width, _ = picture.shape
    image = Image.fromarray(picture).filter(ImageFilter.ModeFilter(3)).filter(ImageFilter.GaussianBlur(0.9))
    soft, wide = (np.asarray(x, dtype=np.float32) for x in (image, image.filter(ImageFilter.GaussianBlur(3))))
    coarse = np.random.default_rng(0).normal(size=(height // 16 + 2, width // 16 + 2)).astype(np.float32)
    smooth = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    pooled = 255 - (255 - soft) * (0.80 + 0.05 * (smooth / smooth.std())[..., None])
    painted = np.clip(pooled - 0.5 * np.abs(soft - wide), 0, 255).astype(np.uint8)
    assert np.array_equal(watercolor(picture), painted)


@pytest.mark.parametrize(("style", "least"), [("flat", 33.0), ("watercolor", 30.0), ("pencil", 18.0)])
def test_a_large_drawing_reduced_is_the_small_one(style: str, least: float) -> None:
    for scene in settings()[::7]:
        styled = replace(scene, style=style)
        reduced = np.asarray(Image.fromarray(draw(styled, FACTOR)).reduce(FACTOR))
        assert likeness(reduced, draw(styled)) > least, styled


def test_pixel_art_is_the_same_at_any_size() -> None:
    scene = replace(settings()[2], style="pixel")
    assert np.array_equal(draw(scene, FACTOR)[::FACTOR, ::FACTOR], draw(scene))


@pytest.mark.parametrize("shape", SHAPES)
def test_windows_of_both_pictures_show_the_same(shape: str) -> None:
    rng = random.Random(1)
    scene = replace(random_scene(rng, shape=shape), style="flat")
    whole = pair(scene, rng)
    cut = window(whole, rng)
    assert whole.large.shape == (FACTOR * whole.small.shape[0], FACTOR * whole.small.shape[1], 3)
    assert cut.large.shape == (128, 128, 3)
    assert likeness(np.asarray(Image.fromarray(cut.large).reduce(FACTOR)), cut.small) > 28


def test_the_straight_way_makes_an_untrained_code_nearly_as_good_as_the_usual_filter() -> None:
    rng, code = random.Random(2), make_code()
    for one in windows(rng, 4):
        large = to_tensor([one.large])
        with torch.no_grad():
            coded = code.decode(code.encode(large).latent_dist.mean).sample.clamp(-1, 1)
        assert psnr(coded, large) > likeness(stretched(one.small), one.large) - 3


def test_larger_latents_are_of_the_same_pictures() -> None:
    torch.manual_seed(0)
    code, large = make_code(), to_tensor([windows(random.Random(3), 2)[0].large])
    larger = scaled(code, 1 / SCALING)
    with torch.no_grad():
        one, other = code.encode(large).latent_dist, larger.encode(large).latent_dist
        assert torch.allclose(one.mean, other.mean * SCALING, atol=1e-4)
        assert torch.allclose(one.std, other.std * SCALING, atol=1e-4)
        assert torch.allclose(code.decode(one.mean).sample, larger.decode(other.mean).sample, atol=1e-3)


def test_a_few_steps_on_a_batch_lower_its_loss(task: Enlarging) -> None:
    batch, found = task.batch(0), []
    steppers = optimizers(task.learned.train())
    for _ in range(5):
        loss = task.loss(batch, 0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.learned.parameters(), 1.0)
        for stepper in steppers:
            set_learning_rate(stepper, 5e-5)
            stepper.step()
            stepper.zero_grad()
        found.append(loss.item())
    assert found[-1] < found[0]


def test_a_batch_is_always_the_same(task: Enlarging) -> None:
    for one, other in zip(task.batch(15), task.batch(15), strict=True):
        assert torch.equal(one, other)


def test_a_saved_enlarger_makes_pictures_of_any_shape_four_times_as_large(task: Enlarging, tmp_path: Path) -> None:
    assert sum(parameter.numel() for parameter in task.learned.parameters()) <= 3_500_000
    pipeline(task.learned.half(), task.tokenizer).save_pretrained(tmp_path)
    pipe = StableDiffusionUpscalePipeline.from_pretrained(tmp_path, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    picture = draw(random_scene(random.Random(5), shape="wide"))[:40, :64]
    first, second = enlarged(pipe, picture, "a cat"), enlarged(pipe, picture, "a cat")
    assert first.shape == (160, 256, 3)
    assert np.array_equal(first, second)
    again, _ = load_or_make(tmp_path)
    same = enlarged(pipeline(again, task.tokenizer), picture, "a cat")
    assert likeness(same, first) > 40


def test_an_enlarger_is_measured_beside_the_usual_filter(task: Enlarging) -> None:
    task.probe = [Pair(one.small[:32, :32], one.large[:128, :128], one.words) for one in task.probe]
    with torch.no_grad():
        assert set(task.measure()) == {"PSNR", "Lanczos", "code"}
