"""Profiles as a person chooses among them, and the files of those that were pulled, checked."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pentimento.agent import stock
from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.types import AgentError
from pentimento.tools import lock
from pentimento.tools.types import ToolError
from tests.tools.loopback_hub import weights
from tests.tools.pulled_models import TOML, Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def pulled(home: Home) -> Home:
    home.pull()
    return home


def open_any(folder: Path) -> None:
    open_conversation(folder, None)


def flip(path: Path) -> None:
    """One bit of a file, which keeps its size and time."""
    content, times = bytearray(path.read_bytes()), path.stat()
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_the_shipped_profile_is_used_until_another_is_chosen(pulled: Home) -> None:
    assert [one.name for one in stock.profiles(pulled.folder) if one.used] == ["starter"]
    stock.use(pulled.folder, "far")
    assert [one.name for one in stock.profiles(pulled.folder) if one.used] == ["far"]
    assert stock.profile(pulled.folder).name == "far"
    assert not stock.profile(pulled.folder).shipped


def test_a_profile_that_is_not_whole_is_not_used(home: Home) -> None:
    with pytest.raises(AgentError) as caught:
        stock.use(home.folder, "far")
    assert str(caught.value) == ("Of far is missing: image, segment, planner; get it with: pentimento models pull far.")
    assert stock.profile(home.folder).name == "starter"


def test_a_profile_with_a_wrong_path_is_not_used(home: Home) -> None:
    home.write(TOML.replace('repo = "ann/finder", ', ""))
    home.pull()
    with pytest.raises(AgentError, match=r"^Of far is missing: segment; correct its paths in the profile\.$"):
        stock.use(home.folder, "far")


def test_a_damaged_profile_is_listed_with_what_is_wrong(home: Home) -> None:
    home.write("name = 'far'")
    (home.models / "alias.toml").write_text(TOML)
    problems = {one.name: one.problem for one in stock.profiles(home.folder)}
    assert problems["starter"] == ""
    assert "far.toml is damaged: image: Field required" in problems["far"]
    assert problems["alias"].endswith("""alias.toml calls itself 'far'; write name = "alias" into it.""")
    for refused in (stock.use, stock.order_of, stock.verify):
        with pytest.raises(AgentError, match="is damaged"):
            refused(home.folder, "far")


@pytest.mark.parametrize("name", ["oil", "", "../far", "./far.toml"])
def test_a_profile_that_there_is_not_names_those_that_there_are(home: Home, name: str) -> None:
    for refused in (stock.use, stock.order_of):
        with pytest.raises(
            AgentError,
            match=r"^There is no profile .*; there are: far, klein, kontext, qwen-edit, sd15, sdxl, starter\.$",
        ):
            refused(home.folder, name)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"gone\n", b"x" * 100_000, b"../far.toml"])
def test_a_choice_that_names_nothing_can_be_made_again(pulled: Home, content: bytes) -> None:
    (pulled.models / "in-use.txt").write_bytes(content)
    assert not any(one.used for one in stock.profiles(pulled.folder))
    for refused in (stock.profile, stock.verify, open_any):
        with pytest.raises(
            AgentError, match=r"^The profile in use, .*, is gone; choose another with: pentimento .*\.$"
        ):
            refused(pulled.folder)
    stock.use(pulled.folder, "far")
    assert stock.profile(pulled.folder).name == "far"


def test_a_flipped_bit_is_found_and_fetched_again(pulled: Home) -> None:
    path = pulled.file("unet/w.safetensors")
    flip(path)
    assert stock.verify(pulled.folder, "far") == ["ann/painter: unet/w.safetensors is not what was pulled"]
    assert stock.profile(pulled.folder, "far").missing == ("image",)
    pulled.hub.asked.clear()
    pulled.pull()
    assert [name for name, _ in pulled.hub.files_asked()] == ["model_index.json", "unet/w.safetensors"]
    assert stock.verify(pulled.folder, "far") == []


def test_a_missing_file_and_a_stranger_are_found(pulled: Home) -> None:
    pulled.file("p.gguf").unlink()
    pulled.file("model_index.json").with_name("pipeline.py").write_text("import os")
    pulled.file("unet/config.json").write_text("{ }")
    assert set(stock.verify(pulled.folder, "far")) == {
        "ann/planner: p.gguf is missing",
        "ann/painter: pipeline.py was never pulled",
        "ann/painter: unet/config.json has 3 bytes instead of 2",
    }


def test_without_a_name_all_that_was_pulled_is_checked(pulled: Home) -> None:
    flip(pulled.file("p.gguf"))
    assert stock.verify(pulled.folder) == ["ann/planner: p.gguf is not what was pulled"]
    assert stock.verify(pulled.folder, "starter") == []


def test_how_far_the_reading_is_is_told_to_the_last_byte(pulled: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_AT_ONCE", 1000)
    told: list[stock.Fetched] = []
    os.utime(pulled.file("p.gguf"), ns=(1, 1))
    assert stock.verify(pulled.folder, "far", told.append) == []
    assert [one.done for one in told] == sorted({one.done for one in told})
    assert {one.total for one in told} == {told[-1].done}
    large = [one for one in told if one.name == "unet/w.safetensors"]
    assert len(large) > 1


def test_what_was_never_pulled_cannot_be_checked(home: Home) -> None:
    with pytest.raises(
        AgentError, match=r"^ann/painter was not pulled yet; get it with: pentimento models pull far\.$"
    ):
        stock.verify(home.folder, "far")


def test_a_file_that_was_copied_is_known_by_its_hash(pulled: Home) -> None:
    path = pulled.file("unet/w.safetensors")
    os.utime(path, ns=(1, 1))
    assert pulled.profile().path("image") == path.parent.parent
    assert stock.verify(pulled.folder, "far") == []


def test_a_changed_file_is_not_loaded(pulled: Home) -> None:
    pulled.file("unet/w.safetensors").write_bytes(weights(1000, 1.0))
    why = (
        r"^The image model of profile far is not what was pulled \(unet/w.safetensors is not what was pulled\); say:"
        r" pentimento models verify far\.$"
    )
    with pytest.raises(ToolError, match=why):
        pulled.profile().image_folders()
    with pytest.raises(AgentError, match="is not what was pulled"):
        stock.use(pulled.folder, "far")


def test_what_was_put_beside_a_model_keeps_it_from_being_loaded(pulled: Home, tmp_path: Path) -> None:
    program = pulled.file("model_index.json").with_name("pipeline.py")
    program.write_text("import os")
    with pytest.raises(ToolError, match=r"pipeline\.py was never pulled"):
        pulled.profile().path("image")
    program.unlink()
    program.with_name("vae").symlink_to(tmp_path)
    with pytest.raises(ToolError, match="vae was never pulled"):
        pulled.profile().path("image")


def test_pixels_depend_on_what_was_pulled(pulled: Home) -> None:
    from pentimento.tools import TOOLS

    before = pulled.profile().fingerprint(TOOLS["edit"])
    assert pulled.profile().fingerprint(TOOLS["edit"]) == before
    pulled.hub.repos["ann/painter"]["unet/w.safetensors"] = weights(1000, 1.0)
    pulled.pull(renew=True)
    assert pulled.profile().fingerprint(TOOLS["edit"]) != before


@pytest.mark.parametrize("content", [b"{", b'{"lock": 2}', b'{"repos": [{"files": {"../x": {}}}]}'])
def test_a_damaged_lock_is_named_and_pulled_anew(pulled: Home, content: bytes) -> None:
    (pulled.models / lock.NAME).write_bytes(content)
    for refused in (stock.profile, stock.use, stock.order_of, stock.verify):
        with pytest.raises(AgentError, match=r"lock\.json can't be read; delete it and pull the models again"):
            refused(pulled.folder, "far")
    (pulled.models / lock.NAME).unlink()
    pulled.pull()
    assert stock.verify(pulled.folder, "far") == []


def test_a_planner_of_a_repository_names_its_file(home: Home) -> None:
    home.write(TOML.replace('path = "p.gguf", ', ""))
    assert "path says which GGUF file" in stock.profile(home.folder, "far").problem
