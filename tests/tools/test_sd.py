from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pentimento.tools import sd
from pentimento.tools.types import Cancelled, Progress, ToolError
from tests.tiny_models import LENGTH, SIDE, WORD, make_image_model

# The scheduler hands a tensor to NumPy.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]

STEPS = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "image"
    make_image_model(path)
    return path


@pytest.fixture(scope="module")
def models(folder: Path) -> sd.StableDiffusion:
    return sd.load(folder)


def ignore(_: Progress) -> None:
    """Nobody watches."""


def drawn(models: sd.StableDiffusion, seed: int = 1, prompt: str = "a squirrel", guidance: float = 3.0) -> np.ndarray:
    return np.asarray(sd.generate(models, prompt, SIDE, seed, STEPS, guidance, ignore))


def painted(models: sd.StableDiffusion, src: Image.Image, seed: int = 1, words: str = "make it red") -> np.ndarray:
    return np.asarray(sd.edit(models, src, words, seed, STEPS, 2.0, 1.0, ignore))


def noise(seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8))


def test_the_generator_shares_all_but_the_first_convolution(models: sd.StableDiffusion) -> None:
    ours, theirs = dict(models.generator.unet.named_modules()), dict(models.editor.unet.named_modules())
    assert {name for name in theirs if ours[name] is not theirs[name]} == {"", "conv_in"}
    assert ours["conv_in"].bias is theirs["conv_in"].bias
    for part in ("vae", "text_encoder", "tokenizer"):
        assert getattr(models.generator, part) is getattr(models.editor, part)
    assert models.generator.scheduler is not models.editor.scheduler


def test_the_generator_is_the_editor_with_a_blank_source(models: sd.StableDiffusion) -> None:
    import torch

    noisy, words = torch.randn(2, 4, SIDE // 2, SIDE // 2), torch.randn(2, LENGTH, WORD)
    with torch.no_grad():
        made = models.generator.unet(noisy, torch.tensor(500.0), words).sample
        blank = models.editor.unet(torch.cat([noisy, torch.zeros_like(noisy)], 1), torch.tensor(500.0), words).sample
        other = models.editor.unet(torch.cat([noisy, noisy], 1), torch.tensor(500.0), words).sample
    assert torch.allclose(made, blank, atol=1e-5)
    assert not torch.allclose(made, other, atol=1e-2)


def test_a_seed_decides_the_picture(models: sd.StableDiffusion) -> None:
    assert np.array_equal(drawn(models, seed=1), drawn(models, seed=1))
    assert not np.array_equal(drawn(models, seed=1), drawn(models, seed=2))
    assert np.array_equal(painted(models, noise(0), seed=2**32 - 1), painted(models, noise(0), seed=2**32 - 1))
    assert not np.array_equal(painted(models, noise(0), seed=1), painted(models, noise(0), seed=2))


def test_the_words_and_the_source_decide_it_too(models: sd.StableDiffusion) -> None:
    assert not np.array_equal(drawn(models), drawn(models, prompt="fox"))
    assert not np.array_equal(painted(models, noise(0)), painted(models, noise(1)))
    assert not np.array_equal(painted(models, noise(0)), painted(models, noise(0), words="x"))


def test_pictures_are_rgb_of_the_size_asked_for(models: sd.StableDiffusion) -> None:
    assert sd.generate(models, "a fox", SIDE, 0, 2, 3.0, ignore).size == (SIDE, SIDE)
    made = sd.edit(models, noise(0), "make it red", 0, 2, 2.0, 1.0, ignore)
    assert (made.size, made.mode) == ((SIDE, SIDE), "RGB")


def test_words_longer_than_the_model_reads_are_cut(models: sd.StableDiffusion) -> None:
    assert drawn(models, prompt="a squirrel " * 30).shape == (SIDE, SIDE, 3)


def test_each_step_is_reported_and_the_picture_shown_on_the_way(models: sd.StableDiffusion) -> None:
    seen: list[Progress] = []
    sd.generate(models, "a squirrel", SIDE, 1, STEPS, 3.0, seen.append)
    assert [progress.fraction for progress in seen] == pytest.approx([(step + 1) / STEPS for step in range(STEPS)])
    assert {progress.stage for progress in seen} == {"drawing"}
    previews = [progress.preview for progress in seen if progress.preview is not None]
    assert [step for step, progress in enumerate(seen, start=1) if progress.preview] == [sd.PREVIEW_EVERY]
    assert [(preview.size, preview.mode) for preview in previews] == [((SIDE, SIDE), "RGB")]


def test_watching_does_not_change_the_picture(models: sd.StableDiffusion) -> None:
    seen: list[Progress] = []
    watched = sd.edit(models, noise(0), "make it red", 1, STEPS, 2.0, 1.0, seen.append)
    assert {progress.stage for progress in seen} == {"painting"}
    assert np.array_equal(np.asarray(watched), painted(models, noise(0)))


@pytest.mark.parametrize("at", [1, STEPS])
def test_a_cancelled_drawing_leaves_the_models_as_good_as_new(models: sd.StableDiffusion, at: int) -> None:
    before, steps = drawn(models), 0

    def stop(_: Progress) -> None:
        nonlocal steps
        steps += 1
        if steps == at:
            raise Cancelled

    with pytest.raises(Cancelled):
        sd.generate(models, "a fox", SIDE, 9, STEPS, 3.0, stop)
    assert steps == at
    assert np.array_equal(drawn(models), before)


def test_nothing_is_written_to_the_terminal(models: sd.StableDiffusion, capfd: pytest.CaptureFixture[str]) -> None:
    painted(models, noise(0))
    drawn(models)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("damage", ["cut short", "no index", "not JSON", "other shapes", "no words", "empty folder"])
def test_a_damaged_model_is_said_in_one_sentence(folder: Path, tmp_path: Path, damage: str) -> None:
    import shutil

    copy = tmp_path / "image"
    shutil.copytree(folder, copy)
    config, weights = copy / "unet" / "config.json", copy / "unet" / "diffusion_pytorch_model.safetensors"
    match damage:
        case "cut short":
            weights.write_bytes(weights.read_bytes()[:5000])
        case "no index":
            (copy / "model_index.json").unlink()
        case "not JSON":
            config.write_text("{")
        case "other shapes":
            config.write_text(config.read_text().replace('"cross_attention_dim": 16', '"cross_attention_dim": 24'))
        case "no words":
            shutil.rmtree(copy / "tokenizer")
        case _:
            shutil.rmtree(copy)
            copy.mkdir()
    with pytest.raises(
        ToolError,
        match=r"^The picture model in .* can't be loaded(, it lacks its words)?; put a whole copy of it there\.$",
    ):
        sd.load(copy)


@pytest.fixture(scope="module")
def inpainting_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "image"
    make_image_model(path, inpainting=True)
    return path


@pytest.fixture(scope="module")
def inpainting(inpainting_folder: Path) -> sd.StableDiffusion:
    return sd.load(inpainting_folder)


def filled(models: sd.StableDiffusion, src: Image.Image, words: str = "a fox") -> np.ndarray:
    mask = Image.new("L", src.size)
    mask.paste(255, (0, 0, SIDE // 2, SIDE))
    return np.asarray(sd.inpaint(models, src, mask, words, 1, STEPS, 2.0, ignore))


def test_one_inpainting_body_generates_edits_and_fills_in(inpainting: sd.StableDiffusion) -> None:
    assert inpainting.mask is not None
    assert inpainting.generator.unet.down_blocks is inpainting.editor.unet.down_blocks
    assert drawn(inpainting).shape == painted(inpainting, noise(0)).shape == filled(inpainting, noise(0)).shape
    assert not np.array_equal(filled(inpainting, noise(0)), filled(inpainting, noise(0), words="x"))
    assert not np.array_equal(filled(inpainting, noise(0)), filled(inpainting, noise(1)))


def test_the_pipelines_of_an_inpainting_body_are_it_with_blank_inputs(
    inpainting: sd.StableDiffusion, inpainting_folder: Path
) -> None:
    import torch
    from diffusers import UNet2DConditionModel

    body = UNet2DConditionModel.from_pretrained(inpainting_folder / "unet")
    noisy, source, words = torch.randn(2, 4, 8, 8), torch.randn(2, 4, 8, 8), torch.randn(2, LENGTH, WORD)
    mask, time, scale = torch.zeros(2, 1, 8, 8), torch.tensor(500.0), inpainting.editor.vae.config.scaling_factor
    hole = (torch.rand(2, 1, 8, 8) > 0.5).float()
    with torch.no_grad():
        whole = body(torch.cat([noisy, mask, scale * source], 1), time, words).sample
        edits = inpainting.editor.unet(torch.cat([noisy, source], 1), time, words).sample
        blank = body(torch.cat([noisy, mask, torch.zeros_like(source)], 1), time, words).sample
        draws = inpainting.generator.unet(noisy, time, words).sample
        masked = body(torch.cat([noisy, hole, scale * source], 1), time, words).sample
        with sd.filling(inpainting, hole):
            fills = inpainting.editor.unet(torch.cat([noisy, source], 1), time, words).sample
        after = inpainting.editor.unet(torch.cat([noisy, source], 1), time, words).sample
    assert torch.allclose(whole, edits, atol=1e-5)
    assert torch.allclose(blank, draws, atol=1e-5)
    assert torch.allclose(masked, fills, atol=1e-5)
    assert torch.equal(after, edits)


def test_latents_of_any_number_of_channels_are_filled_in(tmp_path: Path) -> None:
    make_image_model(tmp_path, inpainting=True, latent=6)
    assert filled(sd.load(tmp_path), noise(0)).shape == (*noise(0).size[::-1], 3)


def test_a_cell_is_filled_where_the_mask_is_white_anywhere_in_it(inpainting: sd.StableDiffusion) -> None:
    src = noise(0)
    mask = Image.new("L", src.size)
    mask.putpixel((src.width - 1, 0), 255)
    (cells,) = sd.mask_cells(inpainting, [mask])
    assert (cells.sum(), cells[0, 0, -1]) == (1, 1)
    gray = (np.asarray(sd.holed(src, cells)) == sd.HOLE).all(axis=2)
    side = inpainting.editor.vae_scale_factor
    assert gray[:side, -side:].all()
    assert np.array_equal(np.asarray(sd.holed(src, cells))[side:], np.asarray(src)[side:])


def test_a_body_without_a_mask_says_that_it_cannot_fill_in(models: sd.StableDiffusion) -> None:
    with pytest.raises(ToolError, match="can't fill in"):
        filled(models, noise(0))


def batches_run(
    models: sd.StableDiffusion, image_guidance: float, guidance: float = 2.0
) -> tuple[np.ndarray, list[int]]:
    """An edit, and how many batches each run of the body saw side by side."""
    seen = []
    handle = models.editor.unet.conv_in.register_forward_hook(lambda _module, _inputs, output: seen.append(len(output)))
    made = sd.edit(models, noise(0), "make it red", 1, STEPS, guidance, image_guidance, ignore)
    handle.remove()
    return np.asarray(made, dtype=int), seen


def test_what_cancels_out_of_the_guidance_is_not_drawn(models: sd.StableDiffusion) -> None:
    two, seen = batches_run(models, 1.0)
    three, all_seen = batches_run(models, 1.0 + 1e-9)
    assert seen == [2] * STEPS
    assert all_seen == [3] * STEPS
    assert np.abs(two - three).max() <= 1
    assert batches_run(models, 1.0, guidance=1.0)[1] == [1] * STEPS


def test_a_cancelled_edit_leaves_the_body_as_it_was(models: sd.StableDiffusion) -> None:
    def cancel(_: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        sd.edit(models, noise(0), "make it red", 1, STEPS, 2.0, 1.0, cancel)
    assert batches_run(models, 1.5)[1] == [3] * STEPS
