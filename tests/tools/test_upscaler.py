"""A learned enlargement through the real class, untrained and tiny, of the shape of the one that the project trains."""

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from pentimento.tools import upscaler
from pentimento.tools.compute import CPU
from pentimento.tools.types import Cancelled, Progress, ToolError
from pentimento.tools.upscaler import OVERLAP, Enlarger, Settings, spans
from tests.tools.family_cases import noise
from tests.tools.tiny_upscaler import make_upscaler

if TYPE_CHECKING:
    import torch

SETTINGS = Settings(steps=2, guidance=1.0, noise_level=0, tile=32)
# The scheduler hands a tensor to NumPy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("upscale")
    make_upscaler(made)
    return made


@pytest.fixture(scope="module")
def enlarger(folder: Path) -> Enlarger:
    return upscaler.load(folder, CPU, SETTINGS)


def ignore(_: Progress) -> None:
    """Nobody watches."""


@pytest.mark.parametrize("size", [(32, 24), (1, 1), (70, 9), (45, 50)])
@pytest.mark.parametrize("factor", [2, 4])
def test_a_picture_of_any_size_becomes_so_many_times_as_large(
    enlarger: Enlarger, size: tuple[int, int], factor: int
) -> None:
    made = enlarger.enlarge(noise(1, *size), factor, "a fox", 0, ignore)
    assert (made.size, made.mode) == ((size[0] * factor, size[1] * factor), "RGB")


def test_the_picture_and_the_words_decide(enlarger: Enlarger) -> None:
    first, again, other = (
        np.asarray(enlarger.enlarge(noise(seed, 16, 16), 4, "a fox", 0, ignore)) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_only_one_part_is_worked_on_at_a_time_and_each_step_is_told(enlarger: Enlarger) -> None:
    told: list[Progress] = []
    seen: list[tuple[int, ...]] = []
    hook = enlarger.pipe.unet.register_forward_pre_hook(lambda _, given: seen.append(tuple(given[0].shape[-2:])))
    enlarger.enlarge(noise(1, 100, 40), 4, "", 0, told.append)
    hook.remove()
    parts = len([*spans(100, 32)]) * len([*spans(40, 32)])
    assert len(seen) == parts * SETTINGS.steps
    assert max(max(size) for size in seen) <= 32
    assert [progress.fraction for progress in told] == sorted(progress.fraction for progress in told)
    assert len(told) == len(seen)
    assert told[-1].fraction == pytest.approx(1.0)
    assert told[0].stage == f"enlarging, part 1 of {parts}"


def test_it_stops_when_it_is_told_to(enlarger: Enlarger) -> None:
    def stop(_: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        enlarger.enlarge(noise(1, 100, 40), 4, "", 0, stop)


@pytest.mark.parametrize("side", [1, 31, 32, 33, 48, 49, 1000])
def test_parts_cover_a_side_and_overlap(side: int) -> None:
    parts = [*spans(side, 32)]
    assert (parts[0][0], parts[-1][1]) == (0, side)
    assert all(end - start == min(32, side) for start, end in parts)
    assert all(first[1] - second[0] >= OVERLAP for first, second in pairwise(parts))


def test_parts_of_one_picture_meet_without_a_seam() -> None:
    from pentimento.tools.upscaler import _lay

    src = np.asarray(noise(3, 90, 70))
    mixed = np.zeros_like(src)
    for rows in spans(70, 32):
        for columns in spans(90, 32):
            _lay(mixed, src[slice(*rows), slice(*columns)], rows, columns, 1)
    assert np.array_equal(mixed, src)


def test_numbers_that_are_none_are_refused(folder: Path) -> None:
    broken = upscaler.load(folder, CPU, SETTINGS)

    def spoil(_module: object, _given: object, out: "torch.Tensor") -> "torch.Tensor":
        return out * float("nan")

    hook = broken.pipe.vae.decoder.register_forward_hook(spoil)
    with pytest.raises(ToolError, match=r"^The enlarging model came to no numbers \(NaN\)"):
        broken.enlarge(noise(1, 8, 8), 4, "", 0, ignore)
    hook.remove()
    broken.pipe.unet.register_forward_hook(lambda _module, _given, out: (out[0] * float("inf"),))
    with pytest.raises(ToolError, match=r"^The enlarging model came to no numbers"):
        broken.enlarge(noise(1, 8, 8), 4, "", 0, ignore)


def test_another_factor_and_another_folder_are_refused_in_a_sentence(enlarger: Enlarger, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="makes pictures 4 times as large, not 3"):
        enlarger.enlarge(Image.new("RGB", (8, 8)), 3, "", 0, ignore)
    with pytest.raises(ToolError, match=r"^The enlarging model in .* can't be loaded"):
        upscaler.load(tmp_path, CPU, SETTINGS)
