"""A profile's family through the engine: the shipped kind, and others by name."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from pentimento.tools import TOOLS, families, sd
from pentimento.tools.compute import CPU
from pentimento.tools.engine import Engine
from pentimento.tools.families import ImageFamily, Sampling
from pentimento.tools.families.pipelines import Pipelines
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.profile import load_profile
from pentimento.tools.types import Progress, ToolCall, ToolError, ToolResult
from tests.fakes_tools import picture
from tests.tiny_models import SIDE, make_image_model, make_mask_model
from tests.tools.tiny_families import MAKERS

if TYPE_CHECKING:
    import torch

# The scheduler hands a tensor to NumPy.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]

TOML = """
name = "own"

[image]
family = "{family}"
path = "path"
size = 64
device = "cpu"
{more}

[segment]
path = "segment"

[planner]
path = "none.gguf"
context = 64
max_tokens = 64
system = false
"""


def ignore(_: Progress) -> None:
    """Nobody watches."""


def sampling(seed: int = 3) -> Sampling:
    return Sampling(seed, 4, 2.0, ignore, 1.5)


def run(profile: str, tool: str, src: Image.Image | None = None, **arguments: str) -> ToolResult:
    complete = load_profile(profile).complete(TOOLS[tool], arguments)
    call = ToolCall(tool, "1", "", {**complete, "steps": 2}, 3)
    return Engine(profile).run(call, {} if src is None else {"src": src}, ignore)


@pytest.mark.parametrize(("family", "more"), [("flux2-klein", ""), ("sdxl", 'edit = "edit"'), ("flux-kontext", "")])
def test_a_profile_chooses_the_family_that_generates_and_edits(tmp_path: Path, family: str, more: str) -> None:
    MAKERS[family](tmp_path)
    make_mask_model(tmp_path / "segment")
    (tmp_path / "own.toml").write_text(TOML.format(family=family, more=more))
    drawn = run(str(tmp_path / "own.toml"), "generate", prompt="a storm")
    assert drawn.images[0].size == (64, 64)
    assert (drawn.environment["device"], drawn.environment["dtype"]) == ("cpu", "float32")
    src = picture(90, 70)
    edited = run(
        str(tmp_path / "own.toml"), "edit", src, instruction="add a nut on the left", target="nut", scope="left"
    )
    assert edited.mask is not None
    outside = np.asarray(edited.mask) == 0
    assert np.array_equal(np.asarray(edited.images[0])[outside], np.asarray(src)[outside])


def test_the_arithmetic_of_a_profile_is_used_and_told(tmp_path: Path) -> None:
    MAKERS["sdxl"](tmp_path)
    make_mask_model(tmp_path / "segment")
    (tmp_path / "own.toml").write_text(TOML.format(family="sdxl", more='dtype = "bfloat16"'))
    drawn = run(str(tmp_path / "own.toml"), "generate", prompt="a storm")
    assert drawn.environment["dtype"] == "bfloat16"


@pytest.fixture(scope="module")
def one_body(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "image"
    make_image_model(path, inpainting=True)
    return path


@pytest.fixture(scope="module")
def family(one_body: Path) -> ImageFamily:
    return families.load("sd", Folders(one_body), CPU)


def test_one_body_behind_the_seam_draws_as_it_does_by_itself(one_body: Path, family: ImageFamily) -> None:
    models, src, mask = sd.load(one_body), picture(SIDE, SIDE), Image.new("L", (SIDE, SIDE))
    mask.paste(255, (0, 0, SIDE // 2, SIDE))
    pairs = [
        (family.generate("a fox", (SIDE, SIDE), sampling()), sd.generate(models, "a fox", SIDE, 3, 4, 2.0, ignore)),
        (family.edit(src, "a fox", sampling()), sd.edit(models, src, "a fox", 3, 4, 2.0, 1.5, ignore)),
        (family.inpaint(src, mask, "a fox", sampling()), sd.inpaint(models, src, mask, "a fox", 3, 4, 2.0, ignore)),
    ]
    for ours, theirs in pairs:
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


def test_one_body_needs_no_folders_beside_it(one_body: Path) -> None:
    with pytest.raises(ToolError, match=r"^Folders beside path go with a StableDiffusionPipeline in path; this model"):
        families.load("sd", Folders(one_body, edit=one_body), CPU)


def test_one_body_draws_pictures_that_are_no_squares(family: ImageFamily) -> None:
    assert family.generate("a fox", (SIDE, 2 * SIDE), sampling()).size == (SIDE, 2 * SIDE)


def test_one_body_that_comes_to_no_numbers_says_so(family: ImageFamily) -> None:
    assert isinstance(family, Pipelines)
    last: torch.nn.Module = family.pipelines[0].unet.conv_out
    hook = last.register_forward_hook(lambda _module, _given, out: out * float("nan"))
    with pytest.raises(ToolError, match=r"^The picture model came to no numbers"):
        family.generate("a fox", (SIDE, SIDE), sampling())
    with pytest.raises(ToolError, match=r"^The picture model came to no numbers"):
        family.edit(picture(SIDE, SIDE), "a fox", sampling())
    hook.remove()


def test_one_body_says_what_it_can_not_do(family: ImageFamily) -> None:
    with pytest.raises(ToolError, match=r"can't look at reference pictures; describe in words what they show\.$"):
        family.edit(picture(SIDE, SIDE), "a fox", sampling(), [picture(SIDE, SIDE)])
