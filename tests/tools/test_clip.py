"""Agreement through the real class, untrained and tiny."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from pentimento.tools import clip
from pentimento.tools.types import ToolError
from tests.tools.family_cases import noise
from tests.tools.tiny_scorer import make_scorer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "scorer"
    make_scorer(path)
    return path


@pytest.mark.parametrize("size", [(16, 16), (300, 200), (7, 90), (1, 1)])
def test_a_picture_of_any_size_agrees_more_or_less(folder: Path, size: tuple[int, int]) -> None:
    assert -1.0 <= clip.load(folder).agreement(noise(1, *size), "a fox") <= 1.0


def test_picture_and_words_decide_and_the_same_comes_out_again(folder: Path) -> None:
    scorer = clip.load(folder)
    given = [(noise(1, 16, 16), "a fox"), (Image.new("RGB", (16, 16), "red"), "a fox"), (noise(1, 16, 16), "a nut")]
    told = [scorer.agreement(*one) for one in given]
    assert len({round(one, 4) for one in told}) == 3
    assert [scorer.agreement(*one) for one in given] == told


def test_of_long_words_the_beginning_is_read(folder: Path) -> None:
    scorer, words = clip.load(folder), "a fox in a forest at night"
    assert scorer.agreement(noise(1, 16, 16), words) == scorer.agreement(noise(1, 16, 16), f"{words} with a nut")


def test_loading_and_scoring_write_nothing_to_the_terminal(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    clip.load(folder).agreement(noise(1, 16, 16), "a fox")
    assert capfd.readouterr() == ("", "")


def test_numbers_that_are_none_are_refused(folder: Path) -> None:
    broken = clip.load(folder)
    for weights in broken.model.vision_model.parameters():
        weights.data.fill_(float("nan"))
    with pytest.raises(ToolError, match=r"^The scoring model came to no numbers \(NaN\)"):
        broken.agreement(noise(1, 8, 8), "a fox")


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_folder_is_refused_in_a_sentence(folder: Path, tmp_path: Path, missing: str) -> None:
    shutil.copytree(folder, tmp_path / "scorer")
    (tmp_path / "scorer" / missing).unlink()
    with pytest.raises(
        ToolError, match=r"^The model that scores pictures in .* (can't be loaded|lacks its words); get it"
    ):
        clip.load(tmp_path / "scorer")
