"""What only a graphics card can show; run with: pytest -m gpu."""

from pathlib import Path

import numpy as np
import pytest

from pentimento.tools import families
from pentimento.tools.compute import Compute, choose
from pentimento.tools.families import Sampling
from pentimento.tools.families.pipelines import Pipelines
from tests.fakes_tools import picture
from tests.tools.tiny_families import MAKERS, folders_in

pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]

USUAL = Sampling(1, 5, 2.0, lambda _: None, 1.5)


@pytest.mark.parametrize("name", ["sd", "sdxl", "flux-kontext", "flux2-klein"])
def test_a_family_on_the_card_draws_before_and_after_its_modules_wait_outside(tmp_path: Path, name: str) -> None:
    MAKERS[name](tmp_path)
    assert choose(None, None).device == "cuda"
    family = families.load(name, folders_in(tmp_path), Compute("cuda", "float32"))
    assert isinstance(family, Pipelines)
    before, again = (np.asarray(family.edit(picture(), "a fox", USUAL)) for _ in range(2))
    assert np.array_equal(before, again)
    assert [family.save_memory() for _ in range(3)] == ["tiles", "offload", ""]
    assert {weight.device.type for pipe in family.pipelines for weight in pipe.vae.parameters()} == {"cpu"}
    after = np.asarray(family.edit(picture(), "a fox", USUAL))
    assert np.abs(after.astype(int) - before).max() <= 2
    assert family.generate("a fox", (64, 64), USUAL).size == (64, 64)
    assert family.inpaint(picture(), picture().convert("L"), "a fox", USUAL).size == (64, 64)
