"""Captions through the real class, untrained and tiny."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from pentimento.tools import blip
from pentimento.tools.types import ToolError
from tests.tiny_models import LENGTH
from tests.tools.family_cases import noise
from tests.tools.tiny_describer import make_describer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "describe"
    make_describer(path)
    return path


@pytest.fixture(scope="module")
def describer(folder: Path) -> blip.Describer:
    return blip.load(folder)


@pytest.mark.parametrize("size", [(16, 16), (300, 200), (7, 90), (1, 1)])
def test_a_picture_of_any_size_is_said_in_one_line(describer: blip.Describer, size: tuple[int, int]) -> None:
    said = describer.describe(noise(1, *size))
    assert 0 < len(said) < 8 * LENGTH
    assert said == " ".join(said.split())


def test_the_picture_decides_what_is_said(describer: blip.Describer) -> None:
    pictures = [noise(1, 16, 16), noise(2, 16, 16), Image.new("RGB", (16, 16)), Image.new("RGB", (16, 16), "red")]
    said = [describer.describe(one) for one in pictures]
    assert len(set(said)) > 1
    assert [describer.describe(one) for one in pictures] == said


def test_a_caption_is_no_longer_than_the_model_can_write(describer: blip.Describer) -> None:
    seen: list[int] = []
    hook = describer.model.text_decoder.register_forward_hook(lambda *_: seen.append(1))
    describer.describe(noise(3, 16, 16))
    hook.remove()
    assert 0 < len(seen) < LENGTH


def test_loading_and_saying_write_nothing_to_the_terminal(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    blip.load(folder).describe(noise(1, 16, 16))
    assert capfd.readouterr() == ("", "")


def test_numbers_that_are_none_are_refused(folder: Path) -> None:
    broken = blip.load(folder)
    for weights in broken.model.vision_model.parameters():
        weights.data.fill_(float("nan"))
    with pytest.raises(ToolError, match=r"^The describing model came to no numbers \(NaN\)"):
        broken.describe(noise(1, 8, 8))


@pytest.mark.parametrize("damage", ["cut short", "not JSON", "no tokenizer", "no image processor", "empty folder"])
def test_a_damaged_model_is_said_in_one_sentence(folder: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "describe"
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
        case "no image processor":
            for path in copy.glob("*process*"):
                path.unlink()
        case _:
            shutil.rmtree(copy)
            copy.mkdir()
    with pytest.raises(ToolError, match=r"^The model that describes pictures in .* (can't be loaded|lacks its words);"):
        blip.load(copy)
