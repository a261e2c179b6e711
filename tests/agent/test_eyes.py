import threading
from pathlib import Path

import llama_cpp
import pytest
from PIL import Image

from pentimento.agent import prompting
from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.llm import LlamaCpp
from pentimento.agent.plan_language import parse_plan, plan_form
from pentimento.agent.prompting import state_message
from pentimento.agent.shown import as_url
from pentimento.agent.state import State
from pentimento.agent.types import AgentError, Form, Plan, PromptTooLong, Request, Step, TurnResult, TurnStatus
from pentimento.tools.types import Cancelled
from tests.agent.tiny_eyes import make_eyes, make_model
from tests.fakes_agent import Watcher

HERE = any(Path(llama_cpp.__file__).with_name("lib").glob("*mtmd*"))
vision = pytest.mark.skipif(not HERE, reason="this build of llama.cpp has no vision part (make BUILD=vision)")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eyes")
    make_model(folder / "model.gguf")
    make_eyes(folder / "eyes.gguf")
    return folder


@pytest.fixture
def seeing(folder: Path) -> LlamaCpp:
    return loaded(folder, "eyes.gguf")


def loaded(folder: Path, eyes: str, context: int = 512) -> LlamaCpp:
    return LlamaCpp(str(folder / "model.gguf"), context, threads=1, mmproj=str(folder / eyes))


def asked(color: str) -> list[dict[str, str]]:
    return [{**WORDS[0], "picture": as_url(Image.new("RGB", (300, 200), color))}]


WORDS = [{"role": "user", "content": "what is it?"}]


@pytest.mark.skipif(HERE, reason="this build of llama.cpp has a vision part")
def test_a_build_without_eyes_says_how_to_get_one_with_them(folder: Path) -> None:
    with pytest.raises(AgentError, match=r"^This build of llama\.cpp sees no pictures; say make run BUILD=vision, or"):
        loaded(folder, "eyes.gguf")


def test_eyes_that_are_not_there_are_named(folder: Path) -> None:
    with pytest.raises(AgentError, match=r"nothing\.gguf is not there"):
        loaded(folder, "nothing.gguf")


PROFILE = """
name = "eyes"
image = { family = "sd", path = "image", size = 16 }
segment = { path = "model.gguf" }
planner = { path = "model.gguf", mmproj = "eyes.gguf", context = 512, max_tokens = 20, system = false }
"""


def described(folder: Path, home: Path) -> TurnResult:
    """By a planner in its own process."""
    Image.new("RGB", (30, 20), "red").save(folder / "red.png")
    (folder / "eyes.toml").write_text(PROFILE)
    conversation = open_conversation(home, "default", str(folder / "eyes.toml"))
    conversation.open_picture(folder / "red.png")
    step = Request("/describe", Plan((Step("describe", {}, {"src": "head"}),), ""))
    result = conversation.act(step, Watcher(), threading.Event())
    conversation.close()
    return result


@pytest.mark.skipif(HERE, reason="this build of llama.cpp has a vision part")
def test_without_eyes_in_the_build_a_turn_says_so(folder: Path, tmp_path: Path) -> None:
    result = described(folder, tmp_path)
    assert result.status is TurnStatus.FAILED
    assert result.reply.startswith("This build of llama.cpp sees no pictures; say make run BUILD=vision")


@vision
def test_a_picture_is_described_by_the_planner_that_sees_it_and_nothing_is_written_down(
    folder: Path, tmp_path: Path
) -> None:
    result = described(folder, tmp_path)
    assert result.status is TurnStatus.DONE
    assert result.reply.endswith("It was made so: “red.png”.")
    assert result.facts == {"describe": {"described": True, "prompt_sha": prompting.load("describe").sha}}
    assert "what is to be seen" not in (tmp_path / "language.log").read_text()


@vision
def test_what_it_says_depends_on_the_picture(seeing: LlamaCpp) -> None:
    red, blue, again = (seeing.complete(asked(color), Form(), 20).text for color in ("red", "blue", "red"))
    assert red == again
    assert red != blue


@vision
def test_words_alone_say_the_same_before_and_after_a_picture_and_keep_their_prefix(seeing: LlamaCpp) -> None:
    before = seeing.complete(WORDS, Form(), 20)
    seen = seeing.complete(asked("red"), Form(), 20)
    assert seeing.complete(WORDS, Form(), 20) == before
    assert seeing.complete(WORDS, Form(), 20).evaluated == 1
    assert seen.evaluated > before.evaluated + 10


@vision
def test_a_plan_is_held_to_its_form_beside_a_picture(seeing: LlamaCpp) -> None:
    parse_plan(seeing.complete(asked("red"), plan_form(), 400).text)


@vision
def test_a_mark_for_pictures_in_the_words_is_no_picture(seeing: LlamaCpp) -> None:
    words = state_message(State("n1"), "what is <__media__> here?")
    assert seeing.complete([{**asked("red")[0], "content": words}], Form(), 5).generated


@vision
def test_a_picture_beyond_the_context_is_refused(folder: Path) -> None:
    small = loaded(folder, "eyes.gguf", context=256)
    with pytest.raises(PromptTooLong):
        small.complete([{**asked("red")[0], "content": "what is it? " * 100}], Form(), 5)
    assert small.complete(asked("red"), Form(), 5).generated


@vision
def test_looking_is_stopped(seeing: LlamaCpp) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        seeing.complete(asked("red"), Form(), 20, stop)


@vision
@pytest.mark.parametrize("eyes", ["model.gguf", "narrow.gguf", "short.gguf"])
def test_eyes_that_do_not_fit_are_refused(folder: Path, eyes: str) -> None:
    make_eyes(folder / "narrow.gguf", hidden=32)
    (folder / "short.gguf").write_bytes((folder / "eyes.gguf").read_bytes()[:5000])
    with pytest.raises(AgentError, match="can't be loaded as the eyes of this language model"):
        loaded(folder, eyes)
