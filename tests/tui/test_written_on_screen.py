"""Steps that are written out on the screen: with a language model and without, completed, explained, looked at afterwards."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.loop import Conversation
from pentimento.memory.store import Store
from pentimento.tui.app import WRITE, PentimentoApp
from pentimento.tui.messages import NotAnswered
from pentimento.tui.terminal import half_cells
from pentimento.tui.widgets.turns import Beside, TurnBlock, turn_content
from tests.agent.test_bootstrap import TOML
from tests.fakes_agent import DRAW, Desk, ScriptedLLM, ToolsHere, tiny_profile
from tests.tui.hostile_texts import FORBIDDEN

pytestmark = [
    pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning"),
    pytest.mark.timeout(300),
]


@asynccontextmanager
async def screen(
    opened: Callable[[], Conversation], *, plans: bool = True
) -> AsyncIterator[tuple[PentimentoApp, Pilot[None]]]:
    app = PentimentoApp(opened, half_cells(), plans=plans)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.turn_log.border_subtitle)
        yield app, pilot
    app.close()


async def until(met: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def enter(pilot: Pilot[None], message: str) -> None:
    pilot.app.query_one("#message", Input).value = message
    await pilot.press("enter")


def told(app: PentimentoApp) -> list[str]:
    return [str(one.content) for one in app.query(Beside)]


def hinted(app: PentimentoApp, words: str) -> bool:
    return words in app.status.hint


def turns(app: PentimentoApp) -> list[str]:
    return [turn_content(block.view).plain for block in app.query(TurnBlock) if block.view.result]


@pytest.fixture
def desk(tmp_path: Path) -> Callable[[], Conversation]:
    (tmp_path / "profile").mkdir()
    llm = ScriptedLLM([DRAW])
    return lambda: Desk(Store(tmp_path / "home"), llm, ToolsHere(), tiny_profile(tmp_path / "profile")).conversation()


async def test_a_help_and_the_ledger_of_any_turn_stand_beside_the_turns(desk: Callable[[], Conversation]) -> None:
    async with screen(desk) as (app, pilot):
        await enter(pilot, "/help adjust")
        await until(lambda: told(app))
        assert told(app)[0].startswith("/adjust         Change light and colour\n")
        await enter(pilot, "a squirrel\x1b[2J")
        await until(lambda: len(turns(app)) == 1)
        await enter(pilot, "/checkout ref=n9")
        await until(lambda: len(turns(app)) == 2)
        await enter(pilot, "/show")
        await until(lambda: len(told(app)) == 2)
        await enter(pilot, "/show turn=last")
        await until(lambda: len(told(app)) == 3)
        assert not FORBIDDEN.intersection("".join(told(app)))
        drawn, failed = told(app)[1:]
        assert (len(turns(app)), app.words.value) == (2, "")
    for line in (
        "in turn       1, done",
        "you said      a squirrel",
        "plan          1. /generate",
        "encoder got   a squirrel",
        "verdict ",
    ):
        assert line in drawn
    assert failed.startswith("in turn       2, failed\nyou said      /checkout ref=n9")


async def test_what_can_not_be_explained_or_shown_stays_in_the_input(desk: Callable[[], Conversation]) -> None:
    async with screen(desk) as (app, pilot):
        for message, hint in (
            ("/help fly", "There is no /fly"),
            ("/show turn=3", "There is no turn yet"),
            ("/show turn=x", "“x” is no turn"),
        ):
            await enter(pilot, message)
            await until(partial(hinted, app, hint))
            assert app.words.value == message
        assert (told(app), turns(app)) == ([], [])


async def test_what_was_typed_in_the_meantime_is_not_overwritten(desk: Callable[[], Conversation]) -> None:
    async with screen(desk) as (app, _):
        app.words.value = "a fox"
        app.post_message(NotAnswered("/help fly", "There is no /fly."))
        await until(partial(hinted, app, "There is no /fly"))
        assert app.words.value == "a fox"


async def test_words_to_be_planned_may_have_an_apostrophe(desk: Callable[[], Conversation]) -> None:
    async with screen(desk) as (app, pilot):
        await enter(pilot, "/plan draw the fox's hat")
        await until(lambda: app.words.value)
        assert app.words.value.startswith("/generate ")


async def test_a_help_keeps_its_columns_when_the_scrollbar_appears(desk: Callable[[], Conversation]) -> None:
    async with screen(desk) as (app, pilot):
        assert not app.turn_log.show_vertical_scrollbar
        await enter(pilot, "/help")
        await until(lambda: app.turn_log.show_vertical_scrollbar)
        (block,) = app.query(Beside)
        await until(lambda: block.size.height)
        assert block.size.height == str(block.content).count("\n") + 1


async def test_the_arrow_takes_what_is_offered(desk: Callable[[], Conversation]) -> None:
    async with screen(desk) as (app, pilot):
        await pilot.press(*"/adj")
        await until(lambda: app.words._suggestion == "/adjust")
        await pilot.press("right", "space", *"gr")
        await until(lambda: app.words._suggestion == "/adjust grayscale")
        await pilot.press("right")
        assert app.words.value == "/adjust grayscale"


async def test_without_a_language_model_the_screen_asks_for_steps_and_runs_them(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TOML)
    home, profile = tmp_path / "home", str(tmp_path / "tiny.toml")

    def opened() -> Conversation:
        conversation = open_conversation(home, None, profile, plans=False)
        conversation.warm_up = lambda: None
        return conversation

    async with screen(opened, plans=False) as (app, pilot):
        assert app.words.placeholder == WRITE
        assert "Write what you would like to see." in str(app.turn_log._welcome.content)
        await enter(pilot, "make it red")
        await until(lambda: len(turns(app)) == 1)
        await enter(pilot, "/plan make it red")
        await until(lambda: "No language model" in app.status.hint)
        await enter(pilot, "/undo")
        await until(lambda: len(turns(app)) == 2)
        words, undo = turns(app)
    assert "write out a step, such as /adjust brightness=20 or /undo; /help lists them." in words
    assert "There is nothing left to undo." in undo
    assert not (home / "language.log").exists()
