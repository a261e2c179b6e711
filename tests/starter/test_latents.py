import random
from pathlib import Path

import numpy as np
import pytest

from pentimento.starter.latents import HOLE, TASKS, Pool, hole_of, load_pools, pool_edits, with_hole
from pentimento.starter.train_vae import make_vae
from pentimento.starter.world.drawing import draw
from pentimento.starter.world.scene import GRID, SHAPES

pytestmark = pytest.mark.slow

COUNT = 20


@pytest.fixture(scope="module")
def pools(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pool]:
    return load_pools(make_vae(), COUNT, tmp_path_factory.mktemp("pools"), "test")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hole_holds_all_that_an_edit_of_things_changes(shape: str) -> None:
    for edit in pool_edits({shape: 12, **{other: 0 for other in SHAPES if other != shape}}, "test")[shape]:
        if edit.group is None or edit.before.style != "flat":
            continue
        changed = (draw(edit.before) != draw(edit.after)).any(axis=2)
        assert not changed[~(with_hole(draw(edit.after), hole_of(edit)) == HOLE).all(axis=2)].any()


def test_pools_are_made_once_and_again_for_another_code(tmp_path: Path) -> None:
    vae = make_vae()
    made = load_pools(vae, COUNT, tmp_path, "test")
    assert {shape: len(pool.edits) for shape, pool in made.items()} == {"square": 16, "wide": 2, "tall": 2}
    written = (tmp_path / "square.npy").stat().st_mtime_ns
    load_pools(vae, COUNT, tmp_path, "test")
    assert (tmp_path / "square.npy").stat().st_mtime_ns == written
    vae.register_to_config(scaling_factor=2 * vae.config.scaling_factor)
    load_pools(vae, COUNT, tmp_path, "test")
    assert (tmp_path / "square.npy").stat().st_mtime_ns > written


def test_a_further_round_sees_scenes_of_its_own() -> None:
    counts = dict.fromkeys(SHAPES, 4)
    first, second = (pool_edits(counts, name)["square"] for name in ("image", "image2"))
    assert not {edit.before for edit in first} & {edit.before for edit in second}


@pytest.mark.parametrize("task", dict.fromkeys(TASKS))
def test_each_task_has_what_it_starts_from(pools: dict[str, Pool], task: str) -> None:
    example = pools["wide"].sample(random.Random(0), task)
    width, height = SHAPES["wide"]
    assert example.target.shape == example.source.shape == (16, height // GRID, width // GRID)
    assert bool(example.source.any()) == (task != "generate")
    assert bool(example.hole.any()) == (task == "inpaint")
    assert np.all(example.weight >= 1)
