"""Models of the real classes, pulled from a hub on this machine and drawn with after it is gone."""

from pathlib import Path

import pytest

from pentimento.agent import stock
from pentimento.tools import TOOLS
from pentimento.tools.engine import load_engine
from pentimento.tools.types import ToolCall, ToolError
from tests.tiny_models import SIDE, make_image_model, make_mask_model
from tests.tools.pulled_models import open_home

# The scheduler hands a tensor to NumPy.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")]


def repository(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_pulled_is_drawn_with_and_what_was_changed_since_is_not(tmp_path: Path) -> None:
    make_image_model(tmp_path / "image")
    make_mask_model(tmp_path / "finder" / "finder")
    with open_home(tmp_path / "home") as home:
        home.hub.repos["ann/painter"] = repository(tmp_path / "image")
        home.hub.repos["ann/finder"] = repository(tmp_path / "finder")
        home.pull()
        stock.use(home.folder, "far")
    arguments = home.profile().complete(TOOLS["generate"], {"prompt": "a storm", "steps": 1})
    call = ToolCall("generate", "1", "", arguments, 3)
    drawn = load_engine("far", home.models).run(call, {}, lambda _progress: None)
    assert drawn.images[0].size == (SIDE, SIDE)
    weights = home.file("unet/diffusion_pytorch_model.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(ToolError, match="The image model of profile far is not what was pulled"):
        load_engine("far", home.models)
