import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import BaseModel

from pentimento.starter.words import KINDS
from pentimento.starter.world.captions import caption
from pentimento.starter.world.edits import random_edit
from pentimento.tools import TOOLS
from pentimento.tools.engine import Engine, LoadedModels, load_engine
from pentimento.tools.profile import load_profile
from pentimento.tools.types import Cancelled, Progress, Run, Tool, ToolCall, ToolError, ToolResult
from pentimento.tools.wanted import wanted_in
from tests.fakes_tools import picture
from tests.tiny_models import LENGTH, SIDE, make_image_model, make_mask_model
from tests.tools.tiny_describer import make_describer
from tests.tools.tiny_scorer import make_scorer
from tests.tools.tiny_upscaler import make_upscaler

# The scheduler hands a tensor to NumPy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TOML = """
name = "tiny"
image = {{ family = "sd", path = "image", size = {side} }}
segment = {{ path = "segment" }}
planner = {{ path = "none.gguf", context = 64, max_tokens = 64, system = false }}
vocabulary = {{ things = ["squirrel", "nut"] }}
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("profile")
    make_image_model(folder / "image")
    make_mask_model(folder / "segment")
    (folder / "tiny.toml").write_text(TOML.format(side=SIDE))
    return str(folder / "tiny.toml")


@pytest.fixture(scope="module")
def engine(profile: str) -> Engine:
    return load_engine(profile)


def ignore(_: Progress) -> None:
    """Nobody watches."""


def call(profile: str, tool: str, seed: int = 3, **arguments: object) -> ToolCall:
    loaded = load_profile(profile)
    return ToolCall(tool, "1", "", loaded.complete(TOOLS[tool], arguments), seed)  # type: ignore[arg-type]


def test_a_call_that_was_stored_gives_the_same_pixels_again(engine: Engine, profile: str) -> None:
    drawing = call(profile, "generate", prompt="a storm", steps=2)
    first, again = engine.run(drawing, {}, ignore), Engine(profile).run(drawing, {}, ignore)
    assert first.images[0].size == (SIDE, SIDE)
    assert np.array_equal(np.asarray(first.images[0]), np.asarray(again.images[0]))


def test_where_a_call_ran_is_told(engine: Engine, profile: str) -> None:
    drawn = engine.run(call(profile, "generate", prompt="a storm", steps=1), {}, ignore)
    assert {"torch", "diffusers", "device", "dtype", "threads"} <= drawn.environment.keys()
    flipped = engine.run(call(profile, "transform", op="flip", axis="horizontal"), {"src": picture()}, ignore)
    assert flipped.environment.keys() == {"numpy", "pillow"}


def test_the_end_of_a_prompt_that_the_encoder_has_no_room_for_is_told(engine: Engine, profile: str) -> None:
    room = LENGTH
    words = "a squirrel " * room + "at the end"
    drawn = engine.run(call(profile, "generate", prompt=words[-300:], steps=1), {}, ignore)
    assert str(drawn.measures["unread"]).endswith("at the end")
    assert "I had no room to read the end of it" in drawn.note
    short = engine.run(call(profile, "generate", prompt="a squirrel", steps=1), {}, ignore)
    assert "unread" not in short.measures


def test_a_picture_of_any_size_is_edited_by_the_real_classes(engine: Engine, profile: str) -> None:
    src = picture(60, 40)
    step = call(profile, "edit", instruction="add a nut on the left", target="nut", scope="left", steps=2)
    result = engine.run(step, {"src": src}, ignore)
    assert result.mask is not None
    outside = np.asarray(result.mask) == 0
    assert np.array_equal(np.asarray(result.images[0])[outside], np.asarray(src)[outside])
    assert result.images[0].size == (60, 40)


def test_an_exact_tool_loads_no_model(profile: str) -> None:
    flipped = Engine(profile).run(call(profile, "transform", op="flip"), {"src": picture()}, ignore)
    assert flipped.images[0].size == (64, 64)


class Nothing(BaseModel):
    """No arguments."""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ZeroDivisionError("by\nzero"), r"^odd failed \(ZeroDivisionError: by zero\); nothing was changed, try"),
        (RuntimeError(), r"^odd failed \(RuntimeError\); nothing was changed"),
        (MemoryError(), r"^odd ran out of memory; make the picture smaller"),
    ],
)
def test_what_a_library_raises_ends_the_call_in_one_sentence_that_names_the_tool(
    monkeypatch: pytest.MonkeyPatch, profile: str, error: Exception, sentence: str
) -> None:
    def fail(_arguments: Nothing, _run: Run) -> ToolResult:
        raise error

    monkeypatch.setitem(TOOLS, "odd", Tool("odd", Nothing, fail, version="1"))
    with pytest.raises(ToolError, match=sentence) as raised:
        Engine(profile).run(ToolCall("odd", "1", "", {}, 0), {"src": picture()}, ignore)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_what_stops_a_call_comes_through(
    monkeypatch: pytest.MonkeyPatch, profile: str, stop: type[BaseException]
) -> None:
    def fail(_arguments: Nothing, _run: Run) -> ToolResult:
        raise stop

    monkeypatch.setitem(TOOLS, "odd", Tool("odd", Nothing, fail, version="1"))
    with pytest.raises(stop):
        Engine(profile).run(ToolCall("odd", "1", "", {}, 0), {"src": picture()}, ignore)


@pytest.mark.parametrize("inputs", [{}, {"mask": Image.new("L", (4, 4))}])
def test_a_missing_picture_is_said_in_one_sentence(
    engine: Engine, profile: str, inputs: dict[str, Image.Image]
) -> None:
    step = call(profile, "edit", instruction="make the nut red", target="nut")
    with pytest.raises(ToolError, match=r"^There is no picture yet to edit; describe one first\.$"):
        engine.run(step, inputs, ignore)


def test_things_are_known_by_the_profile_with_their_colors(profile: str) -> None:
    models = LoadedModels(load_profile(profile))
    assert models.known_things("A red squirrel eating a nut, and a green fox.") == ["red squirrel", "nut"]
    assert models.known_things("a storm") == []
    assert models.known_things("") == models.known_things("森林里的松鼠") == models.known_things("42!") == []
    assert models.known_things("two red squirrels and a nuts") == ["red squirrel", "nut"]
    assert models.known_things("a nut and a nut beside a blue nut") == ["nut", "blue nut"]
    assert models.best_size == SIDE


def test_a_word_that_ends_the_name_of_a_thing_is_no_thing_by_itself() -> None:
    models = LoadedModels(load_profile("starter"))
    assert models.known_things("a green palm tree beside a tree") == ["green palm", "tree"]
    assert models.known_things("a palm, and a red top hat") == ["palm", "hat"]
    assert [one.noun for one in wanted_in("two palm trees and a tree", models)] == ["palm", "tree"]
    assert models.known_things("three mice and a cactus") == ["mouse", "cactus"]


def test_words_that_the_shipped_models_never_learned_are_known(profile: str) -> None:
    models = LoadedModels(load_profile("starter"))
    assert models.unknown("Two foxes and a capybara under a palm tree, please, a CAPYBARA!") == ["capybara"]
    assert (
        models.unknown("a fox they've seen, we'll see it, and isn't red, two pencil-drawings of it in a picture-book")
        == []
    )
    assert models.unknown("an ox with a pencil, as a pencil drawing") == ["ox", "pencil"]
    assert LoadedModels(load_profile(profile)).unknown("a capybara") == []


@pytest.mark.slow
def test_what_training_says_of_pictures_is_known() -> None:
    models, rng = LoadedModels(load_profile("starter")), random.Random("said")
    edits = [random_edit(rng) for _ in range(2000)]
    said = " ".join(f"{edit.instruction} {caption(edit.after, rng)}" for edit in edits)
    assert models.unknown(said) == []


def test_the_shipped_models_know_all_things_of_their_world_the_usual_words_first() -> None:
    things = load_profile("starter").file.vocabulary.things
    assert things[: len(KINDS)] == tuple(nouns[0] for nouns in KINDS.values())
    assert sorted(things) == sorted(noun for nouns in KINDS.values() for noun in nouns)


def test_new_pictures_have_the_shapes_that_the_profile_names(profile: str, tmp_path: Path) -> None:
    text = Path(profile).read_text().replace("size = 16", "size = 16, wide = [24, 16]")
    other = Path(profile).with_name("wide.toml")
    other.write_text(text)
    drawn = Engine(str(other)).run(call(str(other), "generate", prompt="a storm", steps=1, ratio="wide"), {}, ignore)
    assert drawn.images[0].size == (24, 16)
    tall = call(str(other), "generate", prompt="a storm", steps=1, ratio="tall")
    square = Engine(str(other)).run(tall, {}, ignore)
    assert square.images[0].size == (16, 16)
    assert "draws no tall pictures, so this is a square; crop it." in square.note


def test_a_picture_is_enlarged_by_the_profile_s_model_and_told_apart_from_the_filter(
    profile: str, tmp_path: Path
) -> None:
    make_upscaler(Path(profile).parent / "upscale")
    other = Path(profile).with_name("large.toml")
    other.write_text(Path(profile).read_text() + 'upscale = { path = "upscale", steps = 2, tile = 32 }\n')
    src, step = picture(40, 30), call(str(other), "upscale", factor=2)
    learned, filtered = (Engine(one).run(step, {"src": src}, ignore) for one in (str(other), profile))
    assert learned.images[0].size == filtered.images[0].size == (80, 60)
    assert learned.images[0] != filtered.images[0]
    assert ("a filter did it" in filtered.note, "a filter" in learned.note) == (True, False)
    assert "torch" in learned.environment
    assert "torch" not in filtered.environment
    fingerprints = [load_profile(one).fingerprint(TOOLS["upscale"]) for one in (str(other), profile)]
    assert len(fingerprints[0]) == 64
    assert fingerprints[1] == ""


def test_a_picture_is_described_by_the_model_of_its_profile_or_that_there_is_none_is_said(profile: str) -> None:
    make_describer(Path(profile).parent / "describe")
    other = Path(profile).with_name("speaking.toml")
    other.write_text(Path(profile).read_text() + 'describe = { path = "describe" }\n')
    step = call(profile, "describe", known="“a nut”")
    spoken, silent = (Engine(one).run(step, {"src": picture(40, 30)}, ignore) for one in (str(other), profile))
    assert spoken.images == silent.images == ()
    assert (spoken.measures["described"], silent.measures["described"]) == (True, False)
    assert spoken.note.startswith("I see ")
    assert silent.note.startswith("This profile has no model that describes pictures.")
    assert spoken.note.endswith("It was made so: “a nut”.")
    fingerprints = {load_profile(one).fingerprint(TOOLS["describe"]) for one in (str(other), profile)}
    assert len(fingerprints) == 2


def test_agreement_is_measured_by_the_model_of_a_profile_that_has_one_and_its_calls_are_others(profile: str) -> None:
    make_scorer(Path(profile).parent / "scorer")
    other = Path(profile).with_name("scoring.toml")
    other.write_text(Path(profile).read_text() + 'scorer = { path = "scorer" }\n')
    step = call(profile, "generate", prompt="a nut")
    scored, plain = (Engine(one).run(step, {}, ignore) for one in (str(other), profile))
    assert -1 <= float(scored.measures["agreement"]) <= 1
    assert "agreement" not in plain.measures
    for tool, more in (("generate", 2), ("edit", 2), ("recolor", 1)):
        assert len({load_profile(one).fingerprint(TOOLS[tool]) for one in (str(other), profile)}) == more


@pytest.mark.parametrize(("tool", "more"), [("outpaint", {"sides": "left"}), ("variations", {})])
def test_what_the_one_model_can_not_do_it_does_another_way_through_the_real_class(
    engine: Engine, profile: str, tool: str, more: dict[str, str]
) -> None:
    src, step = picture(40, 30), call(profile, tool, 3, steps=1, **more)
    first, again = (engine.run(step, {"src": src}, ignore) for _ in range(2))
    assert np.array_equal(np.asarray(first.images[0]), np.asarray(again.images[0]))
    assert first.images[0].size == ((50, 30) if tool == "outpaint" else (40, 30))
    assert ("the one that edits continued the picture" in first.note) is (tool == "outpaint")


def test_an_engine_without_its_models_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TOML.format(side=SIDE))
    with pytest.raises(ToolError, match=r"^The image model of profile tiny is missing"):
        load_engine(str(tmp_path / "tiny.toml"))
