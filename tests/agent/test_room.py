"""A graphics card that the picture model and the language model share: the pictures come first."""

import threading
from importlib import import_module
from pathlib import Path

import pytest

from pentimento.agent.bootstrap import OFF_CARD, Tools
from pentimento.agent.child import Child
from pentimento.agent.llm import LlamaCpp, load_planner
from pentimento.tools.engine import Engine
from pentimento.tools.types import NeedsRoom, Progress, ToolCall, ToolResult
from tests.agent.children import PROGRAMS, Make, gone

MODULE, NAME = OFF_CARD.split(":")
DRAW = ToolCall("generate", "1", "", {"prompt": "a fox"}, 3)


@pytest.fixture
def language(make: Make) -> Child:
    """A process that stands for the language model's."""
    child = make("Worker", "hello")
    child.call("pid")
    return child


def draw(tools: Tools, seen: list[Progress]) -> ToolResult:
    return tools(DRAW, {}, seen.append, threading.Event())


@pytest.mark.slow
def test_the_language_model_leaves_the_card_when_a_picture_needs_the_room_and_that_is_told(
    make: Make, language: Child
) -> None:
    pid, seen = language.pid, list[Progress]()
    tools = Tools(make("Crowded"), Engine("starter"), language)
    assert draw(tools, seen).note == "generate alone"
    assert [progress.stage for progress in seen] == ["out of memory; the language model moves to the processor"]
    assert pid is not None
    assert gone(pid)
    seen.clear()
    assert draw(tools, seen).note == "generate alone"
    assert seen == []


@pytest.mark.slow
def test_it_stays_where_pictures_have_room_and_where_it_is_not_on_the_card(make: Make, language: Child) -> None:
    pid = language.pid
    assert draw(Tools(make("Crowded"), Engine("starter")), []).note == "generate alone"
    assert language.pid == pid


@pytest.mark.slow
def test_a_card_that_is_full_even_then_is_one_sentence(make: Make, language: Child) -> None:
    with pytest.raises(NeedsRoom, match=r"^The card is full; close other programs\.$"):
        draw(Tools(make("Full"), Engine("starter"), language), [])


@pytest.mark.slow
def test_a_process_is_made_again_by_another_factory(language: Child) -> None:
    pid = language.pid
    language.remake(f"{PROGRAMS}:Worker")
    assert language.call("greet", "Ada") == "hello Ada"
    assert language.pid != pid


@pytest.mark.parametrize(("card", "layers"), [(True, -1), (False, 0)])
def test_the_profile_says_how_much_of_the_language_model_lies_on_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: bool, layers: int
) -> None:
    given: list[int] = []

    def load_nothing(_self: LlamaCpp, _path: str, _context: int, gpu_layers: int, mmproj: str) -> None:
        given.append(gpu_layers)

    monkeypatch.setattr(LlamaCpp, "__init__", load_nothing)
    (tmp_path / "planner.gguf").write_bytes(b"GGUF")
    (tmp_path / "tiny.toml").write_text(
        """
        name = "tiny"
        image = { family = "sd", path = "image", size = 16 }
        segment = { path = "segment" }
        planner = { path = "planner.gguf", context = 64, max_tokens = 64, system = false, gpu_layers = -1 }
        """
    )
    load = load_planner if card else getattr(import_module(MODULE), NAME)
    load(str(tmp_path / "tiny.toml"), tmp_path)
    assert given == [layers]
