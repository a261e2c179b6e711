"""The profiles that ship for models that people publish: read, and held against what the program knows. None was run on real weights."""

import re

import pytest

from pentimento.tools import TOOLS
from pentimento.tools.families import FAMILIES
from pentimento.tools.hub import Remote, RemoteFile
from pentimento.tools.order import choose
from pentimento.tools.profile import load_profile, profile_files
from pentimento.tools.source import Source
from pentimento.tools.types import ToolError

LARGE = ("klein", "kontext", "qwen-edit", "sd15", "sdxl")


def test_these_ship() -> None:
    assert sorted(profile_files(None)) == sorted(["starter", *LARGE])


@pytest.mark.parametrize("name", LARGE)
def test_a_shipped_profile_is_whole(name: str) -> None:
    profile = load_profile(name)
    assert profile.file.image.family in FAMILIES
    assert profile.file.planner == load_profile("starter").file.planner
    assert "Nobody who wrote Pentimento has run these models" in profile.file.limits
    for tool, arguments in profile.file.defaults.items():
        fields = TOOLS[tool].args_model.model_fields
        assert set(arguments) <= set(fields)
        given = {field: "a fox" for field in ("prompt", "instruction", "target") if field in fields}
        assert profile.complete(TOOLS[tool], given).items() >= arguments.items()


@pytest.mark.parametrize("name", LARGE)
def test_nothing_is_said_of_a_repository_that_was_not_read_there(name: str) -> None:
    """Commits, hashes and sizes are written down when they are pulled."""
    for _, source in load_profile(name).file.sources():
        assert (source.revision, source.size_gb, source.memory_gb) == ("main", None, None)
        assert not re.search("[0-9a-f]{40}", str(source))


@pytest.mark.parametrize("name", LARGE)
def test_what_is_missing_is_said_with_the_way_to_get_it(name: str) -> None:
    with pytest.raises(ToolError, match=f"pentimento models pull {name}"):
        load_profile(name).path("image")


def files(*names: str) -> Remote:
    listed = tuple(RemoteFile(name, 1, "", "") for name in names)
    return Remote("ann/painter", "a" * 40, "", listed)


def source(name: str, role: str) -> Source:
    return dict(load_profile(name).file.sources())[role]


@pytest.mark.parametrize(
    ("name", "role"), [("sd15", "image"), ("sd15", "image edit"), ("sd15", "upscale"), ("sdxl", "image")]
)
def test_of_weights_that_a_repository_has_several_times_one_is_fetched(name: str, role: str) -> None:
    unet = [f"unet/diffusion_pytorch_model{kind}" for kind in (".safetensors", ".fp16.safetensors", ".bin")]
    others = [
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "text_encoder/model.fp16.safetensors",
    ]
    texts = ["model_index.json", "unet/config.json", "tokenizer/merges.txt", "scheduler/scheduler_config.json"]
    aside = ["v1-5-pruned.ckpt", "sd_xl_base_1.0.safetensors", "safety_checker/model.safetensors", "README.md"]
    chosen = {file.name for file in choose(files(*unet, *others, *texts, *aside), source(name, role))}
    assert chosen == {unet[0], *others[:2], *texts}


@pytest.mark.parametrize("name", ["klein", "kontext", "qwen-edit"])
def test_weights_in_parts_are_fetched_and_those_in_one_file_beside_them_are_not(name: str) -> None:
    parts = [f"transformer/diffusion_pytorch_model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    texts = ["model_index.json", "transformer/diffusion_pytorch_model.safetensors.index.json", "tokenizer/vocab.json"]
    chosen = {
        file.name for file in choose(files(*parts, *texts, "flux.safetensors", "ae.safetensors"), source(name, "image"))
    }
    assert chosen == {*parts, *texts}
