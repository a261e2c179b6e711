from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pentimento.tools import clipseg
from pentimento.tools.types import ToolError
from tests.tiny_models import SIDE, make_mask_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "segment"
    make_mask_model(path)
    return path


@pytest.fixture(scope="module")
def segmenter(folder: Path) -> clipseg.Segmenter:
    return clipseg.load(folder)


def noise(width: int, height: int) -> Image.Image:
    random = np.random.default_rng(width)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", [(SIDE, SIDE), (300, 200), (7, 90), (1, 1)])
def test_a_mask_has_the_size_of_its_picture(segmenter: clipseg.Segmenter, size: tuple[int, int]) -> None:
    found = clipseg.segment(segmenter, noise(*size), "the squirrel")
    assert (found.size, found.mode) == (size, "L")


def test_numbers_that_are_none_are_refused(folder: Path) -> None:
    segmenter = clipseg.load(folder)
    for weights in segmenter.model.decoder.parameters():
        weights.data.fill_(float("nan"))
    with pytest.raises(ToolError, match=r"^The mask model came to no numbers \(NaN\)"):
        clipseg.segment(segmenter, noise(8, 8), "nut")


def test_a_mask_is_the_probability_that_the_model_gives(segmenter: clipseg.Segmenter) -> None:
    import torch

    picture = noise(SIDE, SIDE)
    inputs = segmenter.processor(text=["nut"], images=[picture], padding="max_length", return_tensors="pt")
    with torch.no_grad():
        expected = torch.sigmoid(segmenter.model(**inputs).logits).reshape(SIDE, SIDE).numpy() * 255
    found = np.asarray(clipseg.segment(segmenter, picture, "nut"), dtype=np.float64)
    assert np.abs(found - expected).max() <= 0.51


def test_the_words_decide_the_mask(segmenter: clipseg.Segmenter) -> None:
    one, other, again = (np.asarray(clipseg.segment(segmenter, noise(16, 16), what)) for what in ("a", "zebra", "a"))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_what_was_seen_of_one_picture_is_not_said_of_another(folder: Path) -> None:
    looking = clipseg.load(folder)
    pictures = [noise(16, 16), noise(17, 16), noise(16, 16).transpose(Image.Transpose.ROTATE_180)]
    fresh = [np.asarray(clipseg.segment(clipseg.load(folder), picture, "nut")) for picture in pictures]
    for picture, expected in zip([*pictures, *pictures], [*fresh, *fresh], strict=True):
        assert np.array_equal(np.asarray(clipseg.segment(looking, picture, "nut")), expected)


def test_words_longer_than_the_model_reads_are_cut(segmenter: clipseg.Segmenter) -> None:
    assert clipseg.segment(segmenter, noise(16, 16), "squirrel " * 40).size == (16, 16)


def test_loading_and_finding_write_nothing_to_the_terminal(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clipseg.segment(clipseg.load(folder), noise(16, 16), "nut")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("damage", ["cut short", "not JSON", "no tokenizer", "empty folder"])
def test_a_damaged_model_is_said_in_one_sentence(folder: Path, tmp_path: Path, damage: str) -> None:
    import shutil

    copy = tmp_path / "segment"
    shutil.copytree(folder, copy)
    weights = copy / "model.safetensors"
    match damage:
        case "cut short":
            weights.write_bytes(weights.read_bytes()[:3000])
        case "not JSON":
            (copy / "config.json").write_text("{")
        case "no tokenizer":
            for path in copy.glob("*token*"):
                path.unlink()
        case _:
            shutil.rmtree(copy)
            copy.mkdir()
    with pytest.raises(
        ToolError,
        match=r"^The mask model in .* can't be loaded(, it lacks its words)?; put a whole copy of it there\.$",
    ):
        clipseg.load(copy)
