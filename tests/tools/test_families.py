from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from pentimento.tools import families
from pentimento.tools.compute import CPU, Compute
from pentimento.tools.families import FAMILIES, ImageFamily, Sampling, qwen_image_edit
from pentimento.tools.families.pipelines import Pipelines
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.sd import PREVIEW_EVERY
from pentimento.tools.types import Cancelled, Progress, ToolError
from tests.tools.tiny_families import MAKERS, folders_in, qwen_processor

if TYPE_CHECKING:
    import torch

# The scheduler hands a tensor to NumPy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIDES = {"sd": 16, "sdxl": 16, "flux-kontext": 32, "flux2-klein": 64, "qwen-image-edit": 64}
"""Of the pictures that are drawn, pixels."""
STEPS = 5
TASKS = ("generate", "edit", "inpaint")


def load(name: str, folders: Folders, compute: Compute = CPU) -> ImageFamily:
    if name == "qwen-image-edit":
        return qwen_image_edit.load(folders, compute, qwen_processor())
    return families.load(name, folders, compute)


def noise(seed: int, *size: int) -> Image.Image:
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 256, (*size[::-1], 3), dtype=np.uint8))


def left_half(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    mask.paste(255, (0, 0, size[0] // 2, size[1]))
    return mask


def ignore(_: Progress) -> None:
    """Nobody watches."""


USUAL = Sampling(1, STEPS, 2.0, ignore, 1.5)


@dataclass(frozen=True)
class Case:
    """A family that was saved in a folder and loaded from there."""

    name: str
    folders: Folders
    family: ImageFamily
    _usual: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def common(self) -> Pipelines:
        assert isinstance(self.family, Pipelines)
        return self.family

    @property
    def side(self) -> int:
        return SIDES[self.name]

    @property
    def src(self) -> Image.Image:
        return noise(0, self.side, self.side)

    def drawn(
        self, task: str, words: str = "a fox", sampling: Sampling = USUAL, src: Image.Image | None = None
    ) -> np.ndarray:
        src = src or self.src
        match task:
            case "generate":
                made = self.family.generate(words, src.size, sampling)
            case "edit":
                made = self.family.edit(src, words, sampling)
            case _:
                made = self.family.inpaint(src, left_half(src.size), words, sampling)
        assert (made.size, made.mode) == (src.size, "RGB")
        return np.asarray(made)

    def usual(self, task: str) -> np.ndarray:
        """What it draws without ado; drawn once."""
        if task not in self._usual:
            self._usual[task] = self.drawn(task)
        return self._usual[task]


@pytest.fixture(
    scope="module",
    params=[name if name != "qwen-image-edit" else pytest.param(name, marks=pytest.mark.slow) for name in FAMILIES],
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = tmp_path_factory.mktemp(request.param)
    MAKERS[request.param](made)
    folders = folders_in(made)
    return Case(request.param, folders, load(request.param, folders))


@pytest.mark.parametrize("task", TASKS)
def test_the_seed_the_words_and_the_source_decide_the_picture(case: Case, task: str) -> None:
    usual = case.usual(task)
    assert np.array_equal(usual, case.drawn(task))
    assert not np.array_equal(usual, case.drawn(task, sampling=replace(USUAL, seed=2)))
    assert not np.array_equal(usual, case.drawn(task, words="x"))
    if task != "generate":
        assert not np.array_equal(usual, case.drawn(task, src=noise(1, case.side, case.side)))


@pytest.mark.parametrize("task", TASKS)
def test_guidance_has_an_effect(case: Case, task: str) -> None:
    assert not np.array_equal(case.usual(task), case.drawn(task, sampling=replace(USUAL, guidance=4.0)))


@pytest.mark.parametrize("task", TASKS)
def test_each_step_is_reported_with_a_picture_now_and_then_and_watching_changes_nothing(case: Case, task: str) -> None:
    seen: list[Progress] = []
    watched = case.drawn(task, sampling=replace(USUAL, report=seen.append))
    fractions = [progress.fraction for progress in seen]
    assert fractions == pytest.approx([(step + 1) / STEPS for step in range(STEPS)])
    assert len({progress.stage for progress in seen}) == 1
    previews = {step: progress.preview for step, progress in enumerate(seen, start=1) if progress.preview is not None}
    assert {step: (preview.size, preview.mode) for step, preview in previews.items()} == {
        PREVIEW_EVERY: ((case.side, case.side), "RGB")
    }
    assert np.array_equal(watched, case.usual(task))


@pytest.mark.parametrize("task", TASKS)
def test_a_cancelled_drawing_leaves_the_models_as_good_as_new(case: Case, task: str) -> None:
    told = 0

    def stop(_: Progress) -> None:
        nonlocal told
        told += 1
        if told == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        case.drawn(task, sampling=replace(USUAL, report=stop))
    assert told == 2
    assert np.array_equal(case.drawn(task), case.usual(task))


@pytest.mark.parametrize("task", TASKS)
def test_a_picture_of_any_size_comes_back_in_its_size(case: Case, task: str) -> None:
    width, height = case.side + 11, case.side + 2
    drawn = case.drawn(task, src=noise(0, width, height), sampling=replace(USUAL, steps=1))
    assert drawn.shape == (height, width, 3)


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


def test_the_end_of_a_prompt_that_has_no_room_is_told(case: Case) -> None:
    assert case.family.unread("a fox") == ""
    assert case.family.unread("squirrels " * 200 + "at the end").endswith("at the end")


def test_attention_is_told_by_its_kernels(case: Case) -> None:
    assert case.family.attention == "sdpa"


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


@pytest.mark.parametrize("task", TASKS)
def test_it_draws_in_half_the_arithmetic_too(case: Case, task: str) -> None:
    if (case.name, task) == ("qwen-image-edit", "edit"):
        pytest.skip("it looks at a megapixel, which takes minutes on a processor without such arithmetic")
    half = Case(case.name, case.folders, load(case.name, case.folders, Compute("cpu", "bfloat16")))
    seen: list[Progress] = []
    half.drawn(task, sampling=replace(USUAL, report=seen.append))
    assert seen[PREVIEW_EVERY - 1].preview is not None


# The pipelines call what they themselves call deprecated.
@pytest.mark.filterwarnings("ignore:`upcast_vae` is deprecated:FutureWarning")
def test_sdxl_shows_nothing_on_the_way_in_float16(tmp_path: Path) -> None:
    MAKERS["sdxl"](tmp_path)
    case = Case("sdxl", folders_in(tmp_path), load("sdxl", folders_in(tmp_path), Compute("cpu", "float16")))
    for task in TASKS:
        seen: list[Progress] = []
        assert case.drawn(task, sampling=replace(USUAL, report=seen.append)).std() > 0
        assert [progress.preview for progress in seen] == [None] * STEPS


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
            with pytest.raises(ToolError, match=refused[task]):
                alone.drawn(task)
        else:
            alone.drawn(task, sampling=replace(USUAL, steps=1))
    held = {weight.data_ptr() for pipe in alone.common.pipelines for weight in weights(pipe.components)}
    assert len(held) == weights_on_disk(alone.folders)


def test_references_are_looked_at_or_refused_in_one_sentence(case: Case) -> None:
    sampling = replace(USUAL, steps=1)

    def edited(*refs: Image.Image) -> np.ndarray:
        return np.asarray(case.family.edit(case.src, "a fox", sampling, refs))

    if case.name in ("flux2-klein", "qwen-image-edit"):
        assert not np.array_equal(edited(noise(1, 96, 40)), edited(noise(2, 96, 40)))
    else:
        with pytest.raises(ToolError, match=r"can't look at .*; describe in words what"):
            edited(noise(1, 8, 8))


def test_qwen_is_always_given_something_to_keep_away_from() -> None:
    assert qwen_image_edit._guided(4.0) == {"true_cfg_scale": 4.0, "negative_prompt": " "}
    assert qwen_image_edit._guided(1.0) == {"true_cfg_scale": 1.0, "negative_prompt": None}


def test_qwen_without_torchvision_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r'^Qwen-Image-Edit needs torchvision; .*pip install "pentimento\[qwen\]"\.$'):
        families.load("qwen-image-edit", Folders(tmp_path), CPU)


@pytest.mark.slow
def test_qwen_looks_at_no_more_pictures_than_it_was_trained_for(tmp_path: Path) -> None:
    MAKERS["qwen-image-edit"](tmp_path)
    family = load("qwen-image-edit", Folders(tmp_path / "path"))
    with pytest.raises(ToolError, match=r"can't look at so many pictures; give it 2 beside the one"):
        family.edit(noise(0, 8, 8), "a fox", USUAL, [noise(1, 8, 8)] * 3)


def test_an_unknown_family_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"^There is no family oil of picture models; there are: sd, sdxl, .*\.$"):
        families.load("oil", Folders(tmp_path), CPU)
