import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import pytest
from PIL import Image
from pydantic import BaseModel

from pentimento.agent.bootstrap import DEFAULT_SESSION, open_conversation
from pentimento.agent.loop import Conversation
from pentimento.agent.types import AgentError, Plan, Request, Step, StoreError, TurnStatus
from pentimento.tools import TOOLS
from pentimento.tools.types import Run, ToolResult
from tests.fakes_agent import Watcher

TOML = """
name = "tiny"
image = { family = "sd", path = "image", size = 16 }
segment = { path = "segment" }
planner = { path = "planner.gguf", context = 64, max_tokens = 64, system = false }
"""
Open = Callable[..., Conversation]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Open]:
    """Opens the home's conversation with a profile that has no models, and closes it when the test is over."""
    (tmp_path / "tiny.toml").write_text(TOML)
    opened: list[Conversation] = []

    def conversation(session: str | None = None) -> Conversation:
        opened.append(open_conversation(tmp_path / "home", session, str(tmp_path / "tiny.toml")))
        return opened[-1]

    yield conversation
    for one in opened:
        one.close()


def test_the_session_used_last_is_opened_again(reopen: Open) -> None:
    assert reopen().name == DEFAULT_SESSION
    assert reopen("holiday").name == "holiday"
    assert reopen().name == "holiday"
    assert reopen("default").name == "default"


def test_an_unknown_profile_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"^There is no profile oil; there are: .*starter.*\.$"):
        open_conversation(tmp_path / "home", None, "oil")
    assert not (tmp_path / "home").exists()


def test_a_session_without_a_name_is_refused(reopen: Open) -> None:
    with pytest.raises(StoreError, match="A session needs a name"):
        reopen(" ")


def test_without_a_language_model_words_say_how_to_go_on(reopen: Open, tmp_path: Path) -> None:
    conversation = open_conversation(tmp_path / "home", None, str(tmp_path / "tiny.toml"), plans=False)
    Image.new("RGB", (30, 20), "red").save(tmp_path / "red.png")
    conversation.open_picture(tmp_path / "red.png")
    spoken = conversation.act(Request("flip it"), Watcher(), threading.Event())
    assert (spoken.status, spoken.reply.startswith("No language model was loaded")) == (TurnStatus.FAILED, True)
    flip = Request("/transform op=flip", Plan((Step("transform", {"op": "flip"}, {}),), ""))
    assert conversation.act(flip, Watcher(), threading.Event()).status is TurnStatus.DONE
    conversation.close()
    assert not (tmp_path / "home" / "language.log").exists()


@pytest.mark.slow
def test_without_a_language_model_its_process_is_not_started(reopen: Open, tmp_path: Path) -> None:
    conversation = open_conversation(tmp_path / "home", None, str(tmp_path / "tiny.toml"), plans=False)
    conversation.warm_up()
    assert [child.name for child in active_children()] == ["pentimento-picture"]
    conversation.close()


@pytest.mark.slow
def test_missing_models_cost_their_turns_and_nothing_else(reopen: Open, tmp_path: Path) -> None:
    conversation = reopen()
    conversation.warm_up()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "red.png")
    conversation.open_picture(tmp_path / "red.png")
    spoken = conversation.act(Request("flip it"), Watcher(), threading.Event())
    assert spoken.status is TurnStatus.FAILED
    assert spoken.reply.startswith("The planner model of profile tiny is missing")
    drawn = Request("draw", Plan((Step("generate", {"prompt": "a fox"}, {}),), ""))
    assert conversation.act(drawn, Watcher(), threading.Event()).reply.startswith("The image model of profile tiny is")
    head = conversation.head()
    assert head is not None
    assert head.node.label == "red.png"
    assert [turn.status for turn in conversation.turns()] == [TurnStatus.FAILED] * 2


@pytest.mark.parametrize(
    "step",
    [
        Step("adjust", {"brightness": 20}, {}),
        Step("transform", {"op": "flip"}, {}),
    ],
)
def test_an_exact_tool_that_is_stopped_stores_nothing(
    reopen: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    conversation, cancel = reopen(), threading.Event()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "red.png")
    conversation.open_picture(tmp_path / "red.png")
    tool = TOOLS[step.tool]

    def stopped_within(args: BaseModel, run: Run) -> ToolResult:
        cancel.set()
        return tool.fn(args, run)

    monkeypatch.setitem(TOOLS, step.tool, replace(tool, fn=stopped_within))
    spoken = conversation.act(Request("do", Plan((step,), "")), Watcher(), cancel)
    assert spoken.status is TurnStatus.CANCELLED
    head = conversation.head()
    assert head is not None
    assert head.node.label == "red.png"
