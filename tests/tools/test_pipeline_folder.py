import json
import shutil
from pathlib import Path

import pytest

from pentimento.tools.compute import CPU
from pentimento.tools.pipeline_folder import alike, load_pipeline
from pentimento.tools.sd import EDITOR, FILLER
from pentimento.tools.types import ToolError
from tests.tiny_models import make_image_model

DAMAGED = r"^The picture model in .* can't be loaded; put a whole copy of it there\.$"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "image"
    make_image_model(path)
    return path


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A copy to be spoiled."""
    return shutil.copytree(saved, tmp_path / "image")


def load(folder: Path) -> dict[str, object]:
    return dict(load_pipeline(folder, (EDITOR, FILLER), CPU, {"safety_checker": None}).components)


def test_weights_that_are_no_safetensors_are_not_opened(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    file = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(file), file.with_suffix(".bin"))
    file.unlink()
    with pytest.raises(ToolError, match=DAMAGED):
        load(folder)


@pytest.mark.parametrize("kind", ["text_encoder", "unet"])
def test_a_program_beside_the_weights_is_never_run(folder: Path, kind: str) -> None:
    (folder / kind / "mine.py").write_text("raise SystemExit")
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, kind: ["mine", "Mine"]}))
    with pytest.raises(ToolError, match=r"comes with a program, which is never run; take one without\.$"):
        load(folder)


@pytest.mark.parametrize("name", [["pipeline", "Mine"], 3, None])
def test_a_pipeline_of_ones_own_is_refused(folder: Path, name: object) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": name}))
    with pytest.raises(ToolError, match=DAMAGED):
        load(folder)


@pytest.mark.parametrize("part", ["vae", "unet", "text_encoder", "scheduler"])
def test_a_part_that_is_missing_is_one_sentence(folder: Path, part: str) -> None:
    shutil.rmtree(folder / part)
    with pytest.raises(ToolError, match=DAMAGED):
        load(folder)


def test_a_folder_that_holds_no_pipeline_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=DAMAGED):
        load(tmp_path)


def test_a_folder_without_its_words_is_one_sentence(folder: Path) -> None:
    shutil.rmtree(folder / "tokenizer")
    with pytest.raises(ToolError, match=r"can't be loaded, it lacks its words; put a whole copy of it there\.$"):
        load(folder)


def test_parts_with_the_same_weights_need_not_be_loaded_twice(saved: Path, folder: Path) -> None:
    parts = load(saved)
    assert set(alike(parts, saved, folder)) == {"vae", "text_encoder", "unet"}
    assert alike(parts, saved, folder)["vae"] is parts["vae"]


def test_parts_that_differ_in_a_weight_or_in_shape_are_their_own(saved: Path, folder: Path) -> None:
    weights, config = folder / "vae" / "diffusion_pytorch_model.safetensors", folder / "text_encoder" / "config.json"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    config.write_text(config.read_text().replace('"num_attention_heads": 2', '"num_attention_heads": 4'))
    assert set(alike(load(saved), saved, folder)) == {"unet"}


def test_who_saved_a_part_and_when_makes_it_no_other(saved: Path, folder: Path) -> None:
    config = folder / "text_encoder" / "config.json"
    config.write_text(
        json.dumps({**json.loads(config.read_text()), "transformers_version": "4.0", "_name_or_path": "x"})
    )
    assert "text_encoder" in alike(load(saved), saved, folder)


@pytest.mark.parametrize("part", ["vae", "unet"])
def test_parts_that_are_damaged_or_missing_there_are_like_none(saved: Path, folder: Path, part: str) -> None:
    (folder / part / "config.json").write_text("{")
    shutil.rmtree(folder / "text_encoder")
    assert set(alike(load(saved), saved, folder)) == {"vae", "unet"} - {part}
