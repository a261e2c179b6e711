"""A question of the language model, answered on the screen and in the shell."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from pentimento.agent.loop import Conversation
from pentimento.memory.store import Store
from pentimento.tools.choosing import IN_USE
from pentimento.tui import commands
from pentimento.tui.app import ANSWER, SAY, PentimentoApp
from pentimento.tui.terminal import half_cells
from pentimento.tui.widgets.turns import TurnBlock, turn_content
from tests.agent import loopback_llm as server
from tests.agent.loopback_llm import serving
from tests.fakes_agent import Desk, ScriptedLLM, ToolsHere, plan, tiny_profile

ASK = plan({"tool": "ask", "question": "Which fox?", "options": ["the red one", "the white one"]}, reply="Which fox?")
PROFILE = """
name = "served"
image = { family = "sd", path = "image", size = 16 }
segment = { path = "segment" }
planner = { url = "URL" }
"""
pytestmark = pytest.mark.timeout(300)


def opened(home: Path, llm: ScriptedLLM) -> Callable[[], Conversation]:
    """The store belongs to the thread that opens it."""
    home.mkdir()
    return lambda: Desk(Store(home / "data"), llm, ToolsHere(), tiny_profile(home)).conversation()


async def until(met: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def test_a_number_answers_a_question_on_the_screen(tmp_path: Path) -> None:
    llm = ScriptedLLM([ASK, plan(reply="As you like.")])
    app = PentimentoApp(opened(tmp_path / "home", llm), half_cells())
    async with app.run_test(size=(100, 32)) as pilot:
        field = app.query_one("#message", Input)
        assert field.placeholder == SAY
        await pilot.press(*"bigger", "enter")
        await until(lambda: field.placeholder == ANSWER)
        assert shown(app)[-1].startswith("› bigger\nWhich fox?\n  1. the red one\n  2. the white one\n")
        await pilot.press("2", "enter")
        await until(lambda: field.placeholder == SAY)
        assert shown(app)[-1].startswith("› the white one\nAs you like.")
    app.close()
    assert str(llm.asked[-1][-1]["content"]).endswith("said: the white one")


def shown(app: PentimentoApp) -> list[str]:
    return [turn_content(block.view).plain for block in app.query(TurnBlock)]


@pytest.mark.slow
def test_a_number_answers_a_question_in_the_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    with serving(server.says(ASK), server.says(plan(reply="As you like."))) as llm:
        (models / "served.toml").write_text(PROFILE.replace("URL", llm.url))
        (models / IN_USE).write_text("served")
        assert commands.run(["say", "bigger"], tmp_path / "home") == 0
        assert capsys.readouterr().out.startswith("Which fox?\n  1. the red one\n  2. the white one\nasked ·")
        assert commands.run(["say", "2"], tmp_path / "home") == 0
        assert capsys.readouterr().out.startswith("As you like.\n")
    assert llm.asked[1]["messages"][-1]["content"].endswith("said: the white one")
