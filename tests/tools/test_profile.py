from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from pentimento.tools import TOOLS
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.profile import Profile, hash_folder, load_profile
from pentimento.tools.types import ToolError

TOML = """
name = "tiny"
limits = "Knows nothing."

[image]
family = "sd"
path = "weights/image"
size = 32

[segment]
path = "weights/segment"

[planner]
path = "weights/planner.gguf"
context = 512
max_tokens = 160
system = false

[defaults.generate]
steps = 5
guidance = 2.5

[vocabulary]
things = ["squirrel", "nut"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A profile whose models are a few bytes each."""
    for name in ("image/unet/weights.bin", "image/model_index.json", "segment/weights.bin", "planner.gguf"):
        path = tmp_path / "weights" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    path = tmp_path / "tiny.toml"
    path.write_text(TOML)
    return path


@pytest.fixture
def profile(file: Path) -> Profile:
    return load_profile(str(file))


def test_a_profile_is_read_from_its_file(profile: Profile, file: Path) -> None:
    assert profile.file.name == "tiny"
    assert profile.file.image.size == 32
    assert profile.things == {"squirrel", "nut"}
    assert profile.path("planner") == file.parent / "weights" / "planner.gguf"


def test_the_profile_that_ships_can_be_read() -> None:
    profile = load_profile("starter")
    assert profile.file.name == "starter"
    assert "squirrel" in profile.things
    for tool in TOOLS.values():
        assert set(profile.file.defaults.get(tool.name, {})) <= set(tool.args_model.model_fields)


def test_a_call_is_completed_from_the_profile_and_from_the_tool(profile: Profile) -> None:
    arguments = profile.complete(TOOLS["generate"], {"prompt": "a squirrel"})
    left_out = {"ratio": "square", "avoid": "", "attempts": 2}
    assert arguments == {"prompt": "a squirrel", "steps": 5, "guidance": 2.5, **left_out}
    edit = profile.complete(TOOLS["edit"], {"instruction": "make the nut red", "target": "nut"})
    # Words that were not rewritten leave the recipe as it always was.
    assert set(edit) == set(TOOLS["edit"].args_model.model_fields) - {"rewritten"}
    told = profile.complete(TOOLS["edit"], {"instruction": "make it red", "target": "nut", "rewritten": "Make it red."})
    assert told["rewritten"] == "Make it red."
    assert edit["scope"] == "object"


def test_a_given_argument_wins_over_the_default(profile: Profile) -> None:
    assert profile.complete(TOOLS["generate"], {"prompt": "a squirrel", "steps": 9})["steps"] == 9


def test_completing_a_complete_call_changes_nothing(profile: Profile) -> None:
    for name, given in {"transform": {"op": "flip"}, "recolor": {"target": "nut", "to": "red"}}.items():
        once = profile.complete(TOOLS[name], given)
        assert profile.complete(TOOLS[name], once) == once


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("generate", {"prompt": "x", "mood": "sad"}, "generate: mood: Extra inputs are not permitted."),
        ("generate", {}, "generate: prompt: Field required."),
        ("generate", {"prompt": "x", "steps": 0}, "generate: steps: Input should be greater than or equal to 1."),
        ("transform", {"op": "shear"}, "transform: op: Input should be 'flip', 'rotate', 'crop' or 'resize'."),
    ],
)
def test_a_wrong_argument_is_said_in_one_sentence(
    profile: Profile, tool: str, arguments: dict[str, str | int], sentence: str
) -> None:
    with pytest.raises(ToolError) as caught:
        profile.complete(TOOLS[tool], arguments)
    assert str(caught.value) == sentence


def test_an_exact_tool_has_no_fingerprint(profile: Profile) -> None:
    assert profile.fingerprint(TOOLS["transform"]) == ""
    assert profile.fingerprint(TOOLS["adjust"], {"brightness": 10}) == ""
    assert profile.fingerprint(TOOLS["adjust"], {"brightness": 10, "target": "nut"})


def test_the_fingerprint_changes_with_any_weight_that_the_pixels_depend_on(profile: Profile, file: Path) -> None:
    before = {name: profile.fingerprint(tool) for name, tool in TOOLS.items()}
    (file.parent / "weights/image/unet/weights.bin").write_bytes(b"better weights")
    after = {name: load_profile(str(file)).fingerprint(tool) for name, tool in TOOLS.items()}
    changed = {name for name in TOOLS if before[name] != after[name]}
    assert changed == {"generate", "edit", "arrange", "inpaint", "outpaint", "variations"}
    assert len(before["generate"]) == 64


def with_folders(file: Path, **folders: str) -> Profile:
    """The picture model of several folders; the others hold the same few bytes."""
    for name in folders.values():
        (file.parent / name).mkdir(exist_ok=True)
        (file.parent / name / "model_index.json").write_text("{}")
    lines = "\n".join(f'{role} = "{name}"' for role, name in folders.items())
    file.write_text(TOML.replace("size = 32", f"size = 32\n{lines}"))
    return load_profile(str(file))


def test_a_picture_model_may_lie_in_several_folders(profile: Profile, file: Path) -> None:
    assert profile.image_folders() == Folders(file.parent / "weights" / "image")
    several = with_folders(file, edit="pix2pix", inpaint="filler").image_folders()
    assert several.others() == {"edit": file.parent / "pix2pix", "inpaint": file.parent / "filler"}
    (file.parent / "pix2pix" / "model_index.json").unlink()
    (file.parent / "pix2pix").rmdir()
    with pytest.raises(ToolError, match=r"^The image model of profile tiny is missing \(.*pix2pix\)"):
        load_profile(str(file)).image_folders()


def test_the_fingerprint_counts_every_folder_and_what_it_is_for(profile: Profile, file: Path) -> None:
    found = [profile.fingerprint(TOOLS["edit"])]
    found += [with_folders(file, **{role: "other"}).fingerprint(TOOLS["edit"]) for role in ("edit", "inpaint")]
    (file.parent / "other" / "model_index.json").write_text('{"more": 1}')
    found.append(load_profile(str(file)).fingerprint(TOOLS["edit"]))
    assert len(set(found)) == 4


@pytest.mark.parametrize("line", ['device = "toaster"', 'dtype = "float8"', "steps = 3"])
def test_a_profile_that_asks_for_what_there_is_not_is_damaged(file: Path, line: str) -> None:
    file.write_text(TOML.replace("size = 32", f"size = 32\n{line}"))
    with pytest.raises(ToolError, match=r"^The profile .* is damaged: "):
        load_profile(str(file))


@pytest.mark.parametrize(
    ("before", "after", "tool"),
    [
        ("size = 32", "size = 64", "generate"),
        ("size = 32", "size = 32\nwide = [48, 32]", "generate"),
        ("size = 32", "size = 64", "edit"),
        ('"nut"]', '"nut", "fox"]', "edit"),
    ],
)
def test_the_fingerprint_changes_with_a_setting_that_decides_pixels(
    profile: Profile, file: Path, before: str, after: str, tool: str
) -> None:
    first = profile.fingerprint(TOOLS[tool])
    file.write_text(TOML.replace(before, after))
    assert load_profile(str(file)).fingerprint(TOOLS[tool]) != first


def test_the_fingerprint_stays_when_nothing_that_counts_changes(profile: Profile, file: Path) -> None:
    before = profile.fingerprint(TOOLS["edit"])
    (file.parent / "weights/image/README.md").write_text("About these weights.")
    (file.parent / "weights/planner.gguf").write_bytes(b"another planner")
    assert load_profile(str(file)).fingerprint(TOOLS["edit"]) == before


def twins(folder: Path) -> Iterator[Path]:
    """Folders whose names and contents are the same text in another division."""
    for number, (name, content) in enumerate([("a", "bc"), ("ab", "c")]):
        path = folder / str(number) / "model"
        path.mkdir(parents=True)
        (path / name).write_text(content)
        yield path


def test_names_and_contents_are_not_mixed_up(tmp_path: Path) -> None:
    first, second = twins(tmp_path)
    assert hash_folder(first) != hash_folder(second)


def test_a_missing_model_is_said_in_one_sentence(profile: Profile, file: Path) -> None:
    (file.parent / "weights/planner.gguf").unlink()
    with pytest.raises(
        ToolError,
        match=r"^The planner model of profile tiny is missing \(.*\); put it there, or correct path in tiny\.toml\.$",
    ):
        profile.path("planner")


def test_an_unknown_profile_names_those_that_exist() -> None:
    with pytest.raises(ToolError) as caught:
        load_profile("oil")
    known = sorted(Path(str(path)).stem for path in files("pentimento.models").iterdir() if path.name.endswith(".toml"))
    assert str(caught.value) == f"There is no profile oil; there are: {', '.join(known)}."


@pytest.mark.parametrize("content", [b"name = ", b"name = 3", b'name = "x"', b"\xff\xfe", TOML.encode() + b"[more]\n"])
def test_a_damaged_profile_is_said_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ToolError, match=r"^The profile .*broken\.toml is damaged: [^\n]+\.$"):
        load_profile(str(path))
