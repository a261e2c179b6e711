from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pentimento.tools.compute import Compute
from pentimento.tools.families import cannot_avoid, qwen_image_edit
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.sd import PREVIEW_EVERY
from pentimento.tools.types import Cancelled, Progress, ToolError
from tests.tools.family_cases import STEPS, TASKS, USUAL, Case, load, noise
from tests.tools.tiny_families import MAKERS, folders_in

# The scheduler hands a tensor to NumPy.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]


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


@pytest.mark.parametrize("guidance", [1.0, 2.0])
def test_a_family_is_told_what_to_avoid_or_says_why_it_can_not_be(case: Case, guidance: float) -> None:
    drawn, avoiding = (
        case.drawn("generate", sampling=replace(USUAL, guidance=guidance, avoid=avoid)) for avoid in ("", "rain")
    )
    assert np.array_equal(drawn, avoiding) == bool(cannot_avoid(case.name, guidance))


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


def test_the_end_of_a_prompt_that_has_no_room_is_told(case: Case) -> None:
    assert case.family.unread("a fox") == ""
    assert case.family.unread("squirrels " * 200 + "at the end").endswith("at the end")


def test_attention_is_told_by_its_kernels(case: Case) -> None:
    assert case.family.attention == "sdpa"


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


def test_references_are_looked_at_or_refused_in_one_sentence(case: Case) -> None:
    sampling = replace(USUAL, steps=1)

    def edited(*refs: Image.Image) -> np.ndarray:
        return np.asarray(case.family.edit(case.src, "a fox", sampling, refs))

    if case.name in ("flux2-klein", "qwen-image-edit"):
        assert not np.array_equal(edited(noise(1, 96, 40)), edited(noise(2, 96, 40)))
    else:
        with pytest.raises(ToolError, match=r"can't look at .*; describe in words what"):
            edited(noise(1, 8, 8))


@pytest.mark.parametrize("task", TASKS)
def test_a_decoder_that_comes_to_no_numbers_is_refused_in_a_sentence(case: Case, task: str) -> None:
    decoders = {id(pipe.vae.decoder): pipe.vae.decoder for pipe in case.common.pipelines}.values()
    hooks = [decoder.register_forward_hook(lambda _module, _given, out: out * float("nan")) for decoder in decoders]
    with pytest.raises(ToolError, match=r"^The picture model came to no numbers \(NaN\), so there is nothing to show"):
        case.drawn(task, sampling=replace(USUAL, steps=1))
    for hook in hooks:
        hook.remove()


def test_qwen_is_always_given_something_to_keep_away_from() -> None:
    assert qwen_image_edit._guided(4.0) == {"true_cfg_scale": 4.0, "negative_prompt": " "}
    assert qwen_image_edit._guided(1.0) == {"true_cfg_scale": 1.0, "negative_prompt": None}


def test_qwen_looks_at_no_more_pictures_than_it_was_trained_for(tmp_path: Path) -> None:
    MAKERS["qwen-image-edit"](tmp_path)
    family = load("qwen-image-edit", Folders(tmp_path / "path"))
    with pytest.raises(ToolError, match=r"can't look at so many pictures; give it 2 beside the one"):
        family.edit(noise(0, 8, 8), "a fox", USUAL, [noise(1, 8, 8)] * 3)
