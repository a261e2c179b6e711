from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pentimento.tools import families
from pentimento.tools.compute import CPU, Compute
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.types import ToolError, Unable
from tests.tools.family_cases import TASKS, USUAL, Case, load

if TYPE_CHECKING:
    import torch

# The scheduler hands a tensor to NumPy.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]


def modules(case: Case, part: str) -> list["torch.nn.Module"]:
    return [pipe.components[part] for pipe in case.common.pipelines if part in pipe.components]


def test_what_the_pipelines_have_in_common_is_there_once(case: Case) -> None:
    for part in ("vae", "text_encoder", "text_encoder_2"):
        assert len({id(module) for module in modules(case, part)}) <= 1
    held = {weight.data_ptr() for pipe in case.common.pipelines for weight in weights(pipe.components)}
    assert len(held) == weights_on_disk(case.folders)


def weights(parts: dict[str, object]) -> list["torch.Tensor"]:
    import torch

    return [
        weight for part in parts.values() if isinstance(part, torch.nn.Module) for weight in part.state_dict().values()
    ]


def weights_on_disk(folders: Folders) -> int:
    """Of the first folder, and of each other one only its body."""
    from safetensors import safe_open

    files = [
        *folders.main.glob("*/*.safetensors"),
        *(
            file
            for other in folders.others().values()
            for body in ("unet", "transformer")
            for file in other.glob(f"{body}/*.safetensors")
        ),
    ]
    count = 0
    for file in files:
        with safe_open(file, "pt") as content:
            count += len(content.keys())
    return count


def test_saving_memory_decodes_in_tiles_and_is_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case.common, "_savings", [])
    assert (case.family.save_memory(), case.family.save_memory()) == ("tiles", "")
    assert case.family.savings == ("tiles",)
    assert {module.use_tiling for module in modules(case, "vae")} == {True}
    for pipe in case.common.pipelines:
        pipe.vae.disable_tiling()


def test_weights_are_loaded_in_the_arithmetic_asked_for_and_stay_so(case: Case) -> None:
    import torch

    half = Case(case.name, case.folders, load(case.name, case.folders, Compute("cpu", "bfloat16")))
    kinds = {
        weight.dtype
        for pipe in half.common.pipelines
        for weight in weights(pipe.components)
        if weight.is_floating_point()
    }
    assert kinds == {torch.bfloat16}


def damaged(folders: Folders, part: str) -> None:
    (file,) = (folders.main / part).glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:-8])


@pytest.mark.parametrize("part", ["vae", "text_encoder"])
def test_a_file_that_is_cut_short_is_one_sentence(case: Case, tmp_path: Path, part: str) -> None:
    import shutil

    shutil.copytree(case.folders.main, tmp_path / "path")
    folders = Folders(tmp_path / "path")
    damaged(folders, part)
    with pytest.raises(
        ToolError, match=r"^The picture model in .*path can't be loaded; put a whole copy of it there\.$"
    ):
        load(case.name, folders)


def test_a_pipeline_of_another_family_is_named(case: Case, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "WuerstchenDecoderPipeline"}')
    with pytest.raises(
        ToolError, match=r"^The folder .* holds a WuerstchenDecoderPipeline; here belongs a .*Pipeline\.$"
    ):
        load(case.name, Folders(tmp_path))


REFUSED = {
    "sd": (("edit", r"can't edit by an instruction; name the folder of a StableDiffusionInstructPix2PixPipeline"),),
    "sdxl": (("edit", r"can't edit by an instruction; name the folder of a StableDiffusionXLInstructPix2PixPipeline"),),
    "flux-kontext": (("inpaint", r"can't fill in a region; name the folder of a FluxFillPipeline as inpaint"),),
    "flux2-klein": (),
    "qwen-image-edit": (
        ("generate", r"can't draw from words alone; name the folder of a QwenImagePipeline as generate"),
        ("inpaint", r"can't fill in a region; name the folder of a QwenImagePipeline as generate"),
    ),
}


def test_what_one_folder_can_not_do_is_one_sentence_and_the_rest_it_does(case: Case) -> None:
    alone = Case(case.name, Folders(case.folders.main), load(case.name, Folders(case.folders.main)))
    refused = dict(REFUSED[case.name])
    for task in TASKS:
        if task in refused:
            with pytest.raises(Unable, match=refused[task]):
                alone.drawn(task)
        else:
            alone.drawn(task, sampling=replace(USUAL, steps=1))
    held = {weight.data_ptr() for pipe in alone.common.pipelines for weight in weights(pipe.components)}
    assert len(held) == weights_on_disk(alone.folders)


def test_qwen_without_torchvision_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r'^Qwen-Image-Edit needs torchvision; .*pip install "pentimento\[qwen\]"\.$'):
        families.load("qwen-image-edit", Folders(tmp_path), CPU)


USELESS = {
    "sd": "generate",
    "sdxl": "generate",
    "flux-kontext": "edit",
    "flux2-klein": "inpaint",
    "qwen-image-edit": "edit",
}


def test_a_folder_that_a_family_has_no_use_for_is_not_passed_over(case: Case) -> None:
    main, name = case.folders.main, USELESS[case.name]
    with pytest.raises(ToolError, match=rf"^This family of picture models reads path.* alone; leave out {name} under"):
        load(case.name, Folders(main, **{name: main}))


def test_an_unknown_family_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"^There is no family oil of picture models; there are: sd, sdxl, .*\.$"):
        families.load("oil", Folders(tmp_path), CPU)
